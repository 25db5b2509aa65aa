"""Authenticates clients: opaque tokens, and identities that a site's own back end signed.

Tokens are 256 random bits and only their hash is ever stored. Nothing here logs, and no error
repeats what was shown to it.
"""

import hashlib
import secrets
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import jwt
from jwt.types import Options

from relay.desk.contact import CONTACT_LIMITS, Contact, contact_from
from relay.desk.events import Millis
from relay.errors import Code, Refused
from relay.sanitize import clean_line

CUSTOMER_PREFIX, AGENT_PREFIX = "hdc_", "hda_"
LONGEST_LIFE = 24 * 3600
"""Seconds that a signed identity may still have to live (docs/protocol.md, signed identities)."""
LEEWAY = 60
"""Seconds by which the clocks of the site's back end and of the relay may differ."""
SUBJECT_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """The verified claims of a site's back end about its customer."""

    subject: str
    contact: Contact


def new_token(prefix: str) -> str:
    """Return a new token of 256 random bits behind *prefix*."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of *token*: a plain hash, since 256 random bits cannot be guessed.

    Looking up the hash takes constant time as far as anybody can use it: how much of a stored hash
    a guess shares says nothing of the token, for nobody can choose what SHA-256 makes of a guess.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def subject_key(site: str, subject: str) -> str:
    """Return the key of the verified customer *subject* of *site*; no token has it as its hash."""
    return "identity:" + hashlib.sha256(f"{site}\0{subject}".encode()).hexdigest()


def verify(identity: str, keys: Mapping[str, str], now: Millis) -> Identity:
    """Return whom *identity*, a JWT, speaks of; raise ``unauthorized`` if it is not good at *now*.

    It must be HS256 by the key that its ``kid`` names, with ``sub``, and ``exp`` within 24 h. The
    sentence of a refusal names the header or the claim.
    """
    claims = _claims(identity, keys)
    _check_times(claims, now / 1000)
    return Identity(
        _subject(claims.get("sub")),
        contact_from(lambda field: _line(claims.get(field), CONTACT_LIMITS[field])),
    )


def _claims(identity: str, keys: Mapping[str, str]) -> dict[str, Any]:
    """Return the claims of *identity* once its signature is verified, and nothing else."""
    try:
        kid = jwt.get_unverified_header(identity).get("kid")
        key = keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise _unauthorized("its `kid` names no key of this site")
        with warnings.catch_warnings():
            # How long a secret is, the operator answers for; a warning a hello would drown the log.
            warnings.simplefilter("ignore")
            claims: dict[str, Any] = jwt.decode(
                identity, key, algorithms=["HS256"], options=_SIGNATURE_ALONE
            )
    except jwt.InvalidAlgorithmError as error:
        raise _unauthorized("its `alg` is not HS256") from error
    except jwt.InvalidSignatureError as error:
        raise _unauthorized("its signature is not by the key that its `kid` names") from error
    except jwt.PyJWTError as error:
        raise _unauthorized("it is no JWT") from error
    return claims


_SIGNATURE_ALONE: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _check_times(claims: Mapping[str, object], now: float) -> None:
    expires = claims.get("exp")
    if not _is_number(expires):
        raise _unauthorized("its `exp` is missing or no number")
    if not expires > now - LEEWAY:  # which is also so of NaN, a number in JSON as Python reads it
        raise _unauthorized("its `exp` has passed: it has expired")
    if expires > now + LONGEST_LIFE + LEEWAY:
        raise _unauthorized("its `exp` is more than 24 h ahead")
    for name in ("nbf", "iat"):
        begins = claims.get(name)
        if _is_number(begins) and begins > now + LEEWAY:
            raise _unauthorized(f"its `{name}` lies ahead: compare the clocks of both machines")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _subject(claim: object) -> str:
    subject = str(claim) if isinstance(claim, int) and not isinstance(claim, bool) else claim
    if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT_LIMIT:
        raise _unauthorized(f"its `sub` must have 1 to {SUBJECT_LIMIT} characters or digits")
    try:
        subject.encode()
    except UnicodeEncodeError as error:
        raise _unauthorized("its `sub` has half a character (a lone surrogate)") from error
    return subject


def _line(value: object, limit: int) -> str | None:
    return clean_line(value)[:limit] or None if isinstance(value, str) else None


def _unauthorized(why: str) -> Refused:
    return Refused(Code.UNAUTHORIZED, f"The identity is refused: {why}.")
