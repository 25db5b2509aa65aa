"""Settings of a running relay: what it tells, without secrets, and what its reader makes of it."""

import pytest

from relay.settings import Settings
from relay.settings.shared import changed_since_start, shared_values, with_shared_values

SECRET = "a secret that nobody is told"
STARTED = Settings.model_validate(
    {
        "public_url": "https://desk.example",
        "allowed_origins": ["https://shop.example"],
        "retention_days": 30,
        "burst": 7,
        "identity_keys": {"1": SECRET},
        "metrics_token": SECRET,
        "token": SECRET,
        "sites": {"b": {"origins": ["https://b.example"], "identity_keys": {"1": SECRET}}},
    }
)


def test_no_secret_is_told() -> None:
    assert SECRET not in shared_values(STARTED)


def test_its_reader_has_what_the_relay_has_and_keeps_its_own_secrets_and_database() -> None:
    own = Settings.model_validate(
        {"database": "/own.db", "identity_keys": {"2": "own"}, "burst": 9, "auto_close_after": 4}
    )
    found = with_shared_values(own, shared_values(STARTED))
    assert (found.public_url, found.burst) == ("https://desk.example", 7)
    assert found.allowed_origins == ("https://shop.example",)
    assert (found.retention_days, found.auto_close_after) == (30, None)
    assert found.sites["b"].origins == ("https://b.example",)
    assert (found.database, found.identity_keys) == ("/own.db", {"2": "own"})
    assert not found.sites["b"].identity_keys


def test_what_a_newer_relay_tells_besides_is_left_out() -> None:
    values = (
        '{"settings": {"burst": 3, "colour": "red"}, "sites": {"a": {"greeting": "Hi", "x": 1}}}'
    )
    found = with_shared_values(Settings(), values)
    assert (found.burst, found.sites["a"].greeting) == (3, "Hi")


def test_what_is_no_answer_of_a_relay_is_refused() -> None:
    with pytest.raises(ValueError, match="settings"):
        with_shared_values(Settings(), "{}")


def test_only_what_is_set_can_have_changed_since_the_start() -> None:
    assert changed_since_start(Settings(), STARTED) == []
    own = Settings.model_validate({"burst": 9, "retention_days": 30, "token": "other"})
    assert changed_since_start(own, STARTED) == ["burst"]
