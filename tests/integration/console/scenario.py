"""Parts of the tests of all actions: a scene, and the table of the scenarios in it."""

from collections.abc import Awaitable, Callable

from helpdesk_tui.keys import Key
from tests.integration.console.console_session import ConsoleSession
from tests.integration.console.fake_relay import FakeRelay

LINK = "https://shop.example/orders/1"


class Scene:
    """A console with three open requests and a closed one; ``put_out`` is what it wrote beside."""

    def __init__(
        self, desk: ConsoleSession, relay: FakeRelay, key: Key, put_out: list[str]
    ) -> None:
        self.desk, self.relay, self.put_out = desk, relay, put_out
        self.keys = key.keys.split(",")
        self.sees, self.until = desk.sees, desk.until

    async def press(self, *more: str) -> None:
        """Press the key of the action, and then *more*."""
        await self.desk.press(self.keys[0])
        await self.desk.press(*more)

    async def heard(self, kind: type[object]) -> None:
        await self.relay.until(lambda: any(isinstance(frame, kind) for frame in self.relay.heard))

    async def opens(self, number: int) -> None:
        await self.until(lambda: self.desk.seat.open == number)

    async def chooses(self, number: int) -> None:
        await self.until(lambda: self.desk.panes.list.selected == number)


Scenario = Callable[[Scene], Awaitable[None]]
SCENARIOS: dict[str, Scenario] = {}


def does(*names: str) -> Callable[[Scenario], Scenario]:
    """Register a function as the scenario of the actions *names*."""

    def keep(scenario: Scenario) -> Scenario:
        SCENARIOS.update(dict.fromkeys(names, scenario))
        return scenario

    return keep
