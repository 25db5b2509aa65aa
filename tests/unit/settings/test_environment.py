"""The variables: each setting has one, an empty one is none, JSON where there is structure."""

import pytest

from relay.errors import StartError
from relay.settings import Settings
from relay.settings.load import environment


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HELPDESK_{name.upper()}", raising=False)


def test_every_setting_has_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"HELPDESK_{name.upper()}", "{}")
    assert environment().keys() == Settings.model_fields.keys()


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_RETENTION_DAYS", "")
    assert environment() == {}


def test_keys_and_sites_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_IDENTITY_KEYS", '{"2026": "secret"}')
    monkeypatch.setenv("HELPDESK_SITES", '{"shop": {"origins": ["https://shop.example"]}}')
    assert environment() == {
        "identity_keys": {"2026": "secret"},
        "sites": {"shop": {"origins": ["https://shop.example"]}},
    }


def test_what_is_no_json_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_IDENTITY_KEYS", "hunter2")
    with pytest.raises(
        StartError, match=r"^HELPDESK_IDENTITY_KEYS: it has to be .*, as JSON\.$"
    ) as e:
        environment()
    assert "hunter2" not in str(e.value)
