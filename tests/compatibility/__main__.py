"""`python -m tests.compatibility WHEEL`: an older release beside this one, as its users upgrade.

Runs the program of the older wheel and this checkout's on the same files and against each other:
an older database, an older export, an older console, an older command and an older widget, all with
the new relay. Prints a line for each and exits with 1 if one fails. Run it before a release.
"""

import argparse
import asyncio
import sys
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.compatibility import console, database, widget
from tests.compatibility.release import Release

Check = Callable[[Release, Path], Coroutine[None, None, None]]
CHECKS: tuple[Check, ...] = (
    database.an_older_database_is_opened_and_goes_on,
    database.an_older_export_is_imported_and_exported_alike,
    console.an_older_plain_console_works_at_a_new_relay,
    console.an_older_console_on_a_screen_works_at_a_new_relay,
    console.an_older_command_works_at_a_new_relay,
    widget.an_older_widget_works_at_a_new_relay,
)


def main() -> int:
    """Run every check; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.compatibility", description=__doc__)
    parser.add_argument("wheel", type=Path, help="the wheel of the older release")
    chosen = parser.parse_args()
    failed = 0
    with TemporaryDirectory(prefix="helpdesk-older-") as folder:
        release = Release.unpacked(chosen.wheel, Path(folder))
        for check in CHECKS:
            sentence = check.__name__.replace("_", " ")
            try:
                with TemporaryDirectory(prefix="helpdesk-home-") as home:
                    asyncio.run(check(release, Path(home)))
            except Exception:  # noqa: BLE001 - the other checks are wanted, too
                failed += 1
                traceback.print_exc()
                print(f"FAILED  {sentence}")
            else:
                print(f"ok      {sentence}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
