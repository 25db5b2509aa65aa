"""A read-only file: the relay reports it, refuses writes, and recovers."""

import os
from pathlib import Path

from tests.integration.faults.test_bad_disk import ready, refs, say
from tests.integration.relay.helpers import FREE
from tests.integration.relay.plain_http import http
from tests.integration.relay.relay_process import PROGRAM, customer_of, served, served_by

NO_OVERRIDE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Has files be read-only for root, too; for everybody else they are without it."""
MORTAL = (*(NO_OVERRIDE if os.geteuid() == 0 else ()), *PROGRAM)


def permit(database: Path, mode: int) -> None:
    """Set the *mode* of the database and, where it is there, of its log and the log's index."""
    for end in ("", "-wal", "-shm"):
        file = Path(f"{database}{end}")
        if file.exists():
            file.chmod(mode)


async def test_on_a_read_only_file_nothing_is_kept_what_was_is_read_and_writing_comes_back(
    database: Path,
) -> None:
    async with served(database, **FREE) as relay:
        customer = await customer_of(relay)
        await customer.ok("open")
        kept, _ = await say(customer, range(3))
        token = customer.welcome["token"]
        await customer.socket.close()
        relay.stop()
        assert await relay.process.wait() == 0
    permit(database, 0o400)
    async with served_by(MORTAL, database, **FREE) as relay:
        said = await ready(relay, 503)
        assert "the store refuses writes" in said, said
        assert (await http(relay, "/healthz")).status == 200
        customer = await customer_of(relay, token=token, request=1, after=0)
        assert {it.get("ref") for it in customer.welcome["messages"]} >= kept
        none, refused = await say(customer, range(3, 6))
        assert not none
        assert len(refused) == 3

        permit(database, 0o600)
        await ready(relay, 200)
        more, _ = await say(customer, range(6, 9))
        assert len(more) == 3
        await customer.socket.close()
        relay.stop()
        assert await relay.process.wait() == 0
    assert sorted(refs(database)) == sorted(kept | more)
