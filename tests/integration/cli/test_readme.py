"""The README's own lines, run to the letter, make a desk on which a customer is answered."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pexpect
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.fork_server import PROGRAM
from tests.integration.cli.machine import Machine
from tests.patience import PATIENCE

README = (Path(__file__).parents[3] / "README.md").read_text()
SHOP = "https://shop.example.org"


def lines_below(heading: str) -> list[str]:
    """Return the command lines of the first block below *heading*."""
    block = README.partition(f"## {heading}\n")[2].partition("```sh\n")[2].partition("```")[0]
    return block.splitlines()


class Newcomer:
    """A person who types the README's lines into a shell, in one folder."""

    def __init__(self, machine: Machine) -> None:
        # Every port may be taken here; the desk takes a free one, and nothing else is changed.
        machine.variables = {
            "HELPDESK_DATABASE": "",
            "HELPDESK_PORT": "0",
            "PATH": f"{Path(PROGRAM).parent}:/usr/bin:/bin",
            "TERM": "xterm-256color",
        }
        self.machine = machine

    @contextmanager
    def types(self, line: str) -> Iterator["pexpect.spawn[str]"]:
        """Run *line* in a shell in a terminal, which ends with the block."""
        shell = pexpect.spawn(
            "sh",
            ["-c", line],
            cwd=str(self.machine.home),
            env=self.machine.environment,
            encoding="utf-8",
            timeout=PATIENCE,
            dimensions=(30, 120),
        )
        try:
            yield shell
        finally:
            shell.close(force=True)

    def runs(self, line: str, *answers: tuple[str, str]) -> str:
        """Run *line* to its end with *answers* to its questions; return all that it wrote."""
        with self.types(line) as shell:
            said = ""
            for question, answer in answers:
                shell.expect(question)
                said += f"{shell.before}{shell.after}"
                shell.sendline(answer)
            shell.expect(pexpect.EOF)
            said += shell.before or ""
            shell.close()
            assert shell.exitstatus == 0, said
            return said


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]


@contextmanager
def asking(src: str) -> Iterator[ClientConnection]:
    """Open a request from a page of the shop that embeds *src*, and yield its connection."""
    with connect(
        f"ws://{urlsplit(src).netloc}/v1/customer",
        origin=Origin(SHOP),
        subprotocols=[Subprotocol("helpdesk.v1")],
    ) as customer:
        customer.send(json.dumps({"type": "hello", "ref": "1"}))
        assert json.loads(customer.recv(PATIENCE))["type"] == "welcome"
        question = {"type": "open", "ref": "2", "name": "Ada", "text": "Where is my order?"}
        customer.send(json.dumps(question))
        yield customer


def test_the_first_page_makes_a_desk_that_answers_a_customer(machine: Machine) -> None:
    newcomer = Newcomer(machine)
    init, serve, login, tui, add, doctor = lines_below("Run your own")
    assert [line.split()[1] for line in (init, serve, login, tui, add, doctor)] == [
        *("init", "serve", "login", "tui", "agent", "doctor")
    ]
    made = newcomer.runs(init, ("for browsers", ""), ("Origins", SHOP), ("Your name", "Kim"))
    token = found(r"(hda_[\w-]+)", made)
    with newcomer.types(serve) as relay:
        relay.expect(r"ready on (\S+)")
        assert relay.match
        url = str(relay.match[1])
        newcomer.runs(login, ("address", url), ("token: ", token))
        [tag] = re.findall("<script.*</script>", newcomer.runs("helpdesk snippet"))
        src = found('src="([^"]+)"', tag)
        with urlopen(src, timeout=PATIENCE) as script:
            assert b"import" in script.read()
        with newcomer.types(tui) as console, asking(src) as customer:
            console.expect("Ada")
            console.send("\r")
            console.expect("Where is my order")
            console.send("On its way.\r")
            while True:
                pushed = json.loads(customer.recv(PATIENCE))
                if pushed["type"] == "message" and pushed["message"]["text"] == "On its way.":
                    break
            assert pushed["message"]["by"] == {"role": "agent", "name": "Kim"}
        assert "hda_" in newcomer.runs(add)
        assert "Asked, answered and erased" in newcomer.runs(doctor)
