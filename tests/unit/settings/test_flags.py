"""Flags have the settings' names and texts; secrets and tables have none."""

from cli.options import FLAGS
from cli.serve import RELAY_FLAGS
from relay.settings import Settings
from relay.settings.reference import flags

TOO_MUCH_FOR_A_FLAG = {
    *("away_messages", "greetings", "identity_keys", "metrics_token", "sites", "webhooks"),
    "console",
}
THE_CONSOLE_S = {"url", "token"}


def test_every_flag_says_what_its_setting_says() -> None:
    assert {name: flag.help for name, flag in FLAGS.items()} == {
        name: field.description
        for name, field in Settings.model_fields.items()
        if name not in TOO_MUCH_FOR_A_FLAG
    }


def test_the_module_of_the_flags_is_made_from_the_settings() -> None:
    made: dict[str, dict[str, tuple[str, str]]] = {}
    exec(flags(), made)  # what `python -m cli.docs_pages` writes
    assert made["SETTING_FLAGS"] == {name: tuple(flag) for name, flag in FLAGS.items()}


def test_the_relay_takes_all_flags_but_the_console_s() -> None:
    assert set(RELAY_FLAGS) == FLAGS.keys() - THE_CONSOLE_S
