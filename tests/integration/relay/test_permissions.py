"""Permissions: every role, frame and kind of request has its answer, and refusals have no effect.

The table is in ``permissions``. That none is missing is derived from the frames of the wire.
"""

import asyncio
import shutil
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.relay.helpers import FREE, Desk, Frame, Wire, control, number_of, running
from tests.integration.relay.permissions import (
    ADAS,
    AGENTS,
    CUSTOMERS,
    MISSING,
    OLD,
    ROLES,
    SAM,
    Cell,
    Role,
)

UNHURRIED: dict[str, Any] = {**FREE}


@dataclass(frozen=True)
class Scene:
    """A desk's file with everybody in it, and the tokens that prove who they are."""

    file: Path
    ada: str
    bob: str
    agents: dict[str, str]

    @asynccontextmanager
    async def played(self, folder: Path) -> AsyncIterator[Desk]:
        """Run a relay on a copy of the file."""
        database = Path(shutil.copy(self.file, folder / "desk.db"))
        async with running(database, **UNHURRIED) as desk:
            yield desk

    async def each(
        self, cells: list[Cell], check: Callable[[Desk, Cell], Awaitable[None]], folder: Path
    ) -> None:
        """Check each of *cells* at a desk as it was made: one that a cell has changed is left."""
        waiting = deque(cells)
        while waiting:
            async with self.played(folder) as desk:
                made = dump(desk)
                while waiting and dump(desk) == made:
                    await check(desk, waiting.popleft())

    async def enter(self, desk: Desk, who: str) -> Wire:
        """Return a connection of *who*, one of the roles."""
        match who:
            case "a customer":
                return await desk.customer(token=self.ada)
            case "a customer without a request":
                return await desk.customer()
            case "the control socket":
                return await desk.control()
            case "the control socket as an agent":
                return await desk.control(**{"as": "Sam"})
            case _:
                return await desk.back(self.agents["Sam" if who == "an agent" else "Root"])


