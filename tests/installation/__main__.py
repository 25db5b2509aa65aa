"""`python -m tests.installation FOLDER`: the packages of a release, installed on fresh systems.

FOLDER is what `./run build` has made. Installs its Debian package in systems that are made for it
from Debian's mirror, chats, upgrades, removes and purges; then installs its wheel with uv, pipx and
pip on each Python that there is, and builds and runs the image of the Dockerfile. Needs root.
Prints a line for each, and exits with 1 if one fails.
"""

import argparse
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.installation import debian, image, tools
from tests.installation.chroot import Chroot, system

PACKAGED = ("bookworm", "trixie")
"""The releases of Debian that the package is for."""
NEWEST = "sid"
"""Has the newest Python, for the wheel alone."""
PARTS = (*PACKAGED, NEWEST, "tools", "image")
Check = tuple[str, Callable[[], None]]


def main() -> int:
    """Run every check; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="./run installation", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--before", type=Path, metavar="DEB", help="the release before")
    parser.add_argument("--only", choices=PARTS, help="a part of it")
    chosen = parser.parse_args()
    results: list[bool] = []
    with TemporaryDirectory(prefix="helpdesk-installation-") as temporary:
        for part in PARTS:
            if chosen.only in {None, part}:
                results += _run(part, chosen.folder.resolve(), chosen.before, Path(temporary))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return int(not all(results))


def _run(part: str, folder: Path, before: Path | None, temporary: Path) -> list[bool]:
    [wheel], [package] = folder.glob("*.whl"), folder.glob("*.deb")
    if part == "tools":
        return [_passes(part, check) for check in _of_tools(wheel, temporary)]
    if part == "image":
        act = image.it_is_built_small_and_runs_with_a_root_that_cannot_be_written
        (temporary / part).mkdir()
        return [_passes(part, ("it is built, small, and runs", partial(act, temporary / part)))]
    with system(part, temporary) as made:
        pip = partial(tools.pip_installs_it, made, temporary, wheel)
        checks: list[Check] = [("pip installs it", pip)]
        if part != NEWEST:
            older = before or debian.as_older(package, temporary / f"older-{part}")
            checks += _of_package(made, older, package)
        return [_passes(part, check) for check in checks]


def _of_package(made: Chroot, older: Path, package: Path) -> Iterator[Check]:
    yield (
        "an environment made by hand is not overwritten",
        partial(debian.an_environment_made_by_hand_is_not_overwritten, made, package),
    )
    yield (
        "a purge leaves nothing where there is no desk",
        partial(debian.a_purge_leaves_nothing_where_there_is_no_desk, made, package),
    )
    yield (
        "it is used, upgraded, removed and purged",
        partial(debian.it_is_used_upgraded_removed_and_purged, made, older, package),
    )


def _of_tools(wheel: Path, temporary: Path) -> Iterator[Check]:
    for python in tools.pythons():
        for name, act in (("uv", tools.uv_installs_it), ("pipx", tools.pipx_installs_it)):
            home = temporary / f"{name}-{python.parents[1].name}"
            home.mkdir()
            yield f"{name} installs it for {python}", partial(act, wheel, python, home)


def _passes(part: str, check: Check) -> bool:
    sentence, act = check
    try:
        act()
    except Exception:  # noqa: BLE001 - the other checks are wanted, too
        traceback.print_exc()
        print(f"FAILED  {part}: {sentence}", flush=True)
        return False
    print(f"ok      {part}: {sentence}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
