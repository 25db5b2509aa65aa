/* Protocols of the brokers: NATS with JetStream, and MQTT. Both send a byte stream in WebSocket frames, so a packet
 * may begin in one frame and end in another. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef size_t take(struct conn *, const uint8_t *data, size_t length); /* returns the bytes of one packet, 0 if incomplete */

static void take_all(struct conn *conn, take *one, const uint8_t *data, size_t length) {
    struct bytes *held = &conn->packets;
    size_t used = 0, step;
    bytes_add(held, data, length);
    while (used < held->length && (step = one(conn, held->data + used, held->length - used)) > 0) used += step;
    bytes_drop(held, used);
}

/* --- NATS: a text is published to JetStream, which acknowledges it to the address for replies ---- */

static const char *nats_path(const struct conn *conn) {
    (void)conn;
    return "/";
}

static void nats_publish(struct conn *conn, const char *subject, const char *reply, const char *text) {
    char packet[512];
    int length = snprintf(packet, sizeof packet, "PUB %s %s %zu\r\n%s\r\n", subject, reply, strlen(text), text);
    ws_send(conn, BINARY, packet, (size_t)length);
}

static void nats_greet(struct conn *conn) {
    char packet[256];
    int length = snprintf(packet, sizeof packet,
                          "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n"
                          "SUB room.%d.%d 1\r\nSUB answer.%d.* 2\r\nPING\r\n",
                          conn->room, !conn->side, conn->number);
    ws_send(conn, BINARY, packet, (size_t)length);
}

/* The first connection makes the stream that keeps everything. */
static void nats_pong(struct conn *conn) {
    char reply[32];
    if (conn->number) {
        is_ready(conn);
        return;
    }
    snprintf(reply, sizeof reply, "answer.%d.made", conn->number);
    nats_publish(conn, "$JS.API.STREAM.CREATE.rooms", reply,
                 "{\"name\":\"rooms\",\"subjects\":[\"room.>\"],\"storage\":\"file\"}");
}

static void nats_message(struct conn *conn, const char *subject, const char *text, size_t length) {
    const char *kind = strncmp(subject, "answer.", 7) ? "room" : strchr(subject + 7, '.') + 1;
    if (!strcmp(kind, "room")) {
        was_delivered(conn, (const uint8_t *)text, length);
    } else if (find((const uint8_t *)text, length, "\"error\"")) {
        went_wrong(conn, "refused", (const uint8_t *)text, length);
    } else if (!strncmp(kind, "made", 4)) {
        is_ready(conn);
    } else {
        was_acknowledged(conn, strtoull(kind, NULL, 16));
    }
}

static size_t nats_take(struct conn *conn, const uint8_t *data, size_t length) {
    const char *line = (const char *)data, *end = memmem(data, length, "\r\n", 2), *size;
    if (!end) return 0;
    size_t head = (size_t)(end - line) + 2;
    if (!strncmp(line, "MSG ", 4)) {
        size = memrchr(line, ' ', head);
        size_t body = strtoul(size, NULL, 10);
        if (length < head + body + 2) return 0;
        nats_message(conn, line + 4, end + 2, body);
        return head + body + 2;
    }
    if (!strncmp(line, "PING", 4)) ws_send(conn, BINARY, "PONG\r\n", 6);
    else if (!strncmp(line, "PONG", 4)) nats_pong(conn);
    else if (!strncmp(line, "-ERR", 4)) went_wrong(conn, "refused", data, head);
    return head;
}

static void nats_hear(struct conn *conn, int opcode, uint8_t *data, size_t length) {
    (void)opcode;
    take_all(conn, nats_take, data, length);
}

static void nats_say(struct conn *conn, uint64_t number, uint64_t due) {
    char subject[32], reply[48], text[TEXT_LENGTH + 1];
    put_text(text, conn, number, due);
    snprintf(subject, sizeof subject, "room.%d.%d", conn->room, conn->side);
    snprintf(reply, sizeof reply, "answer.%d.%lx", conn->number, number);
    nats_publish(conn, subject, reply, text);
}

const struct dialect nats = {"nats", NULL, nats_path, nats_greet, nats_hear, nats_say};

/* --- MQTT 3.1.1: QoS 1 on both ways, a session that outlives its connection ---------------------- */

