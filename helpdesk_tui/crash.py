"""What is said when the console itself fails: one sentence, and where in the code it was.

Values are never written down, neither locals nor an error's own words: they may hold a token or
what a customer wrote.
"""

import traceback
from datetime import datetime
from pathlib import Path

LOG = "console.log"


def place_of(error: BaseException) -> str:
    """Return the kind of *error* and the lines of code it came through, and nothing else."""
    lines = []
    for cause in (error, error.__cause__ or error.__context__):
        if cause is not None:
            lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
            frames = traceback.extract_tb(cause.__traceback__)
            lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return "\n".join(lines)


def write_down(error: BaseException, state_dir: Path, now: datetime) -> str:
    """Add *error* to the log in *state_dir*, if that can be; return the sentence to say."""
    path, kind = state_dir / LOG, type(error).__name__
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("a") as log:
            log.write(f"{now.isoformat(timespec='seconds')} {place_of(error)}\n")
    except OSError as refused:
        return f"The console failed ({kind}), and {path} cannot be written ({refused.strerror})."
    return f"The console failed ({kind}); drafts are kept. Where it failed stands in {path}."
