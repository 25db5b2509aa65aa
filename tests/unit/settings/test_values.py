"""Origins, addresses and databases: one spelling each, or refused."""

import pytest

from relay.settings import origins, types


@pytest.mark.parametrize(
    ("database", "path"),
    [
        ("desk.db", "desk.db"),
        ("~/desk.db", "~/desk.db"),
        ("/var/lib/desk.db", "/var/lib/desk.db"),
        ("sqlite:///desk.db", "desk.db"),
        ("sqlite:////var/lib/my%20desk.db", "/var/lib/my desk.db"),
        ("sqlite+pysqlite:///desk.db", "desk.db"),
    ],
)
def test_a_database_is_a_path_or_a_url_of_one(database: str, path: str) -> None:
    assert types.database_file(database) == path


@pytest.mark.parametrize(
    "database",
    [
        "",
        ":memory:",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/desk.db",
        "sqlite:///desk.db?mode=ro",
        "postgresql://ada:hunter2@db.example/desk",
        "sqlite:///desk%00.db",
        "desk\0.db",
    ],
)
def test_another_database_is_refused_with_what_is_supported_and_no_password(database: str) -> None:
    with pytest.raises(ValueError, match="give a path or sqlite:///PATH") as refused:
        types.database_file(database)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("address", ["https://desk.example/", "http://127.0.0.1:8765"])
def test_a_web_address_has_no_slash_at_its_end(address: str) -> None:
    assert types.web_address(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "desk.example",
        "ws://desk.example",
        "https://a:b@desk.example",
        "https://d?x",
        "/",
        "https://a\0b",
        "https://a b",
        "https://ü..x",
    ],
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError):
        types.web_address(address)


@pytest.mark.parametrize("scheme", ["ws", "wss", "http", "https"])
def test_a_relay_answers_at_four_kinds_of_address(scheme: str) -> None:
    assert types.relay_address(f"{scheme}://desk.example/") == f"{scheme}://desk.example"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "fe80::1%eth0", "desk_1", "bücher.example"])
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    assert origins.host(host) == host


@pytest.mark.parametrize(
    "host", ["", "a\0b", "a b", "a\tb", "http://a", "ü..x", f"{'x' * 64}.example"]
)
def test_what_no_resolver_takes_is_no_host(host: str) -> None:
    with pytest.raises(ValueError):
        origins.host(host)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("help.example.org", "https://help.example.org"),
        (" help.example.org:8443 ", "https://help.example.org:8443"),
        ("localhost:8765", "http://localhost:8765"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("[::1]:8765", "http://[::1]:8765"),
        ("http://help.example.org", "http://help.example.org"),
        ("WSS://help.example.org", "WSS://help.example.org"),
        ("ftp://x", "ftp://x"),
        ("", ""),
    ],
)
def test_an_address_that_is_typed_gets_the_scheme_that_it_lacks(typed: str, meant: str) -> None:
    assert types.with_scheme(typed) == meant
