"""Signed identities: verification, and the ownership of requests (section 4)."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable

import jwt
import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk, texts

KEY, OLD_KEY = "k" * 32, "o" * 32
HOUR = 3600
NOW = int(time.time())


@pytest.fixture
async def desk(start: Start) -> AsyncIterator[Desk]:
    """A desk whose default site signs with two keys, and whose shop with one of its own."""
    sites = {"shop": {"greeting": "Hi", "identity_keys": {"2026": "s" * 32}}}
    async with start(identity_keys={"2026": KEY, "2025": OLD_KEY}, sites=sites) as running:
        yield running


def signed(key: str = KEY, kid: str | None = "2026", **claims: object) -> str:
    claims = {"sub": "u1", "exp": int(time.time()) + HOUR, **claims}
    given = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(given, key, "HS256", {"kid": kid} if kid else {})


def forged(algorithm: str, digest: str | None) -> str:
    """Return what claims to be signed by *algorithm*."""

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    header = json.dumps({"alg": algorithm, "typ": "JWT", "kid": "2026"}).encode()
    claims = json.dumps({"sub": "u1", "exp": NOW + HOUR}).encode()
    body = part(header) + b"." + part(claims)
    signature = hmac.digest(KEY.encode(), body, digest) if digest else b""
    return (body + b"." + part(signature)).decode()


async def test_a_good_identity_makes_the_customer_verified(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    customer = await desk.customer(identity=signed(name="Ada", email="ada@example.org"))
    assert customer.welcome["token"].startswith("hdc_")
    await customer.ok("open", name="Mallory", email="m@example.org")
    person = (await sam.push("request"))["request"]["customer"]
    assert (person["name"], person["email"], person["verified"]) == ("Ada", "ada@example.org", True)


async def test_a_typed_name_and_email_verify_nobody(desk: Desk) -> None:
    sam, customer = await desk.agent("Sam"), await desk.customer()
    await customer.ok("open", name="Ada", email="ada@example.org")
    assert (await sam.push("request"))["request"]["customer"]["verified"] is False


async def test_the_same_sub_is_the_same_customer_on_any_device(desk: Desk) -> None:
    phone = await desk.customer(identity=signed())
    await phone.ok("open", text="Help")
    laptop = await desk.customer(identity=signed(key=OLD_KEY, kid="2025"))
    assert texts(laptop.welcome["messages"])[-1] == "Help"
    assert laptop.welcome["token"] != phone.welcome["token"]
    await laptop.ok("send", text="from the laptop")
    assert (await phone.message("from the laptop"))["seq"] == 4


async def test_another_sub_is_another_customer_whatever_the_token(desk: Desk) -> None:
    first = await desk.customer(identity=signed())
    await first.ok("open", text="secret")
    other = await desk.customer(identity=signed(sub="u2"), token=first.welcome["token"])
    assert other.welcome["request"] is None
    assert other.welcome["token"] != first.welcome["token"]


async def test_a_verified_customer_s_token_is_worth_nothing_alone(desk: Desk) -> None:
    first = await desk.customer(identity=signed())
    await first.ok("open", text="secret")
    alone = await desk.customer(token=first.welcome["token"])
    assert alone.welcome["request"] is None
    both = await desk.customer(token=first.welcome["token"], identity=signed())
    assert both.welcome["request"]["id"] == 1


async def test_the_same_sub_on_another_site_is_somebody_else(desk: Desk) -> None:
    first = await desk.customer(identity=signed())
    await first.ok("open", text="secret")
    other = await desk.customer(site="shop", identity=signed(key="s" * 32))
    assert other.welcome["request"] is None


BAD: dict[str, Callable[[], str]] = {
    "expired": lambda: signed(exp=NOW - 120),
    "for longer than a day": lambda: signed(exp=NOW + 25 * HOUR),
    "for ever": lambda: signed(exp=None),
    "until infinity": lambda: signed(exp=float("inf")),
    "until no number": lambda: signed(exp=float("nan")),
    "until a word": lambda: signed(exp="tomorrow"),
    "not yet": lambda: signed(nbf=NOW + HOUR),
    "nobody's": lambda: signed(sub=None),
    "an empty sub's": lambda: signed(sub=""),
    "half a number's": lambda: signed(sub=5.5),
    "half a character's": lambda: signed(sub="u1\ud800"),
    "by another key": lambda: signed(key=OLD_KEY),
    "by an unknown key": lambda: signed(kid="2024"),
    "by no key": lambda: signed(kid=None),
    "another site's": lambda: signed(key="s" * 32),
    "unsigned": lambda: forged("none", None),
    "RS256, signed with our key": lambda: forged("RS256", "sha256"),
    "HS512": lambda: forged("HS512", "sha512"),
    "cut": lambda: signed()[:-2],
    "empty": lambda: "",
    "no JWT": lambda: "a.b.c",
    "deep": lambda: "W1tb" * 15_000 + ".e30.x",
    "not ASCII": lambda: "\u00e9.\u00e9.\u00e9",
}


@pytest.mark.parametrize("what", BAD)
async def test_a_bad_identity_is_unauthorized(desk: Desk, what: str) -> None:
    client = await desk.socket("customer")
    answer = await client.ask("hello", identity=BAD[what]())
    assert (answer["type"], answer["code"]) == ("error", "unauthorized")
    assert "u1" not in answer["message"]
    assert await client.ended() == 4000


async def test_half_a_character_in_a_name_locks_nobody_out(desk: Desk) -> None:
    sam = await desk.agent("Sam")
    customer = await desk.customer(identity=signed(name="A\ud83dda", email="\udc00"))
    await customer.ok("open", text="Help")
    person = (await sam.push("request"))["request"]["customer"]
    assert (person["name"], person["email"]) == ("Ada", None)


async def test_a_site_without_keys_verifies_nobody(start: Start) -> None:
    async with start() as desk:
        client = await desk.socket("customer")
        assert await client.refused("hello", identity=signed()) == "unauthorized"