@pytest.fixture(scope="module")
def scene(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return asyncio.run(made(Path(shutil.copy(blank, tmp_path_factory.mktemp("scene") / "desk.db"))))


async def made(file: Path) -> Scene:
    async with running(file, **UNHURRIED) as desk:
        tokens: dict[str, str] = {}
        for name in ("Sam", "Kim", "Root", "Old"):
            role = "admin" if name == "Root" else "agent"
            tokens[name] = (await desk.hire(name, role))["token"]
        owner = await desk.control()
        await owner.ok("agent_set", agent=OLD, disabled=True)
        await owner.ok("canned_set", name="hello", text="Hello")
        ada = await desk.asker(name="Ada", text="words of Ada")
        await ada.ok("close")
        await ada.ok("open", ref="ref of Ada", text="words of Ada")
        bob, cyd, eve = [
            await desk.asker(name=name, text=f"words of {name}") for name in ("Bob", "Cyd", "Eve")
        ]
        for client, holder in ((ada, "Sam"), (bob, "Kim"), (eve, "Root")):
            number = number_of(client) + (client is ada)
            await (await desk.back(tokens[holder])).ok("claim", request=number)
        assert number_of(cyd) == 4
        return Scene(file, ada.welcome["token"], bob.welcome["token"], tokens)


async def knock(desk: Desk, path: str) -> Wire:
    """Return a connection before its hello, to the port or to the control socket."""
    return await (control(desk.settings.control_path) if path == "control" else desk.socket(path))


def dump(desk: Desk) -> list[str]:
    """Return all that is stored, as SQL."""
    with closing(sqlite3.connect(desk.settings.database_path)) as file:
        return list(file.iterdump())


async def outcome(client: Wire, cell: Cell, role: Role) -> str:
    """Say what *cell* says and return the word for what came of it."""
    if "ref" in role.frames[cell.kind].__struct_fields__:
        return word(await client.ask(cell.kind, **cell.fields))
    await client.send(cell.kind, **cell.fields)
    # The answer to a question comes after all that was said before it is settled.
    question = {"before": 1} | ({"request": ADAS} if role.frames is AGENTS else {})
    await client.ask("history", **question)
    answers = [word(frame) for frame in client.waiting("error")]
    return answers[0] if answers else "-"


def cells_of(role: Role) -> list[Cell]:
    return [cell for kind in role.frames for cell in role.cells(kind)]


def word(answer: Frame) -> str:
    return f"!{answer['code']}" if answer["type"] == "error" else str(answer["type"])


@pytest.mark.parametrize("who", ROLES)
def test_the_table_has_a_row_for_every_frame_of_the_wire(who: str) -> None:
    role = ROLES[who]
    assert {row.partition(" ")[0] for row in role.rows} == set(role.frames)
    for kind in role.frames:
        assert len(list(role.cells(kind))) >= (
            len(role.requests) if "request" in role.frames[kind].__struct_fields__ else 1
        )


@pytest.mark.parametrize("who", ROLES)
async def test_what_a_role_may_not_do_is_refused_and_changes_nothing(
    scene: Scene, who: str, tmp_path: Path
) -> None:
    role = ROLES[who]
    async with scene.played(tmp_path) as desk:
        client = await scene.enter(desk, who)
        before = dump(desk)
        for cell in (cell for cell in cells_of(role) if cell.refused):
            assert await outcome(client, cell, role) == cell.answer, cell.name
            assert dump(desk) == before, cell.name


@pytest.mark.parametrize("who", ROLES)
async def test_what_a_role_may_do_is_answered(scene: Scene, who: str, tmp_path: Path) -> None:
    role = ROLES[who]

    async def check(desk: Desk, cell: Cell) -> None:
        client = await scene.enter(desk, who)
        assert await outcome(client, cell, role) == cell.answer, cell.name
        await client.socket.close()

    await scene.each([cell for cell in cells_of(role) if not cell.refused], check, tmp_path)


async def test_an_agent_who_has_joined_gets_the_same(scene: Scene, tmp_path: Path) -> None:
    role = ROLES["an agent"]

    async def check(desk: Desk, cell: Cell) -> None:
        sam = await scene.enter(desk, "an agent")
        await sam.ok("join", request=cell.fields["request"])
        before = dump(desk)
        assert await outcome(sam, cell, role) == cell.answer, cell.name
        assert not cell.refused or dump(desk) == before, cell.name
        await sam.socket.close()

    named = [cell for cell in cells_of(role) if cell.fields.get("request", MISSING) != MISSING]
    await scene.each(named, check, tmp_path)


@pytest.mark.parametrize("who", ROLES)
async def test_the_frames_of_the_other_role_are_unknown(
    scene: Scene, who: str, tmp_path: Path
) -> None:
    own = ROLES[who].frames
    other = "an agent" if own is CUSTOMERS else "a customer"
    async with scene.played(tmp_path) as desk:
        client = await scene.enter(desk, who)
        before = dump(desk)
        for kind in ROLES[other].frames.keys() - own.keys():
            for cell in ROLES[other].cells(kind):
                answer = await client.ask(kind, **cell.fields)
                assert word(answer) == "!unknown_type", cell.name
        assert dump(desk) == before


@pytest.mark.parametrize("path", ["customer", "agent", "control"])
async def test_before_hello_any_other_frame_ends_the_connection(
    scene: Scene, path: str, tmp_path: Path
) -> None:
    own = CUSTOMERS if path == "customer" else AGENTS
    every = {(kind, role) for role in ("a customer", "an agent") for kind in ROLES[role].frames}
    async with scene.played(tmp_path) as desk:
        before = dump(desk)
        for kind, role in sorted(every - {("hello", "a customer"), ("hello", "an agent")}):
            cell = next(ROLES[role].cells(kind))
            client = await knock(desk, path)
            await client.send(kind, ref="r", **cell.fields)
            assert await client.ended() == 4000, cell.name
            (answer,) = client.heard
            expected = {"!unauthorized", "!invalid"} if kind in own else {"!unknown_type"}
            assert word(answer) in expected, cell.name
        assert dump(desk) == before


@pytest.mark.parametrize("number", [None, 1, 2, 3, MISSING])
@pytest.mark.parametrize("whose", ["ada", "bob"])
async def test_hello_brings_the_own_latest_request_whatever_it_names(
    scene: Scene, whose: str, number: int | None, tmp_path: Path
) -> None:
    async with scene.played(tmp_path) as desk:
        client = await desk.customer(token=getattr(scene, whose), request=number, after=2)
        own = 2 if whose == "ada" else 3
        assert client.welcome["request"]["id"] == own
        assert client.welcome["reset"] is True
        other = "Bob" if whose == "ada" else "Ada"
        assert f"words of {other}" not in str(client.heard)


@pytest.mark.parametrize("role", ["customer", "agent"])
async def test_a_token_of_the_other_role_lets_nobody_in(
    scene: Scene, role: str, tmp_path: Path
) -> None:
    async with scene.played(tmp_path) as desk:
        if role == "customer":
            client = await desk.customer(token=scene.agents["Root"], request=ADAS)
            assert client.welcome["request"] is None
            assert client.welcome["token"] not in {scene.agents["Root"], scene.ada}
            return
        for token in (None, "", "hda_x", scene.ada, scene.agents["Old"]):
            client = await desk.socket("agent")
            assert await client.refused("hello", token=token) == "unauthorized"
            assert await client.ended() == 4000


async def test_only_the_control_socket_lets_somebody_choose_who_they_are(
    scene: Scene, tmp_path: Path
) -> None:
    async with scene.played(tmp_path) as desk:
        sam = await desk.back(scene.agents["Sam"], **{"as": "Root"})
        assert sam.welcome["agent"]["id"] == SAM
        assert await sam.refused("agents") == "forbidden"
        for name in (MISSING, "Nobody", OLD):
            client = await knock(desk, "control")
            assert await client.refused("hello", **{"as": name}) == "not_found"
            assert await client.ended() == 4000
