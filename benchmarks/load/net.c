/* Sockets and WebSocket frames of a client: non-blocking, one epoll, all frames of a turn in one write. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, CHUNK = 1 << 18 };

static int poll_fd;
static struct sockaddr_in server;
static struct conn **to_flush;
static int flush_count;
static uint32_t mask = 0x9e3779b9;

uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void bytes_add(struct bytes *bytes, const void *data, size_t length) {
    if (bytes->length + length > bytes->room) {
        bytes->room = (bytes->length + length) * 2;
        bytes->data = realloc(bytes->data, bytes->room);
        if (!bytes->data) abort();
    }
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

/* Fifteen thousand idle connections keep no buffers. */
void bytes_drop(struct bytes *bytes, size_t length) {
    bytes->length -= length;
    if (bytes->length) {
        memmove(bytes->data, bytes->data + length, bytes->length);
    } else if (bytes->room > 4096) {
        free(bytes->data);
        memset(bytes, 0, sizeof *bytes);
    }
}

void net_open(const char *host, int port, int connections) {
    poll_fd = epoll_create1(0);
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &server.sin_addr) != 1) abort();
    to_flush = calloc((size_t)connections, sizeof *to_flush);
}

void dial(struct conn *conn) {
    int one = 1;
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (conn->fd < 0) {
        perror("socket");
        exit(1);
    }
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    conn->state = CONNECTING;
    conn->began = now();
    if (connect(conn->fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) {
        perror("connect");
        exit(1);
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = conn};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, conn->fd, &event);
}

void hang_up(struct conn *conn) {
    if (conn->state == GONE) return;
    close(conn->fd);
    conn->state = GONE;
    free(conn->in.data);
    free(conn->out.data);
    free(conn->packets.data);
    memset(&conn->in, 0, sizeof conn->in);
    memset(&conn->out, 0, sizeof conn->out);
    memset(&conn->packets, 0, sizeof conn->packets);
}

static void wish(struct conn *conn, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = conn};
    epoll_ctl(poll_fd, EPOLL_CTL_MOD, conn->fd, &event);
}

static void soon_flush(struct conn *conn) {
    if (!conn->flushing) to_flush[flush_count++] = conn;
    conn->flushing = 1;
}

static void flush(struct conn *conn) {
    conn->flushing = 0;
    if (conn->state == GONE || conn->state == CONNECTING || !conn->out.length) return;
    ssize_t written = send(conn->fd, conn->out.data, conn->out.length, MSG_NOSIGNAL);
    if (written < 0 && errno != EAGAIN) {
        was_closed(conn);
        return;
    }
    if (written > 0) bytes_drop(&conn->out, (size_t)written);
    wish(conn, conn->out.length ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void ws_send(struct conn *conn, int opcode, const void *data, size_t length) {
    uint8_t head[14] = {(uint8_t)(0x80 | opcode)};
    size_t size = 2;
    if (length < 126) {
        head[1] = (uint8_t)(0x80 | length);
    } else {
        head[1] = 0x80 | 126;
        head[2] = (uint8_t)(length >> 8);
        head[3] = (uint8_t)length;
        size = 4;
    }
    mask = mask * 1664525u + 1013904223u;
    memcpy(head + size, &mask, 4);
    bytes_add(&conn->out, head, size + 4);
    bytes_add(&conn->out, data, length);
    uint8_t *body = conn->out.data + conn->out.length - length, *key = head + size;
    for (size_t i = 0; i < length; i++) body[i] ^= key[i & 3];
    soon_flush(conn);
}

static void shake_hands(struct conn *conn) {
    char request[512];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
                          dialect->path(conn));
    if (dialect->subprotocol)
        length += snprintf(request + length, sizeof request - (size_t)length,
                           "Sec-WebSocket-Protocol: %s\r\n", dialect->subprotocol);
    bytes_add(&conn->out, request, (size_t)length);
    bytes_add(&conn->out, "\r\n", 2);
    conn->state = SHAKING;
    soon_flush(conn);
}

/* Return how much of the buffer the answer to the handshake took, 0 if it is not whole yet. */
static size_t take_answer(struct conn *conn) {
    uint8_t *end = memmem(conn->in.data, conn->in.length, "\r\n\r\n", 4);
    if (!end) return 0;
    if (conn->in.length < 12 || memcmp(conn->in.data + 9, "101", 3) != 0)
        went_wrong(conn, "handshake", conn->in.data, conn->in.length);
    conn->state = GREETING;
    dialect->greet(conn);
    return (size_t)(end + 4 - conn->in.data);
}

/* Return how much of the buffer one frame took, 0 if it is not whole yet. */
static size_t take_frame(struct conn *conn, size_t from) {
    uint8_t *data = conn->in.data + from;
    size_t held = conn->in.length - from, head = 2, length;
    if (held < 2) return 0;
    length = data[1] & 127;
    if (length == 126) {
        head = 4;
        if (held < head) return 0;
        length = (size_t)data[2] << 8 | data[3];
    } else if (length == 127) {
        head = 10;
        if (held < head) return 0;
        length = 0;
        for (int i = 2; i < 10; i++) length = length << 8 | data[i];
    }
    if (held < head + length) return 0;
    int opcode = data[0] & 15;
    if (opcode == PING) {
        ws_send(conn, PONG, data + head, length);
    } else if (opcode == CLOSE) {
        if (!ending) went_wrong(conn, "closed by the server", data + head, length);
        hang_up(conn);
    } else if (opcode != PONG) {
        dialect->hear(conn, opcode, data + head, length);
    }
    return head + length;
}

static void receive(struct conn *conn) {
    static uint8_t chunk[CHUNK];
    ssize_t got = recv(conn->fd, chunk, sizeof chunk, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        was_closed(conn);
        return;
    }
    bytes_add(&conn->in, chunk, (size_t)got);
    size_t used = 0, step;
    if (conn->state == SHAKING) {
        used = take_answer(conn);
        if (!used) return;
    }
    while (conn->state != GONE && (step = take_frame(conn, used)) > 0) used += step;
    if (conn->state != GONE) bytes_drop(&conn->in, used);
}

static void flush_all(void) {
    for (int i = 0; i < flush_count; i++) flush(to_flush[i]);
    flush_count = 0;
}

void turn(uint64_t wait_ns) {
    flush_all();
    struct epoll_event events[EVENTS];
    struct timespec wait = {(time_t)(wait_ns / 1000000000u), (long)(wait_ns % 1000000000u)};
    int count = epoll_pwait2(poll_fd, events, EVENTS, &wait, NULL);
    for (int i = 0; i < count; i++) {
        struct conn *conn = events[i].data.ptr;
        if (conn->state == CONNECTING && events[i].events & EPOLLOUT) shake_hands(conn);
        if (conn->state == GONE) continue;
        if (events[i].events & EPOLLOUT) soon_flush(conn);
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(conn);
    }
    flush_all();
}
