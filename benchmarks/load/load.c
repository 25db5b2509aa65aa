/* Load generator: rooms of two clients who write to each other. Prints the results as one line of JSON.
 *
 *   load DIALECT PORT ROOMS closed WINDOW SECONDS    each sender keeps WINDOW texts unacknowledged
 *   load DIALECT PORT ROOMS rate PER_SECOND SECONDS  texts at fixed times, independent of the server
 *   load DIALECT PORT ROOMS idle                     connect, print the rate, stay until stdin ends
 *   load DIALECT PORT ROOMS hello                    the same, signed in to a relay, without a request
 *   load DIALECT PORT ROOMS open                     signed in, each customer opens a request, one after the other
 *   load DIALECT PORT ROOMS resume                   connect, wait for a line, connect again all at once
 *
 * AGENTS names a file with the tokens of agents, one per line. In addition to the rooms there can be WAITING customers,
 * whom no agent joins, and WATCHERS, agents who see the list; only the rooms are measured (measure.c).
 */
#define _GNU_SOURCE
#include "load.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { AT_ONCE = 64, WARM_UP = 700 /* ms */, DRAIN = 10000 /* ms */, LISTEN = 100 /* ms, for what comes twice */ };

const struct dialect *dialect;
char **agent_tokens;
int agent_token_count;

static struct conn *conns;
int hello_only;
static int count, talkers, dialled, ready;

const char *find(const uint8_t *data, size_t length, const char *what) {
    size_t size = strlen(what);
    const char *at = memmem(data, length, what, size);
    return at ? at + size : NULL;
}

void went_wrong(struct conn *conn, const char *what, const uint8_t *data, size_t length) {
    fprintf(stderr, "load: %s, room %d side %d: %.*s\n", what, conn->room, conn->side,
            (int)(length < 300 ? length : 300), data);
    exit(1);
}

void was_closed(struct conn *conn) {
    if (!ending) went_wrong(conn, "the connection ended", (const uint8_t *)"", 0);
    hang_up(conn);
}

void is_ready(struct conn *conn) {
    conn->state = READY;
    ready++;
}

/* --- connecting ---------------------------------------------------------------------------------- */

/* A helpdesk's agent can join only what its customer has opened; the first of NATS makes what all others need. */
static int may_dial(const struct conn *conn) {
    if (dialect == &nats) return !conn->number || conns[0].state == READY;
    return conn->side != AGENT || dialect != &helpdesk || conn->peer->state == READY;
}

static double connect_all(int at_once) {
    uint64_t began = now();
    dialled = ready = 0;
    while (ready < count) {
        while (dialled < count && dialled - ready < at_once && may_dial(&conns[dialled])) dial(&conns[dialled++]);
        turn(1000000000u);
        if (now() - began > 120000000000u) {
            fprintf(stderr, "load: only %d of %d have come in 120 s\n", ready, count);
            exit(1);
        }
    }
    return (double)(now() - began) / 1e9;
}

static int asked_for(const char *name) {
    const char *value = getenv(name);
    return value ? atoi(value) : 0;
}

static void make(int rooms, int waiting, int watchers) {
    talkers = rooms * 2;
    count = talkers + waiting + watchers;
    conns = calloc((size_t)count, sizeof *conns);
    for (int i = talkers; i < count; i++) {
        int side = i < talkers + waiting ? CUSTOMER : WATCHER;
        conns[i] = (struct conn){.number = i, .room = i, .side = side, .state = GONE};
    }
    for (int i = 0; i < talkers; i++) {
        /* All customers come before all agents. */
        int side = i < rooms ? CUSTOMER : AGENT, room = side == CUSTOMER ? i : i - rooms;
        conns[i] = (struct conn){.number = i, .room = room, .side = side, .state = GONE};
        conns[i].peer = &conns[side == CUSTOMER ? i + rooms : room];
    }
}

