"""Starlette on uvicorn with aiosqlite, a commit for each text.

Start it as ``starlette_server.py PORT DATABASE``.
"""

import json
import sys

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


async def start() -> None:
    """Open the log and say that the server is ready; uvicorn listens right after."""
    log.append(await aiosqlite.connect(sys.argv[2]))
    await log[0].execute("PRAGMA synchronous=FULL")


if __name__ == "__main__":
    open_log(sys.argv[2]).close()
    app = Starlette(routes=[WebSocketRoute("/", talk)], on_startup=[start])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", loop="uvloop")
