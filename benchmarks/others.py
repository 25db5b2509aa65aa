"""Runs the benchmarks of the console and the commands one after the other, as parts of a page."""

import subprocess
import sys

PARTS = {
    "The console": ("console",),
    "The commands": ("commands",),
    "What committing in groups brings": ("group_commit",),
    "A purge of 100,000 requests while a chat goes on": ("purge", "100000"),
}


def text() -> str:
    """Run them all; return their titles and what they printed. Raise CalledProcessError."""
    parts = []
    for title, (module, *arguments) in PARTS.items():
        command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
        print(f"{title} ...", file=sys.stderr)
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        shown = said if said.startswith("|") else f"```text\n{said}\n```"
        parts.append(
            f"## {title}\n\n`python -m benchmarks.{' '.join((module, *arguments))}`:\n\n{shown}"
        )
    return "\n\n".join(parts)
