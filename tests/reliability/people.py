"""Simulated clients for tests under load: customers who ask, and agents who answer."""

from collections.abc import Callable
from random import Random

from tests.reliability.person import Person, Told
from tests.reliability.transcript import Breach, Frame, Place

PAGE = 200
"""Messages of one page of the history, as many as the protocol allows."""


class Customer(Person):
    """Somebody who asks for help and then goes on about it."""

    path = "customer"

    def __init__(self, name: str, rng: Random, told: Told, token: str | None = None) -> None:
        super().__init__(name, rng, told)
        self.request: int | None = None
        self._known: Frame = {} if token is None else {"token": token}

    def _hello(self) -> Frame:
        after = self.transcript.last(self.request) if self.request else 0
        return {**self._known, "request": self.request, "after": after}

    async def _resume(self, welcome: Frame) -> None:
        if self.request is not None and (welcome["reset"] or welcome["request"] is None):
            self.transcript.blame(Breach.LOST, f"#{self.request} is no longer what it was")
        self._known = {"token": welcome["token"], "epoch": welcome["epoch"]}
        if welcome["request"] is None:
            self.request = None
        else:
            self.request = number = int(welcome["request"]["id"])
            after = 0 if welcome["reset"] else self.transcript.last(number)
            messages, meanwhile = await self._missed(welcome, after)
            self._hearing.watch(number, messages, after=after)
            for frame in meanwhile:
                self._hear(frame)

    async def _missed(self, welcome: Frame, after: int) -> tuple[list[Frame], list[Frame]]:
        """Return all messages after number *after*, and the frames that came while it asked.

        *welcome* has the newest of them; the others come by ``history``.
        """
        messages, more = list(welcome["messages"]), welcome["more"]
        meanwhile: list[Frame] = []
        while more and messages[0]["seq"] > after + 1:
            before = messages[0]["seq"]
            page = {"type": "history", "ref": "history", "request": self.request, "limit": PAGE}
            await self._send({**page, "before": before})
            while (frame := await self._receive()).get("ref") != "history":
                meanwhile.append(frame)
            messages[:0] = [one for one in frame["messages"] if one["seq"] > after]
            more = frame["more"]
        return messages, meanwhile

    async def _say_something(self) -> None:
        if self.request is not None:
            await self._say("send", request=self.request)
        elif not self._unanswered:
            await self._say("open", name=self.name)

    def _hear(self, frame: Frame) -> None:
        match frame["type"]:
            case "message":
                self._hearing.shown(frame["request"], frame["message"])
            case "sent":
                assert self.request is not None
                self._sent(frame, self.request)
            case "opened":
                self._opened(frame)
            case "error":
                self._refused(frame)
            case _:
                pass

    def _opened(self, frame: Frame) -> None:
        number, messages, ref = frame["request"]["id"], frame["messages"], frame["ref"]
        if self.request is None:
            self._hearing.watch(number, messages, after=0)
            self.request = number
        else:
            self._hearing.repeated(number, messages)
        del self._unanswered[ref]
        own = [message["seq"] for message in messages if message["text"] == ref]
        self.transcript.acknowledged[ref] = Place(number, *own)
        self._told()


class Agent(Person):
    """Somebody who watches every request that is theirs, answers, notes, claims and releases."""

    path = "agent"

    def __init__(
        self,
        name: str,
        rng: Random,
        told: Told,
        token: str,
        mine: Callable[[int], bool],
    ) -> None:
        super().__init__(name, rng, told)
        self._token = token
        self._mine = mine
        self._joined: list[int] = []
        self._to_join: set[int] = set()

    def _hello(self) -> Frame:
        return {"token": self._token}

    async def _resume(self, welcome: Frame) -> None:
        self._joined.clear()
        self._to_join.clear()
        for request in welcome["requests"]:
            self._look_at(request["id"])
        await self._join_all()

    def _look_at(self, number: int) -> None:
        if self._mine(number) and number not in self._joined:
            self._to_join.add(number)

    async def _join_all(self) -> None:
        while self._to_join:
            number = self._to_join.pop()
            self._joined.append(number)
            after = self.transcript.last(number)
            join = {"type": "join", "ref": "join", "request": number, "after": after}
            joined = await self._ask(join)
            assert not joined["more"], "all that was missed fits into one answer"
            self._hearing.watch(number, joined["messages"], after=after)

    async def _say_something(self) -> None:
        await self._join_all()
        if not self._joined:
            return
        number = self._rng.choice(self._joined)
        match self._rng.choices(["send", "note", "claim", "release"], [6, 2, 1, 1])[0]:
            case "send" | "note" as kind:
                await self._say(kind, request=number)
            case kind:
                await self._send({"type": kind, "ref": kind, "request": number})

    def _hear(self, frame: Frame) -> None:
        match frame["type"]:
            case "message":
                self._hearing.shown(frame["request"], frame["message"])
            case "sent":
                self._sent(frame, self._unanswered[frame["ref"]]["request"])
            case "request":
                self._look_at(frame["request"]["id"])
            case "ok":
                self.transcript.confirm(frame["request"]["id"], frame["request"]["seq"])
            case "error":
                if frame["ref"] not in {"claim", "release"}:  # a colleague may have been first
                    self._refused(frame)
            case _:
                pass