static void read_tokens(void) {
    const char *path = getenv("AGENTS");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[128];
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        agent_tokens = realloc(agent_tokens, (size_t)(agent_token_count + 1) * sizeof *agent_tokens);
        agent_tokens[agent_token_count++] = strdup(line);
    }
    if (file) fclose(file);
    if (dialect == &helpdesk && !agent_token_count) {
        fprintf(stderr, "load: name a file with agents' tokens in AGENTS\n");
        exit(2);
    }
}

/* --- the measurements ---------------------------------------------------------------------------- */

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void run_rate(uint64_t per_second, uint64_t from, uint64_t until) {
    uint64_t sent = 0, step = 1000000000u / per_second, due;
    while (now() < until) {
        while ((due = from + sent * step) <= now() && due < until) {
            /* A stride that shares no factor with the count spreads the texts over all senders. */
            say(&conns[sent * 7919u % (uint64_t)talkers], due);
            sent++;
        }
        uint64_t time = now();
        turn(due > time + 60000 ? due - time - 50000 : 0);
    }
}

static void load(int closed, uint64_t figure, double seconds) {
    uint64_t began = now(), from = began + WARM_UP * 1000000ull;
    uint64_t until = from + (uint64_t)(seconds * 1e9);
    double cpu = 0;
    for (int i = 0; i < talkers; i++) conns[i].times = calloc(RING, sizeof(uint64_t));
    measure(from, until);
    if (closed) {
        for (int i = 0; i < talkers; i++) keep_in_flight(&conns[i], figure);
        while (now() < from) turn(1000000);
        cpu = cpu_seconds();
        while (now() < until) turn(1000000);
    } else {
        cpu = cpu_seconds();
        run_rate(figure, began, until);
    }
    cpu = (cpu_seconds() - cpu) / seconds;
    ending = 1;
    while (!all_came() && now() < until + DRAIN * 1000000ull) turn(10000000);
    for (uint64_t last = now() + LISTEN * 1000000ull; now() < last;) turn(10000000);
    print_figures(seconds, cpu);
}

static void open_all(void) {
    for (int i = 0; i < talkers; i++) {
        if (conns[i].side != CUSTOMER) continue;
        uint64_t began = now();
        int before = ready;
        open_request(&conns[i]);
        while (ready == before) turn(1000000);
        was_opened_in(now() - began);
    }
    print_openings();
}

/* Go on meanwhile: a server that stops wants its clients to go. */
static void wait_for_line(void) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[16];
    while (!poll(&input, 1, 0)) turn(5000000);
    if (!fgets(line, sizeof line, stdin)) exit(0);
}

static void resume(void) {
    printf("{\"connected\":%d}\n", ready);
    fflush(stdout);
    ending = 1;
    wait_for_line();
    for (int i = 0; i < count; i++) hang_up(&conns[i]);
    ending = 0;
    connect_all(1000);
    printf("{\"resumed\":%d}\n", ready);
}

int main(int argc, char **argv) {
    const struct dialect *known[] = {&helpdesk, &plain, &socketio, &nats, &mqtt};
    if (argc < 5) {
        fprintf(stderr, "usage: load DIALECT PORT ROOMS closed|rate|idle|hello|open|resume [FIGURE SECONDS]\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i]->name, argv[1])) dialect = known[i];
    if (!dialect) return 2;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    read_tokens();
    make(atoi(argv[3]), asked_for("WAITING"), asked_for("WATCHERS"));
    net_open("127.0.0.1", atoi(argv[2]), count);
    hello_only = !strcmp(argv[4], "hello") || !strcmp(argv[4], "open");
    double seconds = connect_all(AT_ONCE);
    if (!strcmp(argv[4], "open")) {
        open_all();
    } else if (!strcmp(argv[4], "idle") || hello_only) {
        printf("{\"connections\":%d,\"connects_per_second\":%.0f}\n", count, count / seconds);
        fflush(stdout);
        ending = 1;
        wait_for_line();
    } else if (!strcmp(argv[4], "resume")) {
        resume();
    } else if (argc == 7) {
        load(!strcmp(argv[4], "closed"), strtoull(argv[5], NULL, 10), atof(argv[6]));
    }
    return 0;
}
