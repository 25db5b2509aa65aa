// Node's `ws`: rooms of two. node ws_server.mjs PORT DATABASE none|each|group
import { WebSocketServer } from "ws";
import { openLog } from "./log.mjs";

const [port, path, how] = process.argv.slice(2);
const keep = openLog(path, how);
const rooms = new Map();

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(port), perMessageDeflate: false, backlog: 1024 });
server.on("listening", () => console.log("ready"));
server.on("connection", (socket) => {
  let room = 0;
  socket.on("message", (data) => {
    const frame = JSON.parse(data);
    if (frame.type === "join") {
      room = frame.room;
      rooms.set(room, [...(rooms.get(room) ?? []), socket]);
      socket.send('{"type":"joined"}');
      return;
    }
    keep(room, frame.ref, frame.text, (seq) => {
      const message = JSON.stringify({ type: "message", seq, text: frame.text });
      for (const other of rooms.get(room)) if (other !== socket) other.send(message);
      socket.send(JSON.stringify({ type: "sent", ref: frame.ref, seq }));
    });
  });
  socket.on("close", () => rooms.set(room, (rooms.get(room) ?? []).filter((other) => other !== socket)));
});
