"""The wheel and the sdist hold the whole program and nothing else, are built alike everywhere, and
work without the sources.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from hatch_build import runtime_pins
from tests.project.tree import PACKAGES, ROOT, files, name_of, widget_files

DEVELOPMENT = {"package.json", "package-lock.json", "tsconfig.json", ".npmrc"}
GENERATORS = {"cli/docs_pages.py", "relay/settings/reference.py"}
BUILT_FROM = (".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "hatch_build.py")
PINNED = ("pyproject.toml", "requirements.lock")

# -S leaves out the .pth file of the editable install, which would lend the wheel what it lacks.
PATHS_FIRST = "import sys; sys.path[:0] = sys.argv[1:3]; del sys.argv[1:3]; "


def build(folder: Path, *targets: str, into: Path, umask: int = 0o022) -> None:
    """Build *targets* from the sources in *folder* as a release does, without a git repository."""
    hatchling = [sys.executable, "-m", "hatchling", "build", "--directory", str(into)]
    chosen = [word for target in targets for word in ("--target", target)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    done = subprocess.run(
        [*hatchling, *chosen],
        cwd=folder, env=environment, umask=umask, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def copy_sources(target: Path, *, backwards: bool) -> None:
    """Copy what a checkout has, and what its tools leave there, in one order or the other."""
    names = sorted([*PACKAGES, "web_widget", *BUILT_FROM, *PINNED, "tests", "docs"])
    target.mkdir()
    for name in reversed(names) if backwards else names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("node_modules"))
        else:
            shutil.copy2(source, target / name)
    if backwards:
        (target / "relay/left.pyc").write_bytes(b"compiled")
        (target / "helpdesk.db").write_bytes(b"a desk")
        for path in target.rglob("*.py"):
            path.chmod(0o600)
            os.utime(path, (1, 1))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    copy_sources(folder / "sources", backwards=False)
    build(folder / "sources", "wheel", "sdist", into=folder)
    return folder


@pytest.fixture(scope="module")
def unpacked(built: Path) -> Path:
    [wheel] = built.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(built / "unpacked")
    return built / "unpacked"


def runs() -> set[str]:
    """Return the names of the files that run."""
    widget = [path for path in widget_files() if path.name not in DEVELOPMENT]
    return {name_of(path) for path in (*files(under=PACKAGES), *widget)} - GENERATORS


def test_the_wheel_holds_what_runs_and_its_licence(unpacked: Path) -> None:
    held = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    [information] = {name.partition("/")[0] for name in held if ".dist-info/" in name}
    assert {name for name in held if not name.startswith(information)} == runs()
    assert "web_widget/widget.js" in held
    assert f"{information}/licenses/LICENSE" in held


def test_the_sdist_holds_what_runs_and_what_builds_it(built: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names == runs() | {*BUILT_FROM, *PINNED, "PKG-INFO"}


def test_any_machine_builds_the_same_bytes(built: Path, tmp_path: Path) -> None:
    """Another folder, order, mode, time, umask, and what a checkout has besides its sources."""
    copy_sources(tmp_path / "other", backwards=True)
    build(tmp_path / "other", "wheel", "sdist", into=tmp_path, umask=0o077)
    for path in (*built.glob("*.whl"), *built.glob("*.tar.gz")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_checkout(built: Path, tmp_path: Path) -> None:
    [sdist], [wheel] = built.glob("*.tar.gz"), built.glob("*.whl")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    build(source, "wheel", into=tmp_path)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_extra_locked_pins_what_the_lock_file_pins(unpacked: Path) -> None:
    [metadata] = unpacked.glob("*.dist-info/METADATA")
    fields = Parser().parsestr(metadata.read_text())
    assert fields.get_all("Provides-Extra") == ["locked"]
    extra = [line for line in fields.get_all("Requires-Dist", []) if "extra == 'locked'" in line]
    pinned = {line.partition(";")[0].strip() for line in extra}
    pins = runtime_pins((ROOT / "requirements.lock").read_text())
    assert pinned == {f"{pin.name}=={pin.version}" for pin in pins}
    named = {line.split("=")[0] for line in pinned}
    assert {"websockets", "pydantic-core", "markupsafe"} <= named
    assert not named & {"hatchling", "pluggy"}, "what builds it is not what runs it"
    [windows] = [line for line in extra if line.startswith("colorama")]
    assert "sys_platform == 'win32'" in windows


def run_from(unpacked: Path, program: str, *arguments: str) -> str:
    """Run *program* in an interpreter that finds the wheel and the libraries, but no sources."""
    libraries = sysconfig.get_path("purelib")
    start = [sys.executable, "-I", "-S", "-c", PATHS_FIRST + program]
    done = subprocess.run(
        [*start, str(unpacked), libraries, *arguments],
        cwd=unpacked, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_runs_from_the_wheel_alone(unpacked: Path) -> None:
    program = "sys.argv[0] = 'helpdesk'; from cli.main import run; run()"
    assert "0.1.0" in run_from(unpacked, program, "--version")


def test_every_module_imports_from_the_wheel_alone(unpacked: Path) -> None:
    modules = [
        ".".join(path.relative_to(unpacked).with_suffix("").parts).removesuffix(".__init__")
        for package in PACKAGES
        for path in (unpacked / package).rglob("*.py")
        if "migrations" not in path.parts and path.stem != "__main__"
    ]
    program = "import importlib; [importlib.import_module(name) for name in sys.argv[1:]]"
    run_from(unpacked, program, *sorted(modules))
