/* Upper bound: a relay of the plain dialect in C that stores and checks nothing. One epoll, one thread.
 *
 *   relay PORT
 *
 * It shows the limit of loopback, system calls and the load generator. Not for use.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOMS = 1 << 15, INBOX = 4096, OUTBOX = 1 << 17, EVENTS = 512 };

struct client {
    int fd, room, upgraded, flushing;
    size_t held, waiting;
    uint8_t in[INBOX], *out;
};

static struct client *rooms[ROOMS][2], *to_flush[ROOMS * 2];
static int flush_count;

static void put(struct client *client, const void *data, size_t length) {
    if (!client->out) client->out = malloc(OUTBOX);
    if (client->waiting + length > OUTBOX) abort();
    memcpy(client->out + client->waiting, data, length);
    client->waiting += length;
    if (!client->flushing) to_flush[flush_count++] = client;
    client->flushing = 1;
}

static void put_frame(struct client *client, const char *text, size_t length) {
    uint8_t head[4] = {0x81, (uint8_t)length};
    if (length > 125) {
        head[1] = 126;
        head[2] = (uint8_t)(length >> 8);
        head[3] = (uint8_t)length;
    }
    put(client, head, length > 125 ? 4 : 2);
    put(client, text, length);
}

static void flush(struct client *client) {
    client->flushing = 0;
    size_t sent = 0;
    while (sent < client->waiting) {
        ssize_t wrote = send(client->fd, client->out + sent, client->waiting - sent, MSG_NOSIGNAL);
        if (wrote < 0 && errno != EAGAIN) break;
        if (wrote > 0) sent += (size_t)wrote;
    }
    client->waiting = 0;
    free(client->out);
    client->out = NULL;
}

static void join(struct client *client, const char *text) {
    client->room = atoi(strstr(text, "\"room\":") + 7);
    struct client **room = rooms[client->room];
    room[room[0] ? 1 : 0] = client;
    put_frame(client, "{\"type\":\"joined\"}", 17);
}

static void hear(struct client *client, char *text, size_t length) {
    char answer[512];
    static unsigned long seq;
    if (!memcmp(text + 9, "join", 4)) {
        join(client, text);
        return;
    }
    struct client **room = rooms[client->room], *peer = room[room[0] == client];
    char *ref = (char *)memmem(text, length, "\"ref\":\"", 7) + 7, *words = (char *)memmem(text, length, "\"text\":\"", 8) + 8;
    int ref_length = (int)strcspn(ref, "\""), words_length = (int)strcspn(words, "\"");
    int size = snprintf(answer, sizeof answer, "{\"type\":\"message\",\"seq\":%lu,\"text\":\"%.*s\"}", ++seq, words_length, words);
    put_frame(peer, answer, (size_t)size);
    size = snprintf(answer, sizeof answer, "{\"type\":\"sent\",\"ref\":\"%.*s\",\"seq\":%lu}", ref_length, ref, seq);
    put_frame(client, answer, (size_t)size);
}

static size_t take(struct client *client, size_t from) {
    uint8_t *data = client->in + from;
    size_t held = client->held - from, head = 6, length;
    if (held < 2) return 0;
    length = data[1] & 127;
    if (length == 126) {
        head = 8;
        length = held < 4 ? 0 : (size_t)data[2] << 8 | data[3];
    }
    if (held < head + length || held < head) return 0;
    for (size_t i = 0; i < length; i++) data[head + i] ^= data[head - 4 + (i & 3)];
    hear(client, (char *)data + head, length);
    return head + length;
}

static void receive(struct client *client) {
    ssize_t got = recv(client->fd, client->in + client->held, INBOX - client->held, 0);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN) return;
        close(client->fd); /* its room stays taken: a run has its own relay */
        return;
    }
    client->held += (size_t)got;
    size_t used = 0, step;
    if (!client->upgraded) {
        if (!memmem(client->in, client->held, "\r\n\r\n", 4)) return;
        static const char yes[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        put(client, yes, sizeof yes - 1);
        client->upgraded = 1;
        client->held = 0;
        return;
    }
    while ((step = take(client, used)) > 0) used += step;
    client->held -= used;
    memmove(client->in, client->in + used, client->held);
}

int main(int argc, char **argv) {
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), poll_fd = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN};
    struct rlimit files;
    if (argc != 2) return 2;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) return 1;
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(poll_fd, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr) {
                receive(events[i].data.ptr);
                continue;
            }
            struct client *client = calloc(1, sizeof *client);
            client->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            event = (struct epoll_event){.events = EPOLLIN, .data.ptr = client};
            epoll_ctl(poll_fd, EPOLL_CTL_ADD, client->fd, &event);
        }
        for (int i = 0; i < flush_count; i++) flush(to_flush[i]);
        flush_count = 0;
    }
}