enum packet { CONNACK = 2, PUBLISH = 3, PUBACK = 4, SUBACK = 9 };
enum { IDS = 65535 }; /* packet identifiers: 1 to this */

static const char *mqtt_path(const struct conn *conn) {
    (void)conn;
    return "/mqtt";
}

/* Return the end of *text* put at *into* as MQTT does it, its length before it. */
static uint8_t *mqtt_string(uint8_t *into, const char *text) {
    size_t length = strlen(text);
    *into++ = (uint8_t)(length >> 8);
    *into++ = (uint8_t)length;
    memcpy(into, text, length);
    return into + length;
}

/* Send what lies between *body* and *end*; its head takes two or three bytes. */
static void mqtt_send(struct conn *conn, uint8_t first, const uint8_t *body, const uint8_t *end) {
    size_t length = (size_t)(end - body);
    uint8_t packet[512] = {first, (uint8_t)length};
    size_t head = 2;
    if (length > 127) {
        packet[1] = (uint8_t)(0x80 | (length & 127));
        packet[head++] = (uint8_t)(length >> 7);
    }
    memcpy(packet + head, body, length);
    ws_send(conn, BINARY, packet, head + length);
}

static void mqtt_greet(struct conn *conn) {
    char name[32];
    uint8_t body[64], *end = mqtt_string(body, "MQTT");
    snprintf(name, sizeof name, "load-%d", conn->number);
    memcpy(end, "\4\0\0\0", 4); /* version 4, keep the session, no keepalive */
    mqtt_send(conn, 0x10, body, mqtt_string(end + 4, name));
}

static void mqtt_subscribe(struct conn *conn) {
    char topic[32];
    uint8_t body[64] = {0, 1}, *end;
    snprintf(topic, sizeof topic, "room/%d/%d", conn->room, !conn->side);
    end = mqtt_string(body + 2, topic);
    *end++ = 1;
    mqtt_send(conn, 0x82, body, end);
}

static void mqtt_publish(struct conn *conn, uint8_t first, const uint8_t *body, size_t length) {
    if (first & 8) went_wrong(conn, "sent twice", body, length);
    const uint8_t *id = body + 2 + (body[0] << 8 | body[1]);
    was_delivered(conn, body, length);
    mqtt_send(conn, PUBACK << 4, id, id + 2);
}

static size_t mqtt_take(struct conn *conn, const uint8_t *data, size_t length) {
    size_t head = 1, body = 0;
    for (int shift = 0; head < 2 || data[head - 1] & 0x80; shift += 7) {
        if (head >= length) return 0;
        body |= (size_t)(data[head++] & 127) << shift;
    }
    if (length < head + body) return 0;
    const uint8_t *at = data + head;
    switch (data[0] >> 4) {
    case CONNACK:
        if (at[1]) went_wrong(conn, "refused", data, head + body);
        mqtt_subscribe(conn);
        break;
    case SUBACK:
        is_ready(conn);
        break;
    case PUBACK:
        /* Identifiers go round; only the one that is due is right. */
        was_acknowledged(conn, (uint64_t)(at[0] << 8 | at[1]) == conn->acked % IDS + 1 ? conn->acked : UINT64_MAX);
        break;
    case PUBLISH:
        mqtt_publish(conn, data[0], at, body);
        break;
    default:
        went_wrong(conn, "packet", data, head + body);
    }
    return head + body;
}

static void mqtt_hear(struct conn *conn, int opcode, uint8_t *data, size_t length) {
    (void)opcode;
    take_all(conn, mqtt_take, data, length);
}

static void mqtt_say(struct conn *conn, uint64_t number, uint64_t due) {
    char topic[32], text[TEXT_LENGTH + 1];
    uint8_t body[320], *end;
    put_text(text, conn, number, due);
    snprintf(topic, sizeof topic, "room/%d/%d", conn->room, conn->side);
    end = mqtt_string(body, topic);
    *end++ = (uint8_t)((number % IDS + 1) >> 8);
    *end++ = (uint8_t)(number % IDS + 1);
    memcpy(end, text, TEXT_LENGTH);
    mqtt_send(conn, PUBLISH << 4 | 2, body, end + TEXT_LENGTH);
}

const struct dialect mqtt = {"mqtt", "mqtt", mqtt_path, mqtt_greet, mqtt_hear, mqtt_say};
