"""The kinds of setting: how each is read and checked, and in words what it has to be.

Pure but for home folders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode

from relay.settings import values


@dataclass(frozen=True, slots=True)
class Takes:
    """What a setting takes, so that "it has to be ..." becomes a sentence with a remedy."""

    words: str


def takes(field: FieldInfo) -> str:
    """Return in words what *field* takes."""
    return next(mark.words for mark in field.metadata if isinstance(mark, Takes))


def parts(value: object) -> object:
    """Return the list that is meant by *value*: in a variable, commas part it."""
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _no_boolean(value: object) -> object:
    # As a number, `retention_days = false` would mean 0: delete at closing.
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - pydantic reads no other as a complaint
    return value


def _database(value: str) -> str:
    values.in_full(values.database_file(value))
    return value


Host = Annotated[str, AfterValidator(values.host), Takes("a host's name or address")]
Port = Annotated[
    int,
    BeforeValidator(_no_boolean),
    Field(ge=0, le=65_535),
    Takes("a whole number from 0 to 65535"),
]
Database = Annotated[str, AfterValidator(_database), Takes("a path or `sqlite:///PATH`")]
PublicUrl = Annotated[
    Annotated[str, AfterValidator(values.web_address)] | None,
    Takes("an address such as `https://desk.example`"),
]
RelayUrl = Annotated[
    str,
    AfterValidator(values.relay_address),
    Takes("an http, https, ws or wss address such as `http://127.0.0.1:8765`"),
]
Origins = Annotated[
    tuple[Annotated[str, AfterValidator(values.origin)], ...],
    BeforeValidator(parts),
    NoDecode,
    Takes("origins such as `https://shop.example`, with commas between them or as a list"),
]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(values.network)], ...],
    BeforeValidator(parts),
    NoDecode,
    Takes("networks such as `10.0.0.0/8` or `127.0.0.1`, with commas between them or as a list"),
]
Name = Annotated[str, Field(min_length=1, max_length=100), Takes("a name of 1 to 100 characters")]
Words = Annotated[str, Field(min_length=1), Takes("a text that is not empty")]
Days = Annotated[
    int | None,
    BeforeValidator(_no_boolean),
    Field(ge=0, le=36_500),
    Takes("a whole number from 0 to 36500"),
]
Hours = Annotated[
    int | None,
    BeforeValidator(_no_boolean),
    Field(ge=1, le=876_000),
    Takes("a whole number from 1 to 876000"),
]
Count = Annotated[
    int,
    BeforeValidator(_no_boolean),
    Field(ge=0),
    Takes("a whole number, or 0 for no limit"),
]
Rate = Annotated[
    float,
    BeforeValidator(_no_boolean),
    Field(ge=0, allow_inf_nan=False),
    Takes("a number, or 0 for no limit"),
]
Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    BeforeValidator(_upper),
    Takes("DEBUG, INFO, WARNING or ERROR"),
]
Switch = Annotated[bool, Takes("true or false")]
Secrets = Annotated[
    Mapping[Annotated[str, Field(min_length=1)], Annotated[str, Field(min_length=1)]],
    Field(repr=False),
    Takes('a secret for each key id, such as `{"2026": "secret"}`'),
]
Token = Annotated[SecretStr | None, Takes("an agent's token")]
MetricsToken = Annotated[
    Annotated[SecretStr, Field(min_length=16)] | None,
    Takes("a secret of 16 characters or more"),
]
LogFormat = Annotated[Literal["json", "console"] | None, Takes("json or console")]
