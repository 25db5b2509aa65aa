"""`websockets` as its manual shows it, on uvloop.

Start it as ``websockets_server.py PORT DATABASE none|each``.
"""

import asyncio
import json
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.peers.rooms import INSERT, Rooms, compact, open_log, row


async def main(port: int, path: str, how: str) -> None:
    """Serve until the process ends."""
    rooms: Rooms[ServerConnection] = Rooms()
    log = open_log(path) if how == "each" else None

    async def talk(socket: ServerConnection) -> None:
        room = json.loads(await socket.recv())["room"]
        rooms.members[room].append(socket)
        await socket.send('{"type":"joined"}')
        async for data in socket:
            frame = json.loads(data)
            seq = rooms.next(room)
            if log is not None:
                log.execute(INSERT, row(room, seq, frame))
            message = compact({"type": "message", "seq": seq, "text": frame["text"]})
            for other in rooms.others(room, socket):
                await other.send(message)
            await socket.send(compact({"type": "sent", "ref": frame["ref"], "seq": seq}))

    async with serve(talk, "127.0.0.1", port, compression=None, backlog=1024):
        print("ready", flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
