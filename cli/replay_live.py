"""Repeats a request on a relay: a new customer and an agent send what the log holds.

Each waits for the answer before the next goes on, as people do. The email stays at home, and notes
too unless they are asked for; what one agent alone cannot do is left out, and all of it counted.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import TypeVar

from msgspec import Struct

from cli.relay_client import RelayError, agent_client
from cli.replay_player import Scene
from relay.client import RelayConnection, Unreachable, connect_customer
from relay.desk.events import (
    Announced,
    Claimed,
    Closed,
    Event,
    Noted,
    Opened,
    Rated,
    Released,
    Reopened,
    Role,
    Sent,
    Tagged,
)
from relay.store.export_format import RequestLine
from relay.wire import agent_in, agent_out, customer
from relay.wire.objects import Error, MessagePush
from relay.wire.objects import Sent as SentAnswer

PATIENCE = 10.0
"""Seconds that an answer may take."""

Heard = TypeVar("Heard")
Sleep = Callable[[float], Awaitable[None]]
Shown = Callable[[Scene], None]


@dataclass(slots=True)
class Outcome:
    """Result of a repetition: the new ``number``, seconds to each answer, refusals by code."""

    number: int = 0
    answer_times: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    left_out: int = 0

    @property
    def plain(self) -> dict[str, object]:
        """Return it as JSON; times in seconds."""
        return {
            "request": self.number,
            "answered": len(self.answer_times),
            "median": median(self.answer_times) if self.answer_times else None,
            "slowest": max(self.answer_times, default=None),
            "refused": dict(self.refused),
            "left_out": self.left_out,
        }

    @property
    def sentence(self) -> str:
        """Return it as a sentence."""
        answers = f"{len(self.answer_times)} frames were answered"
        if self.answer_times:
            middle, slowest = median(self.answer_times) * 1000, max(self.answer_times) * 1000
            answers += f", half of them within {middle:.1f} ms, the slowest in {slowest:.1f} ms"
        refused = "".join(f"; {count} refused ({code})" for code, count in self.refused.items())
        left_out = f"; {self.left_out} of the log left out" if self.left_out else ""
        return f"It is #{self.number} there; {answers}{refused}{left_out}."


class Actors:
    """The customer and the agent, on their connections, before the customer has opened."""

    def __init__(
        self,
        visitor: RelayConnection[customer.RelayFrame],
        colleague: RelayConnection[agent_out.RelayFrame],
        name: str | None,
        sleep: Sleep,
        *,
        notes: bool,
    ) -> None:
        """Take over both connections, which are past their ``hello``; *notes* go out, too."""
        self._visitor, self._colleague = visitor, colleague
        self._name = name
        self._sleep = sleep
        self._notes = notes
        self._refs = 0
        self.outcome = Outcome()

    async def act(self, scene: Scene) -> bool:
        """Do what *scene* tells; a refusal is counted. Return False if it was left out instead."""
        event = scene.line.message.event
        theirs = scene.line.by.role is Role.CUSTOMER
        if isinstance(event, Announced):
            return True  # the relay greets by itself
        frame = self._customers(event) if theirs else self._agents(event)
        if frame is None:
            self.outcome.left_out += 1
            return False
        if theirs:
            await self._ask(self._visitor, frame)
        else:
            answer = await self._ask(self._colleague, frame)
            if isinstance(event, Sent) and isinstance(answer, SentAnswer):
                await self._arrives(event.text)
        return True

    async def types(self, scene: Scene) -> None:
        """Let the other side see that somebody types, if they may."""
        if not isinstance(scene.line.message.event, Sent) or not self.outcome.number:
            return
        if scene.line.by.role is Role.CUSTOMER:
            await self._visitor.send(customer.SetTyping(on=True))
        else:
            await self._colleague.send(agent_in.SetTyping(request=self.outcome.number, on=True))

    def _customers(self, event: Event) -> Struct | None:
        ref = self._ref()
        match event:
            case Opened():
                return customer.Open(ref=ref, name=self._name)
            case Sent(text):
                return customer.Send(ref=ref, text=text)
            case Closed():
                return customer.Close(ref=ref)
            case Rated(score, comment):
                return customer.Rate(ref=ref, score=score, comment=comment)
            case _:
                return None

    def _agents(self, event: Event) -> Struct | None:
        ref, number = self._ref(), self.outcome.number
        match event:
            case Sent(text):
                return agent_in.Send(ref=ref, request=number, text=text)
            case Noted(text):
                return agent_in.Note(ref=ref, request=number, text=text) if self._notes else None
            case Claimed():
                return agent_in.Claim(ref=ref, request=number)
            case Released():
                return agent_in.Release(ref=ref, request=number)
            case Closed():
                return agent_in.Close(ref=ref, request=number)
            case Reopened():
                return agent_in.Reopen(ref=ref, request=number)
            case Tagged(add, remove):
                return agent_in.Tag(ref=ref, request=number, add=list(add), remove=list(remove))
            case _:
                return None

    def _ref(self) -> str:
        self._refs += 1
        return f"replay-{self._refs}"

    async def _ask(self, connection: RelayConnection[Heard], frame: Struct) -> Heard | None:
        """Return the answer to *frame*, None if it was refused for good."""
        while True:
            began = perf_counter()
            async with _patience():
                answer = await connection.call(frame)
            if isinstance(answer, Error) and answer.retry_after is not None:
                await self._sleep(answer.retry_after)
                continue
            if isinstance(answer, Error):
                self.outcome.refused[answer.code] += 1
                return None
            self.outcome.answer_times.append(perf_counter() - began)
            if isinstance(answer, customer.Opened):
                self.outcome.number = answer.request.id
            return answer

    async def _arrives(self, text: str) -> None:
        """Read the customer's connection until *text* is there: nobody is left behind."""
        async with _patience():
            while not (
                isinstance(push := await self._visitor.receive(), MessagePush)
                and push.message.text == text
            ):
                pass


def _patience() -> asyncio.Timeout:
    return asyncio.timeout(PATIENCE)


async def reenact(
    first: RequestLine,
    scenes: Iterable[Scene],
    url: str,
    token: str,
    *,
    speed: float,
    notes: bool,
    sleep: Sleep,
    shown: Shown,
) -> Outcome:
    """Act *scenes* at the relay at *url*, where *token* is an agent's, and return what came of it.

    *shown* hears of each that was acted; *notes* are, if they are asked for.

    Raises :exc:`relay.errors.HelpdeskError` if a connection cannot be had or does not last.
    """
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(agent_client(url, token))
        visitor = await stack.enter_async_context(await connect_customer(url))
        hello = customer.Hello(ref="hello", site=first.request.site, locale=first.visit.locale)
        try:
            async with _patience():
                welcome = await visitor.call(hello)
            if isinstance(welcome, Error):
                raise RelayError(welcome.code, welcome.message)
            actors = Actors(visitor, client.connection, first.customer.name, sleep, notes=notes)
            for scene in scenes:
                await sleep(scene.pause / speed)
                await actors.types(scene)
                await sleep(scene.typing / speed)
                if await actors.act(scene):
                    shown(scene)
        except TimeoutError:
            raise Unreachable("The relay does not answer; check that it runs well.") from None
    return actors.outcome
