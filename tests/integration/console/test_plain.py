"""The console without a screen: lines in, lines out, and the same promises."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.wire import agent_in, agent_out, objects
from tests.integration.console.fake_relay import KIM, TOKEN, FakeRelay
from tests.patience import PATIENCE

PROGRAM = """
import sys
from pathlib import Path
from helpdesk_tui.plain import run_plain
from relay.errors import HelpdeskError
try:
    sys.exit(run_plain(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
except HelpdeskError as error:
    sys.exit(f"helpdesk: {error}")
"""


class Talk:
    """A process of the plain form."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    def say(self, *lines: str) -> None:
        assert self.process.stdin
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())

    async def hears(self, words: str) -> str:
        """Read lines until one has *words*; return it."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line.rstrip("\n"))
                if words in line:
                    return self.lines[-1]
        raise AssertionError(f"never said {words!r}: {self.lines}")

    async def end(self) -> int:
        """Say nothing more; return the exit code."""
        assert self.process.stdin
        self.process.stdin.close()
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


@asynccontextmanager
async def talk(url: str, state_dir: Path, token: str = TOKEN) -> AsyncIterator[Talk]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, url, token, str(state_dir)),
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        cwd=Path(__file__).parents[3],
    )
    try:
        yield Talk(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_script_answers_a_request_and_ends(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "My lamp is broken\nand dark")
    async with talk(relay.url, tmp_path) as plain:
        plain.say("list", "open 1", "say Which lamp?\\nThe red one?", "note is new", "tag +lamps")
        await plain.hears("#1 waiting, Ada 1: My lamp is broken and dark")
        await plain.hears("#1 Ada 1: My lamp is broken ⏎ and dark")
        await plain.hears("stored as 3")
        plain.say("close")
        assert await plain.end() == 0
    assert relay.sent() == ["Which lamp?\nThe red one?"]
    assert [message.kind for message in relay.logs[1]] == ["text", "text", "note"]
    assert relay.requests[1].tags == ["lamps"]
    assert relay.requests[1].status == "closed"


async def test_what_happens_comes_as_lines(relay: FakeRelay, tmp_path: Path) -> None:
    async with talk(relay.url, tmp_path) as plain:
        await plain.hears("online as Sam: mine 0, 0 waiting")
        relay.open(1, "Hello")
        await relay.push(agent_out.RequestPush(relay.requests[1]))
        assert await plain.hears("#1") == "#1 waiting, Ada 1: Hello"
        plain.say("claim 1", "transfer 1 kim", "away", "nonsense", "transfer 1 nobody")
        await plain.hears("There is no command 'nonsense'")
        await plain.hears("To whom? There are Sam, Kim.")
        await plain.hears("#1 active by Kim")
        await relay.until(lambda: any(isinstance(f, agent_in.SetStatus) for f in relay.heard))
        await relay.stop()
        await plain.hears("offline: ")
        plain.say("claim 1")
        await plain.hears("Offline: claim #1 again when the relay is back.")
        await relay.start()
        await plain.hears("online as Sam")
        assert await plain.end() == 0
    assert relay.requests[1].agent == KIM


async def test_no_control_character_is_written(relay: FakeRelay, tmp_path: Path) -> None:
    hostile = "\x1b]52;c;aGk=\x07\x9b2J\u202e"
    customer = objects.CustomerObject(1, name=hostile, email=hostile, verified=False, online=True)
    relay.open(1, hostile, customer=customer, tags=[hostile])
    async with talk(relay.url, tmp_path) as plain:
        plain.say("list", "open 1", f"{hostile} x", "quit")
        assert await plain.end() == 0
        assert plain.process.stdout
        written = (await plain.process.stdout.read()).decode()
    assert "#1" in written
    assert written.replace("\n", "").isprintable()


async def test_what_one_form_could_not_send_the_other_sends(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with talk(relay.url, tmp_path) as plain:
        plain.say("open 1")
        await plain.hears("#1 Ada 1: Hello")
        await relay.stop()
        await plain.hears("offline")
        plain.say("say written offline", "list")
        await plain.hears("1 requests")
        plain.process.kill()
    await relay.start()
    async with talk(relay.url, tmp_path) as plain:
        await plain.hears("stored as 2")
    assert relay.sent() == ["written offline"]


async def test_a_refused_token_is_one_sentence(relay: FakeRelay, tmp_path: Path) -> None:
    async with talk(relay.url, tmp_path, token="hda_bad") as plain:
        assert await plain.process.wait() == 1
        assert plain.process.stderr
        said = (await plain.process.stderr.read()).decode()
    assert said == "helpdesk: The relay refuses this token; get a new one from an admin.\n"


async def test_a_colleague_who_writes_is_told_of_and_holds_an_answer_back_once(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with talk(relay.url, tmp_path) as plain:
        plain.say("open 1")
        await plain.hears("#1 Ada 1: Hello")
        await relay.push(agent_out.Watching(1, [KIM]))
        await plain.hears("#1 Kim looks, too")
        await relay.push(objects.Typing(1, "agent", True))
        await plain.hears("#1 Kim is writing an answer here, too.")
        plain.say("say Mine", "say Mine")
        await plain.hears("Say it again if yours is still needed.")
        await plain.hears("stored as 2")
    assert relay.sent() == ["Mine"]
