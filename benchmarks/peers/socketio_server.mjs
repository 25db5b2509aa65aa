// Socket.IO: its own rooms and acknowledgements. node socketio_server.mjs PORT DATABASE none|each|group
import { createServer } from "node:http";
import { Server } from "socket.io";
import { openLog } from "./log.mjs";

const [port, path, how] = process.argv.slice(2);
const keep = openLog(path, how);
const web = createServer();
const server = new Server(web, { transports: ["websocket"], serveClient: false });

server.on("connection", (socket) => {
  let room = 0;
  socket.on("join", (number, acknowledge) => {
    room = number;
    socket.join(String(room));
    acknowledge();
  });
  socket.on("send", ({ ref, text }, acknowledge) => {
    keep(room, ref, text, (seq) => {
      socket.to(String(room)).emit("message", { seq, text });
      acknowledge({ ref, seq });
    });
  });
});
web.listen({ port: Number(port), host: "127.0.0.1", backlog: 1024 }, () => console.log("ready"));
