/* Shared declarations of the load generator: connections, dialects and measurements. */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

enum { CUSTOMER = 0, AGENT = 1, WATCHER = 2 /* an agent who sees the list and joins nothing */ };
enum opcode { TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };
enum state { CONNECTING, SHAKING, GREETING, READY, GONE };

struct bytes {
    uint8_t *data;
    size_t length, room;
};

struct conn {
    int fd;
    enum state state;
    int number;             /* in the order of connecting */
    int room, side;
    struct conn *peer;      /* the other side of the room */
    struct bytes in, out;
    struct bytes packets;   /* of a broker: what no whole packet has come of yet */
    int flushing;           /* stands in the list of those to flush at the end of the turn */
    uint64_t said, acked, heard;
    uint64_t began;         /* when it was dialled, in ns */
    uint64_t *times;        /* when the unacknowledged ones were due, in ns; a ring */
    long request;           /* the relay's number of the room's request */
    long after;             /* the last seq seen */
    char token[80];
};

/* How a server is spoken to. Each function may call ws_send on its connection. */
struct dialect {
    const char *name, *subprotocol;
    const char *(*path)(const struct conn *);
    void (*greet)(struct conn *);                                   /* after the handshake */
    void (*hear)(struct conn *, int opcode, uint8_t *data, size_t length); /* one message */
    void (*say)(struct conn *, uint64_t number, uint64_t due);      /* one text of TEXT_LENGTH */
};

extern const struct dialect helpdesk, plain, socketio, nats, mqtt;
extern const struct dialect *dialect;

enum { TEXT_LENGTH = 120, HEAD_LENGTH = 41 /* of a text: whose it is, its number, when it was due */, RING = 1 << 12 };

/* What dialects tell the measuring side. */
void is_ready(struct conn *);
void was_acknowledged(struct conn *, uint64_t number);
void was_delivered(struct conn *, const uint8_t *data, size_t length); /* in which a text of put_text is */
void went_wrong(struct conn *, const char *what, const uint8_t *data, size_t length);

/* What dialects are given. */
extern int hello_only; /* open and join nothing */
extern char **agent_tokens;
extern int agent_token_count;
void put_text(char *into, const struct conn *, uint64_t number, uint64_t due); /* TEXT_LENGTH characters and a NUL */
const char *find(const uint8_t *data, size_t length, const char *what); /* what comes behind it */

/* measure.c */
extern int ending; /* nothing more is said, and who hangs up may */
void measure(uint64_t from, uint64_t until);
void say(struct conn *, uint64_t due);
void keep_in_flight(struct conn *, uint64_t texts); /* as many unacknowledged, from now on */
void was_opened_in(uint64_t ns);
int all_came(void); /* delivered and acknowledged */
void print_figures(double seconds, double client_cpu);
void print_openings(void);

/* talk.c */
void open_request(struct conn *); /* of a relay's customer, who is ready again when it is open */

/* net.c */
uint64_t now(void);
void net_open(const char *host, int port, int connections);
void dial(struct conn *);
void hang_up(struct conn *);
void ws_send(struct conn *, int opcode, const void *data, size_t length);
void turn(uint64_t wait_ns); /* one turn of the loop: read, tell, flush */
void bytes_add(struct bytes *, const void *data, size_t length);
void bytes_drop(struct bytes *, size_t length); /* the first ones */
void was_closed(struct conn *); /* called by net.c */

#endif
