"""The variables: each setting has one, an empty one is none, JSON where there is structure."""

import os

import pytest

from relay.errors import StartError
from relay.settings import Settings
from relay.settings.environment import (
    CONFIG,
    KNOWN,
    config_variable,
    environment,
    service_variables,
    unknown_variables,
)

SERVICE = {
    "HELPDESK_PORT": "tcp://10.43.12.3:8765",
    "HELPDESK_SERVICE_HOST": "10.43.12.3",
    "HELPDESK_SERVICE_PORT": "8765",
    "HELPDESK_SERVICE_PORT_HTTP": "8765",
    "HELPDESK_PORT_8765_TCP": "tcp://10.43.12.3:8765",
    "HELPDESK_PORT_8765_TCP_PROTO": "tcp",
    "HELPDESK_PORT_8765_TCP_PORT": "8765",
    "HELPDESK_PORT_8765_TCP_ADDR": "10.43.12.3",
    "HELPDESK_METRICS_PORT": "udp://10.43.12.4:9000",
    "HELPDESK_METRICS_SERVICE_HOST": "10.43.12.4",
}
"""What Kubernetes sets in every container for Services called helpdesk and helpdesk-metrics."""


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("HELPDESK_")]:
        monkeypatch.delenv(name)


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


def test_what_tells_of_a_service_sets_nothing_and_is_no_typing_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in SERVICE.items():
        monkeypatch.setenv(name, value)
    assert environment() == {}
    assert service_variables() == sorted(SERVICE)
    assert unknown_variables() == {}


def test_a_port_that_is_a_number_is_a_setting_beside_a_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {**SERVICE, "HELPDESK_PORT": "80"}.items():
        monkeypatch.setenv(name, value)
    assert environment() == {"port": "80"}


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes_that_no_shell_took_off_are_refused_for_every_setting_alike(
    monkeypatch: pytest.MonkeyPatch, quote: str
) -> None:
    for name in KNOWN:
        with monkeypatch.context() as one:
            one.setenv(name, f"{quote}hunter2{quote}")
            with pytest.raises(StartError, match=f"^{name}: its value stands in quotes") as e:
                config_variable() if name == CONFIG else environment()
            assert "hunter2" not in str(e.value)


def test_a_misspelt_variable_is_known_with_what_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HELPDESK_RETENTION_DAY", "helpdesk_prot", "HELPDESK_ZZZZZZ"):
        monkeypatch.setenv(name, "1")
    assert unknown_variables() == {
        "HELPDESK_RETENTION_DAY": "HELPDESK_RETENTION_DAYS",
        "HELPDESK_ZZZZZZ": None,
        "helpdesk_prot": "HELPDESK_PORT",
    }
