"""After a `forget` nothing restores the customer, and every frame is answered."""

import asyncio
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Wire

KEY = "k" * 32
WHO = {"name": "Ada Lovelace", "email": "ada@example.org"}
BEHIND: dict[str, tuple[dict[str, Any], str]] = {
    "open": ({**WHO, "text": "It is me again"}, "unauthorized"),
    "send": ({"text": "It is me again"}, "closed"),
    "history": ({"before": 9}, "not_found"),
    "close": ({}, "not_found"),
    "rate": ({"score": 5, "comment": "Ada"}, "not_found"),
}
"""What a customer may ask, and how it is refused when they are erased."""


@contextmanager
def held(database: Path) -> Generator[None, None, None]:
    """Let the relay wait with all that it has to write."""
    with closing(sqlite3.connect(database, isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        yield
        busy.execute("ROLLBACK")


def rows(database: Path) -> list[int]:
    with closing(sqlite3.connect(database)) as file:
        tables = ("customer", "help_request", "message", "open_answer")
        return [file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


async def answered(client: Wire, ref: str) -> str:
    """Return the code, or else the type, of the answer to *ref*."""
    answer = await client.answer(ref)
    return str(answer.get("code", answer["type"]))


@pytest.mark.parametrize("ada_is", ["known by her token", "signed by her site"])
async def test_nothing_behind_it_is_carried_out_on_any_tab(
    start: Start, database: Path, ada_is: str
) -> None:
    identity = jwt.encode({"sub": "u", "exp": time.time() + 60}, KEY, "HS256", {"kid": "k"})
    hello: dict[str, Any] = {"identity": identity} if "site" in ada_is else {}
    async with start(**FREE, identity_keys={"k": KEY}) as desk:
        ada = await desk.customer(**hello)
        await ada.ok("open", **WHO, text="Help")
        tab = await desk.customer(**hello, token=ada.welcome["token"])
        with held(database):
            await ada.send("forget", ref="forget")
            await ada.ok("ping")
            for client in (tab, ada):
                for kind, (fields, _) in BEHIND.items():
                    await client.send(kind, ref=kind, **fields)
        assert await answered(ada, "forget") == "forgotten"
        for client in (tab, ada):
            for kind, (_, code) in BEHIND.items():
                assert await answered(client, kind) in {code, "unauthorized"}
            assert await client.ended() == 4000
        assert rows(database) == [0, 0, 0, 0]
        again = await desk.customer(**hello)
        assert again.welcome["request"] is None
        await again.ok("open", text="As somebody new")
        assert rows(database)[0] == 1


async def test_who_was_never_stored_is_not_stored_behind_it(start: Start, database: Path) -> None:
    async with start() as desk:
        ada = await desk.customer()
        await asyncio.gather(
            ada.send("forget", ref="f"),
            ada.send("open", ref="o", **WHO),
            ada.send("forget", ref="g"),
        )
        assert [await answered(ada, ref) for ref in "fog"][:2] == ["forgotten", "unauthorized"]
        assert await ada.ended() == 4000
        assert rows(database) == [0, 0, 0, 0]


async def test_behind_a_refused_one_everything_goes_on(start: Start, database: Path) -> None:
    async with start() as desk:
        root, ada = await desk.control(), await desk.asker(text="Help")
        await root.ok("hold", request=1, why="tax")
        with held(database):
            await ada.send("forget", ref="forget")
            await ada.send("open", ref="open", name="Ada", text="Still me")
            await ada.send("send", ref="send", text="And I")
        refs = ("forget", "open", "send")
        assert [await answered(ada, ref) for ref in refs] == ["forbidden", "opened", "sent"]
        assert rows(database)[:2] == [1, 1]
