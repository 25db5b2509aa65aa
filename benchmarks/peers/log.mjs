// Log of a room on SQLite, as a Node programmer would write it: every text is numbered, stored and synced.
import Database from "better-sqlite3";

/**
 * Return `keep(room, ref, text, done)`, which calls `done(seq)` after the commit.
 * `how` is "none" (nothing is stored), "each" (a commit for each text) or "group" (one for a turn's texts).
 */
export function openLog(path, how) {
  const last = new Map();
  const next = (room) => {
    const seq = (last.get(room) ?? 0) + 1;
    last.set(room, seq);
    return seq;
  };
  if (how === "none") return (room, ref, text, done) => done(next(room));

  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.exec(
    "CREATE TABLE message (id INTEGER PRIMARY KEY, room INTEGER, seq INTEGER, ref TEXT, text TEXT, at INTEGER);" +
      "CREATE UNIQUE INDEX message_room_seq ON message (room, seq)",
  );
  const insert = database.prepare("INSERT INTO message (room, seq, ref, text, at) VALUES (?, ?, ?, ?, ?)");
  if (how === "each") {
    return (room, ref, text, done) => {
      const seq = next(room);
      insert.run(room, seq, ref, text, Date.now());
      done(seq);
    };
  }

  let waiting = [];
  const commit = database.transaction((batch) => {
    for (const { room, seq, ref, text } of batch) insert.run(room, seq, ref, text, Date.now());
  });
  const settle = () => {
    const batch = waiting;
    waiting = [];
    commit(batch);
    for (const { seq, done } of batch) done(seq);
  };
  return (room, ref, text, done) => {
    if (waiting.length === 0) setImmediate(settle);
    waiting.push({ room, seq: next(room), ref, text, done });
  };
}
