"""Editing of a draft in the agent's own $EDITOR, in a file of mode 0600."""

import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from helpdesk_tui.drafts import ANSWER, EDITED, NOTE
from relay.sanitize import written_text

AT_ONCE = 0.5
"""Seconds in which nobody leaves an editor: it runs on in a window of its own."""
RETURNED = (
    "`{editor}` returned at once, so nothing that it saves comes back; set EDITOR to one that "
    "waits, such as `code --wait`."
)


class EditorFile:
    """*text*, an answer in request *number* or a *note*, in a file until :meth:`end`."""

    def __init__(self, number: int, text: str, folder: Path | None, *, note: bool) -> None:
        """*folder* is that of the drafts, in which the next console looks for what was left."""
        self.number, self.note = number, note
        self.failed = ""
        self._folder = TemporaryDirectory(prefix=EDITED, dir=folder)  # mode 0700
        self._path = Path(self._folder.name) / f"{NOTE if note else ANSWER}-{number}.txt"
        self._path.write_text(text)
        self._began_with = text

    def run(self, editor: str) -> None:
        """Run *editor* on the file until it ends; ``failed`` is the reason if that failed."""
        began = monotonic()
        try:
            subprocess.run([*shlex.split(editor), str(self._path)], check=True)  # noqa: S603 - the agent's own
        except (OSError, ValueError):
            self.failed = f"The editor `{editor}` does not start; set EDITOR to one that does."
        except subprocess.CalledProcessError as error:
            code = error.returncode
            self.failed = f"The editor ended with {code}; what it had saved is in your draft."

        else:
            if self.saved is None and monotonic() - began < AT_ONCE:
                self.failed = RETURNED.format(editor=editor)

    @property
    def saved(self) -> str | None:
        """The text that the editor has saved so far; None if it has saved nothing new."""
        if not self._path.exists():
            return None
        text = self._path.read_text(errors="replace")
        return None if text == self._began_with else written_text(text).rstrip("\n")

    def end(self) -> None:
        """Delete the file and its folder."""
        self._folder.cleanup()
