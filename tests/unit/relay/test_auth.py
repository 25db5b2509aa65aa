"""Tokens, and identities signed by the site's back end."""

import base64
import json
import warnings
from typing import Any

import jwt
import pytest

from relay import auth
from relay.desk.contact import Contact
from relay.desk.events import Millis
from relay.errors import Code, Refused
from tests.unit.relay.samples import AT

KEY = "0123456789abcdef0123456789abcdef"
KEYS = {"k1": KEY, "k2": KEY[::-1]}
NOW = AT // 1000
HOUR = 3600


def signed(
    key: str = KEY, kid: Any = "k1", algorithm: str = "HS256", header: Any = (), **claims: Any
) -> str:
    """Return a JWT of Ada's for an hour, with *claims* changed; None takes one away."""
    payload = {"sub": "ada", "exp": NOW + HOUR, **claims}
    headers = {"kid": kid, **dict(header)} if kid is not None else dict(header)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode(
            {name: value for name, value in payload.items() if value is not None},
            key,
            algorithm,
            headers,
        )


def test_a_good_identity_says_who_the_customer_is() -> None:
    token = signed(name="Ada", email="ada@example.org")
    assert auth.verify(token, KEYS, AT) == auth.Identity(
        "ada", Contact(name="Ada", email="ada@example.org")
    )


def test_its_kid_names_the_key() -> None:
    assert auth.verify(signed(KEYS["k2"], "k2"), KEYS, AT).subject == "ada"


def test_name_and_email_may_be_missing_and_are_cleaned() -> None:
    assert auth.verify(signed(), KEYS, AT) == auth.Identity("ada", Contact())
    dirty = signed(name=" A\u202eda\n", email="e" * 300)
    assert auth.verify(dirty, KEYS, AT) == auth.Identity(
        "ada", Contact(name="Ada", email="e" * 254)
    )
    halves = signed(name="A\ud800da", email="\udfff", other="\ud83d")
    assert auth.verify(halves, KEYS, AT) == auth.Identity("ada", Contact(name="Ada"))
    assert auth.verify(signed(name=5, email=["x"]), KEYS, AT) == auth.Identity("ada", Contact())


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 59},
        {"exp": NOW + 0.5},
        {"exp": NOW + 24 * HOUR + 60},
        {"nbf": NOW + 60},
        {"iat": NOW + 60},
        {"iat": "then", "nbf": "then"},
        {"aud": "another"},
        {"sub": "s" * 255},
    ],
)
def test_an_identity_is_good_until_it_expires_within_a_day(claims: dict[str, Any]) -> None:
    assert auth.verify(signed(**claims), KEYS, AT).subject


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 60},
        {"exp": NOW - HOUR},
        {"exp": NOW + 24 * HOUR + 61},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"nbf": NOW + 61},
        {"iat": NOW + 61},
        {"sub": None},
        {"sub": ""},
        {"sub": 7.5},
        {"sub": True},
        {"sub": 10**300},
        {"sub": ["ada"]},
        {"sub": "s" * 256},
        {"sub": "a\ud800"},
        {"sub": "\udc00\ud800"},
    ],
)
def test_an_identity_that_is_not_good_now_is_refused(claims: dict[str, Any]) -> None:
    assert f"`{next(iter(claims))}`" in refused(signed(**claims))


def test_a_number_as_the_subject_is_its_digits() -> None:
    assert auth.verify(signed(sub=7), KEYS, AT) == auth.verify(signed(sub="7"), KEYS, AT)


def test_the_refusal_says_what_is_wrong_with_the_header_or_the_signature() -> None:
    assert "`alg`" in refused(signed(algorithm="HS512"))
    assert "`kid`" in refused(signed(kid="k3"))
    assert "signature" in refused(signed(kid="k2"))
    assert "no JWT" in refused("a.b.c")


def refused(identity: str, keys: dict[str, str] = KEYS) -> str:
    """Return the sentence with which *identity* is refused."""
    with pytest.raises(Refused) as caught:
        auth.verify(identity, keys, AT)
    assert caught.value.code is Code.UNAUTHORIZED
    assert len(identity) < 2 or identity not in caught.value.message
    return caught.value.message


def unsigned(header: bytes, payload: bytes = b"{}") -> str:
    return ".".join(base64.urlsafe_b64encode(part).decode() for part in (header, payload, b"x"))


@pytest.mark.parametrize(
    "identity",
    [
        "",
        "x",
        "a.b.c",
        "é.é.é",
        "...",
        signed("another key, and long enough for it"),
        signed(kid=None),
        signed(kid="k3"),
        signed(kid="k2"),
        signed(algorithm="HS512"),
        signed(header={"crit": ["x"]}),
        jwt.encode({"sub": "ada", "exp": NOW + HOUR}, None, "none", {"kid": "k1"}),
        unsigned(b'{"alg":"HS256","kid":"k1"}'),
        unsigned(b'{"alg":"HS256","kid":1}'),
        unsigned(b'{"alg":"HS256","kid":["k1"]}'),
        unsigned(b'{"alg":1,"kid":"k1"}'),
        unsigned(b"[]"),
        unsigned(b"\xff"),
        unsigned(b"9" * 5_000),
        unsigned(b"[" * 40_000),
        unsigned(json.dumps({"alg": "HS256", "kid": "k1"}).encode(), b"[" * 40_000),
        signed()[:-1],
        signed() + "A",
    ],
    ids=lambda identity: identity[:24] or "empty",
)
def test_an_identity_that_this_site_did_not_sign_is_refused(identity: str) -> None:
    refused(identity)


@pytest.mark.parametrize("key", ["", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"])
def test_a_key_that_is_none_lets_nobody_in(key: str) -> None:
    refused(signed(), {"k1": key})


def test_a_token_is_new_each_time_and_says_whose_kind_it_is() -> None:
    tokens = {auth.new_token(auth.AGENT_PREFIX) for _ in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {len("hda_") + 43}
    assert all(token.startswith("hda_") for token in tokens)


def test_what_is_stored_of_a_token_is_its_sha_256() -> None:
    assert auth.token_hash("hdc_x") == (
        "7fa92c37b7013f908cf71737eb03f1b428b23e40fb3d841835ac9cf099e29ec4"
    )


def test_a_subject_is_another_customer_on_another_site() -> None:
    keys = {auth.subject_key(*who) for who in [("a", "b"), ("ab", ""), ("a", "c"), ("x", "b")]}
    assert len(keys) == 4
    assert all(key.startswith("identity:") for key in keys)
    assert auth.subject_key("a", "b") == auth.subject_key("a", "b")


def test_a_moment_is_an_argument() -> None:
    token = signed()
    auth.verify(token, KEYS, Millis((NOW + HOUR + 60) * 1000 - 1))
    with pytest.raises(Refused, match="expired"):
        auth.verify(token, KEYS, Millis((NOW + HOUR + 60) * 1000))
