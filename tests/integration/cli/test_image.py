"""docs/deploy/Dockerfile, step by step without its base image: what it copies is a program that is
built as it says, starts with its settings, and is found healthy by its check. The whole image is
built and run by tests/installation.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.free_port import free_port
from tests.integration.cli.machine import READY
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
STEPS = (ROOT / "docs/deploy/Dockerfile").read_text().replace("\\\n", "")


def steps(name: str) -> list[str]:
    """Return what stands behind *name* at the beginning of a line, in order."""
    return re.findall(rf"^{name} (.+)$", STEPS, re.MULTILINE)


def copied() -> list[str]:
    """Return what is copied from the folder of the sources."""
    return [name for line in steps("COPY") if "--from" not in line for name in line.split()[:-1]]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ``source``, ``opt/helpdesk`` and ``data`` as the image has them.

    The libraries of the lock are lent by the environment that runs the tests: `./run` has them
    from the same lines of the same lock.
    """
    folder = tmp_path_factory.mktemp("image")
    source, opt = folder / "source", folder / "opt/helpdesk"
    for name in copied():
        if (ROOT / name).is_dir():
            leave = shutil.ignore_patterns("node_modules", "__pycache__")
            shutil.copytree(ROOT / name, source / name, ignore=leave)
        else:
            source.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, source)
    (folder / "data").mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", opt], check=True)
    [site] = opt.glob("lib/*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"))
    (opt / "bin/pip").write_text(f'#!/bin/sh\nexec "{opt}/bin/python" -m pip "$@"\n')
    (opt / "bin/pip").chmod(0o755)
    [install] = [step for step in steps("RUN") if "--no-deps" in step]
    command = install.partition(" && ")[0].replace("/opt/helpdesk", str(opt))
    built = subprocess.run(["sh", "-c", command], cwd=source, capture_output=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


def test_what_is_copied_is_there_and_the_libraries_come_with_their_hashes() -> None:
    assert {"requirements.lock", "relay", "cli"} <= set(copied())
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    assert "pip install --no-cache-dir --require-hashes -r requirements.lock" in STEPS


def test_the_builder_is_sent_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert sent == set(copied())


def test_it_does_not_run_as_root_and_may_write_its_data_alone() -> None:
    [user], [made] = steps("USER"), [step for step in steps("RUN") if "useradd" in step]
    assert re.search(rf"useradd --system --uid [1-9]\d+ --home-dir /data {user} ", made)
    assert made.endswith(f"install -d -o {user} -g {user} -m 0700 /image/data")
    assert STEPS.index("\nUSER ") > max(STEPS.rindex("\nRUN "), STEPS.rindex("\nCOPY "))


def test_it_starts_with_its_own_settings_and_is_healthy_until_it_is_stopped(image: Path) -> None:
    port = free_port()
    [start] = steps("CMD")
    [check] = [json.loads(step.partition(" CMD ")[2]) for step in steps("HEALTHCHECK")]
    settings = dict(re.findall(r"(HELPDESK_\w+)=(\S+)", "\n".join(steps("ENV"))))
    assert settings.keys() == {"HELPDESK_HOST", "HELPDESK_DATABASE"}
    environment = {
        name: value.replace("/data", str(image / "data")) for name, value in settings.items()
    } | {
        "PATH": f"{image}/opt/helpdesk/bin:{os.environ['PATH']}",
        "HOME": str(image / "data"),
        "HELPDESK_PORT": str(port),
    }

    def healthy() -> bool:
        done = subprocess.run(
            check, env=environment, capture_output=True, timeout=PATIENCE, check=False
        )
        return done.returncode == 0

    assert not healthy()
    program = shutil.which(json.loads(start)[0], path=environment["PATH"])
    assert program == f"{image}/opt/helpdesk/bin/helpdesk"
    with subprocess.Popen(
        [program, *json.loads(start)[1:]],
        cwd=image / "data", env=environment, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stderr
            assert any(line.startswith(READY) for line in process.stderr)
            assert healthy()
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
    assert (image / "data/helpdesk.db").exists()
