"""The map of the files in docs/architecture.md says what the files themselves say."""

from tests.project.file_map import COMMAND, PAGE, SECTION, file_map, first_line
from tests.project.tree import ROOT


def test_the_map_is_that_of_the_files() -> None:
    [shown] = SECTION.findall(PAGE.read_text())
    missing = sorted(set(file_map().splitlines()) - set(shown.splitlines()))
    assert shown == file_map(), "\n".join([f"run `.venv/bin/{COMMAND}`; it adds:", *missing])


def test_a_module_and_a_script_say_what_they_are() -> None:
    assert first_line(ROOT / "tests" / "project" / "test_file_map.py") == (
        "The map of the files in docs/architecture.md says what the files themselves say."
    )
    assert first_line(ROOT / "web_widget" / "widget.js").endswith(".")
