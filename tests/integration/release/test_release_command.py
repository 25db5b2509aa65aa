"""`.ci/release`: what it refuses, and what it does with a tag."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RUN = """\
#!/bin/sh
printf '%s %s\\n' "$1" "$SOURCE_DATE_EPOCH" >> "$CALLS"
[ "$1" = build ] || exit 0
mkdir -p "$2"
printf '%s  file\\n' "${DIFFERS:+$2}" > "$2/SHA256SUMS"
"""


class Repository:
    """A repository with what `.ci/release` reads, and a `./run` that only notes its calls."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder / "repository", folder / "calls"
        (self.folder / ".ci").mkdir(parents=True)
        shutil.copy(ROOT / ".ci/release", self.folder / ".ci")
        self.write("run", RUN)
        (self.folder / "run").chmod(0o755)
        self.write("pyproject.toml", '[project]\nversion = "0.2.0"\n')
        self.write("CHANGELOG.md", "## 0.2.0 - 2027-01-31\n")
        self.git("init", "-q")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def git(self, *words: str) -> None:
        own = ["-c", "user.name=Sam", "-c", "user.email=sam@example.org"]
        subprocess.run(["git", *own, *words], cwd=self.folder, env=self.environment(), check=True)

    def tag(self, name: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", "release: 0.2.0", "--date", "1700000000 +0000")
        self.git("tag", name)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        date = {"GIT_COMMITTER_DATE": "1700000000 +0000"}
        return {**kept, **date, "CALLS": str(self.calls), **more}

    def release(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / ".ci/release", *words],
            env=self.environment(**more), capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_tag_is_built_twice_at_its_time_and_installed(
    repository: Repository, tmp_path: Path
) -> None:
    repository.tag("v0.2.0")
    done = repository.release("v0.2.0", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert repository.calls.read_text().splitlines() == [
        "build 1700000000",
        "build 1700000000",
        "installation 1700000000",
    ]


def test_a_build_that_differs_is_no_release(repository: Repository, tmp_path: Path) -> None:
    repository.tag("v0.2.0")
    done = repository.release("v0.2.0", str(tmp_path / "out"), DIFFERS="yes")
    assert done.returncode == 1
    assert "other bytes" in done.stderr
    assert "installation" not in repository.calls.read_text()


@pytest.mark.parametrize(
    ("changes", "tag", "said"),
    [
        ("## 0.2.0 - 2027-01-31\n", "v0.3.0", "pyproject.toml has the version 0.2.0"),
        ("## 0.2.0 (unreleased)\n", "v0.2.0", "CHANGELOG.md has no line"),
        ("## 0.2.0 - 2027-01-31\n", "", "there is no tag v0.2.0."),
    ],
)
def test_what_is_no_release_is_not_built(
    repository: Repository, tmp_path: Path, changes: str, tag: str, said: str
) -> None:
    repository.write("CHANGELOG.md", changes)
    repository.tag(tag or "other")
    done = repository.release(tag or "v0.2.0", str(tmp_path / "out"))
    assert done.returncode == 1
    assert said in done.stderr
    assert not repository.calls.exists()
