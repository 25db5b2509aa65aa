"""Starlette on uvicorn with aiosqlite, a commit for each text, as its users write it.

All connections share one database connection, so the first of several commits in a row stores the
texts of all of them: an accidental group commit, which a rollback would undo.

Start it as ``starlette_server.py PORT DATABASE``.
"""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import create_server

import aiosqlite
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.peers.rooms import INSERT, Rooms, compact, open_log, row

rooms: Rooms[WebSocket] = Rooms()
log: list[aiosqlite.Connection] = []


async def talk(socket: WebSocket) -> None:
    """Serve one connection to its end."""
    await socket.accept()
    room = json.loads(await socket.receive_text())["room"]
    rooms.members[room].append(socket)
    await socket.send_text('{"type":"joined"}')
    try:
        while True:
            frame = json.loads(await socket.receive_text())
            seq = rooms.next(room)
            await log[0].execute(INSERT, row(room, seq, frame))
            await log[0].commit()
            message = compact({"type": "message", "seq": seq, "text": frame["text"]})
            for other in rooms.others(room, socket):
                await other.send_text(message)
            await socket.send_text(compact({"type": "sent", "ref": frame["ref"], "seq": seq}))
    except WebSocketDisconnect:
        rooms.members[room].remove(socket)


@asynccontextmanager
async def life(_: Starlette) -> AsyncIterator[None]:
    """Open the log, and say that the server is ready: its socket listens since before."""
    log.append(await aiosqlite.connect(sys.argv[2]))
    await log[0].execute("PRAGMA synchronous=FULL")
    print("ready", flush=True)
    yield


if __name__ == "__main__":
    open_log(sys.argv[2]).close()
    app = Starlette(routes=[WebSocketRoute("/", talk)], lifespan=life)
    listener = create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024)
    uvicorn.Server(uvicorn.Config(app, log_level="error", loop="uvloop")).run([listener])
