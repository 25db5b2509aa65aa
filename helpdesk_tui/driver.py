"""Textual's driver of the terminal, but for keys that are no UTF-8: each shows as `�`.

A terminal set to another encoding sends such bytes for every umlaut; Textual's own driver stops
reading at the first. It changes nothing else.
"""

from codecs import IncrementalDecoder, getincrementaldecoder
from functools import partial

from textual.drivers import linux_driver


def _forgiving(encoding: str) -> partial[IncrementalDecoder]:
    return partial(getincrementaldecoder(encoding), errors="replace")


class Driver(linux_driver.LinuxDriver):
    """Reads keys whatever the terminal sends."""

    def run_input_thread(self) -> None:
        """Read keys until the end; Textual calls it in a thread of its own."""
        # Textual makes its decoder inside the loop; its name there is the only way to it.
        vars(linux_driver)["getincrementaldecoder"] = _forgiving
        super().run_input_thread()
