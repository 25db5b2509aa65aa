"""Sites that require signed identities admit nobody without one (`require_identity`)."""

from collections.abc import Callable

import pytest

from relay.errors import StartError
from relay.settings.load import merge
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Frame
from tests.integration.relay.test_identity import KEY, signed

SHOP_KEY = "s" * 32
SITES = {
    "shop": {"identity_keys": {"2026": SHOP_KEY}, "require_identity": True},
    "blog": {"require_identity": False},
}
STRICT = {"identity_keys": {"2026": KEY}, "require_identity": True, "sites": SITES}

Hello = Callable[[str], Frame]
"""What is said, given the token of a verified customer."""

REFUSED: dict[str, Hello] = {
    "nothing": lambda _: {},
    "null": lambda _: {"identity": None},
    "a verified customer's token": lambda token: {"token": token},
    "a token of nobody": lambda _: {"token": "hdc_" + "x" * 43},
    "an empty identity": lambda token: {"token": token, "identity": ""},
    "an expired identity": lambda token: {"token": token, "identity": signed(exp=1)},
    "one without a key id": lambda token: {"token": token, "identity": signed(kid=None)},
    "one of another site": lambda token: {"token": token, "identity": signed(key=SHOP_KEY)},
    "nothing, elsewhere": lambda _: {"site": "shop"},
    "a token, elsewhere": lambda token: {"site": "shop", "token": token},
    "this site's identity, elsewhere": lambda _: {"site": "shop", "identity": signed()},
    "a request of somebody's": lambda token: {"token": token, "request": 1, "after": 0},
}


@pytest.mark.parametrize("what", REFUSED)
async def test_without_a_good_identity_nobody_comes_in(start: Start, what: str) -> None:
    async with start(**STRICT) as desk:
        known = await desk.customer(identity=signed())
        await known.ok("open", text="secret")
        client = await desk.socket("customer")
        assert await client.refused("hello", **REFUSED[what](known.welcome["token"])) == (
            "unauthorized"
        )
        assert await client.ended() == 4000
        assert [frame["type"] for frame in client.heard] == ["error"]


async def test_with_one_they_do_and_agents_and_the_control_socket_need_none(start: Start) -> None:
    async with start(**STRICT) as desk:
        known = await desk.customer(identity=signed())
        await known.ok("open", text="Help")
        again = await desk.customer(identity=signed(), token=known.welcome["token"])
        assert again.welcome["request"]["id"] == 1
        other = await desk.customer(identity=signed(sub="u2"), token=known.welcome["token"])
        assert other.welcome["request"] is None
        await desk.customer(site="shop", identity=signed(key=SHOP_KEY))
        await desk.customer(site="blog")  # which says that it needs none
        await desk.agent("Sam")
        await desk.control()


async def test_who_was_in_before_it_was_wanted_is_out_afterwards(start: Start) -> None:
    async with start(identity_keys={"2026": KEY}) as desk:
        token = (await desk.asker(text="before")).welcome["token"]
    async with start(**STRICT) as desk:
        client = await desk.socket("customer")
        assert await client.refused("hello", token=token) == "unauthorized"


def test_a_further_site_wants_what_the_default_one_wants_unless_it_says_otherwise() -> None:
    sites = {"shop": {"identity_keys": {"a": "b"}}, "blog": {"require_identity": False}}
    given = {"require_identity": True, "identity_keys": {"a": "b"}, "sites": sites}
    settings = merge({}, {}, given, "")
    assert [settings.sites[name].require_identity for name in sites] == [True, False]


def test_wanting_identities_without_keys_is_refused_at_the_start() -> None:
    for given in (
        {"require_identity": True},
        {"sites": {"shop": {"require_identity": True}}},
        {"require_identity": True, "identity_keys": {"a": "b"}, "sites": {"shop": {}}},
    ):
        with pytest.raises(StartError, match="keeps everybody out"):
            merge({}, {}, given, "")
