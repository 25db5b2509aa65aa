"""`python -m tests.fuzz`: searches for bytes that break the wire, the session or the protocol."""

import argparse
import sys
from pathlib import Path

from tests.fuzz.search import FOLDER, TARGETS, NoFuzzer, Searched, search


def main() -> int:
    """Search each target, print a line of counts for it, and return 1 if one broke."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    options.add_argument("--target", choices=TARGETS, help="one of them; all, if left out")
    options.add_argument("--folder", type=Path, default=FOLDER, help="for inputs (.run/fuzz)")
    given = options.parse_args()
    broken = False
    for target in (given.target,) if given.target else TARGETS:
        try:
            found = search(target, given.seconds, given.folder)
        except NoFuzzer as missing:
            print(missing, file=sys.stderr)
            return 2
        if found.crashes:
            print(found.output, file=sys.stderr)
            broken = True
        print(_line(found), flush=True)
    return int(broken)


def _line(found: Searched) -> str:
    kept = f": {', '.join(map(str, found.crashes))}" if found.crashes else ""
    return (
        f"{found.target:<8}  {found.executions:>9} executions  {found.seconds:>5} s  "
        f"{found.edges:>5} edges  {len(found.crashes)} crashes{kept}"
    )


if __name__ == "__main__":
    sys.exit(main())
