"""The wheel holds the whole program and nothing else, and works without the sources."""

import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.project.tree import PACKAGES, ROOT, files, name_of, widget_files

DEVELOPMENT = {"package.json", "package-lock.json", "tsconfig.json", ".npmrc"}

# -S leaves out the .pth file of the editable install, which would lend the wheel what it lacks.
PATHS_FIRST = "import sys; sys.path[:0] = sys.argv[1:3]; del sys.argv[1:3]; "


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    hatchling = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    done = run([*hatchling, "--directory", str(folder)], ROOT)
    assert done.returncode == 0, done.stderr
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def unpacked(wheel: Path) -> Path:
    folder = wheel.parent / "unpacked"
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_the_four_packages_and_no_tests(unpacked: Path) -> None:
    held = {
        path.relative_to(unpacked).as_posix()
        for path in unpacked.rglob("*")
        if path.is_file() and ".dist-info" not in path.parent.name and "licenses" not in path.parts
    }
    code = files(under=PACKAGES)
    widget = [path for path in widget_files() if path.name not in DEVELOPMENT]
    assert held == {name_of(path) for path in (*code, *widget)}
    assert "web_widget/widget.js" in held


def run_from(unpacked: Path, program: str, *arguments: str) -> str:
    """Run *program* in an interpreter that finds the wheel and the libraries, but no sources."""
    libraries = sysconfig.get_path("purelib")
    start = [sys.executable, "-I", "-S", "-c", PATHS_FIRST + program]
    done = run([*start, str(unpacked), libraries, *arguments], unpacked)
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
