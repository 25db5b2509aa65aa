/* Protocol of each server. All of them forward a text to the other side of a room and acknowledge it. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void send_text(struct conn *conn, const char *text, int length) {
    ws_send(conn, TEXT, text, (size_t)length);
}

/* --- Helpdesk: the whole protocol of a customer and an agent ------------------------------------ */

static const char *helpdesk_path(const struct conn *conn) {
    return conn->side == CUSTOMER ? "/v1/customer" : "/v1/agent";
}

static void helpdesk_greet(struct conn *conn) {
    char frame[256];
    int length;
    if (conn->side != CUSTOMER) {
        const char *token = agent_tokens[conn->room % agent_token_count];
        const char *queue = conn->side == WATCHER ? "true" : "false";
        length = snprintf(frame, sizeof frame,
                          "{\"type\":\"hello\",\"ref\":\"h\",\"token\":\"%s\",\"queue\":%s}", token, queue);
    } else if (*conn->token) {
        length = snprintf(frame, sizeof frame,
                          "{\"type\":\"hello\",\"ref\":\"h\",\"token\":\"%s\",\"request\":%ld,\"after\":%ld}",
                          conn->token, conn->request, conn->after);
    } else {
        length = snprintf(frame, sizeof frame, "{\"type\":\"hello\",\"ref\":\"h\"}");
    }
    send_text(conn, frame, length);
}

static void helpdesk_welcome(struct conn *conn, const uint8_t *data, size_t length) {
    char frame[96];
    if (hello_only) {
        is_ready(conn);
    } else if (conn->side == AGENT) {
        int size = snprintf(frame, sizeof frame, "{\"type\":\"join\",\"ref\":\"j\",\"request\":%ld,\"after\":0}",
                            conn->peer->request);
        send_text(conn, frame, size);
    } else if (conn->side == WATCHER || *conn->token) {
        is_ready(conn);
    } else {
        const char *token = find(data, length, "\"token\":\"");
        snprintf(conn->token, sizeof conn->token, "%.*s", (int)strcspn(token, "\""), token);
        open_request(conn);
    }
}

void open_request(struct conn *conn) { send_text(conn, "{\"type\":\"open\",\"ref\":\"o\"}", 25); }

static void helpdesk_hear(struct conn *conn, int opcode, uint8_t *data, size_t length) {
    const char *kind = find(data, length, "\"type\":\""), *at;
    (void)opcode;
    if (!kind) went_wrong(conn, "frame", data, length);
    if (!strncmp(kind, "sent\"", 5)) {
        was_acknowledged(conn, strtoull(find(data, length, "\"ref\":\""), NULL, 16));
    } else if (!strncmp(kind, "message\"", 8)) {
        if (find(data, length, "\"text\":\"bench ")) was_delivered(conn, data, length);
        if ((at = find(data, length, "\"seq\":"))) conn->after = strtol(at, NULL, 10);
    } else if (!strncmp(kind, "welcome\"", 8)) {
        helpdesk_welcome(conn, data, length);
    } else if (!strncmp(kind, "opened\"", 7)) {
        conn->request = strtol(find(data, length, "\"id\":"), NULL, 10);
        is_ready(conn);
    } else if (!strncmp(kind, "joined\"", 7)) {
        is_ready(conn);
    } else if (!strncmp(kind, "error\"", 6)) {
        went_wrong(conn, "refused", data, length);
    }
}

static void helpdesk_say(struct conn *conn, uint64_t number, uint64_t due) {
    char frame[320], text[TEXT_LENGTH + 1];
    int length;
    put_text(text, conn, number, due);
    if (conn->side == CUSTOMER)
        length = snprintf(frame, sizeof frame, "{\"type\":\"send\",\"ref\":\"%lx\",\"text\":\"%s\"}", number, text);
    else
        length = snprintf(frame, sizeof frame, "{\"type\":\"send\",\"ref\":\"%lx\",\"request\":%ld,\"text\":\"%s\"}",
                          number, conn->peer->request, text);
    send_text(conn, frame, length);
}

const struct dialect helpdesk = {"helpdesk", "helpdesk.v1", helpdesk_path,
                                 helpdesk_greet, helpdesk_hear, helpdesk_say};

/* --- Plain: what the peers of benchmarks/peers speak: join, send, sent, message ------------------ */

static const char *plain_path(const struct conn *conn) {
    (void)conn;
    return "/";
}

static void plain_greet(struct conn *conn) {
    char frame[64];
    send_text(conn, frame, snprintf(frame, sizeof frame, "{\"type\":\"join\",\"room\":%d}", conn->room));
}

static void plain_hear(struct conn *conn, int opcode, uint8_t *data, size_t length) {
    const char *kind = find(data, length, "\"type\":\"");
    (void)opcode;
    if (!kind) went_wrong(conn, "frame", data, length);
    if (!strncmp(kind, "sent\"", 5)) {
        was_acknowledged(conn, strtoull(find(data, length, "\"ref\":\""), NULL, 16));
    } else if (!strncmp(kind, "message\"", 8)) {
        was_delivered(conn, data, length);
    } else if (!strncmp(kind, "joined\"", 7)) {
        is_ready(conn);
    } else {
        went_wrong(conn, "frame", data, length);
    }
}

static void plain_say(struct conn *conn, uint64_t number, uint64_t due) {
    char frame[320], text[TEXT_LENGTH + 1];
    put_text(text, conn, number, due);
    send_text(conn, frame,
              snprintf(frame, sizeof frame, "{\"type\":\"send\",\"ref\":\"%lx\",\"text\":\"%s\"}", number, text));
}

const struct dialect plain = {"plain", NULL, plain_path, plain_greet, plain_hear, plain_say};

/* --- Socket.IO: Engine.IO 4 over its WebSocket, events with acknowledgements --------------------- */

static const char *socketio_path(const struct conn *conn) {
    (void)conn;
    return "/socket.io/?EIO=4&transport=websocket";
}

static void socketio_greet(struct conn *conn) { (void)conn; /* the server speaks first */ }

static void socketio_hear(struct conn *conn, int opcode, uint8_t *data, size_t length) {
    char frame[64];
    (void)opcode;
    if (length && data[0] == '0') {
        send_text(conn, "40", 2);
    } else if (length == 1 && data[0] == '2') {
        send_text(conn, "3", 1);
    } else if (length > 1 && data[0] == '4' && data[1] == '0') {
        send_text(conn, frame, snprintf(frame, sizeof frame, "420[\"join\",%d]", conn->room));
    } else if (length > 1 && data[0] == '4' && data[1] == '3') {
        uint64_t number = strtoull((char *)data + 2, NULL, 10); /* 0 is the join's */
        if (number) was_acknowledged(conn, number - 1);
        else is_ready(conn);
    } else if (find(data, length, "\"text\":\"bench ")) {
        was_delivered(conn, data, length);
    } else {
        went_wrong(conn, "packet", data, length);
    }
}

static void socketio_say(struct conn *conn, uint64_t number, uint64_t due) {
    char frame[320], text[TEXT_LENGTH + 1];
    put_text(text, conn, number, due);
    send_text(conn, frame,
              snprintf(frame, sizeof frame, "42%lu[\"send\",{\"ref\":\"%lx\",\"text\":\"%s\"}]", number + 1, number,
                       text));
}

const struct dialect socketio = {"socketio", NULL, socketio_path, socketio_greet, socketio_hear, socketio_say};
