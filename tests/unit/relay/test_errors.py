"""The protocol's codes, and the close codes that forbid reconnecting."""

from relay.errors import CloseCode, Code


def test_the_error_codes_are_the_protocols() -> None:
    assert [code.value for code in Code] == [
        "bad_frame",
        "unknown_type",
        "invalid",
        "unauthorized",
        "forbidden",
        "not_found",
        "conflict",
        "closed",
        "rate_limited",
        "unavailable",
    ]


def test_a_client_comes_back_after_all_close_codes_but_4000_to_4099() -> None:
    assert {int(code): code.may_reconnect for code in CloseCode} == {
        1001: True,
        1012: True,
        1013: True,
        4000: False,
        4001: False,
        4002: False,
        4003: False,
        4100: True,
        4101: True,
        4102: True,
    }
