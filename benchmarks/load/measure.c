/* Measures the texts: rate, latency, and correct delivery.
 *
 * Every text must arrive at the other side of its own room, complete, once and in order, and be acknowledged once and
 * in order. A latency counts from the time at which the text was due, in the window of that time, even if the text
 * arrives after the end of the window.
 */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FINE = 64, SPANS = 40 };

/* In ns, in buckets of a 64th of a power of two. */
struct histogram {
    uint64_t buckets[SPANS * FINE], count;
};

int ending;
static struct histogram to_peer, to_sender, to_opener;
static uint64_t window, said, acknowledged, delivered, in_time, out_of_order, errors;
static uint64_t measure_from = UINT64_MAX, measure_to = UINT64_MAX;

static void note(struct histogram *histogram, uint64_t ns) {
    int span = ns < FINE ? 0 : 63 - __builtin_clzll(ns) - 5;
    if (span >= SPANS) span = SPANS - 1;
    histogram->buckets[span * FINE + (int)(ns >> span) % FINE]++;
    histogram->count++;
}

static double quantile(const struct histogram *histogram, double share) {
    uint64_t rest = (uint64_t)(share * (double)histogram->count), i = 0;
    while (i < SPANS * FINE - 1 && rest >= histogram->buckets[i]) rest -= histogram->buckets[i++];
    uint64_t span = i / FINE, part = i % FINE;
    return (double)(part << span) / 1e6;
}

static int in_window(uint64_t time) { return time >= measure_from && time < measure_to; }

void measure(uint64_t from, uint64_t until) {
    measure_from = from;
    measure_to = until;
}

void keep_in_flight(struct conn *conn, uint64_t texts) {
    window = texts;
    while (!ending && conn->said - conn->acked < window) say(conn, now());
}

void put_text(char *into, const struct conn *sender, uint64_t number, uint64_t due) {
    int length = sprintf(into, "bench %04x %d %010lx %016lx ", sender->room, sender->side, number, due);
    memset(into + length, 'x', (size_t)(TEXT_LENGTH - length));
    into[TEXT_LENGTH] = 0;
}

void say(struct conn *conn, uint64_t due) {
    if (conn->said - conn->acked >= RING) {
        errors++; /* the server is further behind than the ring is long: not sent */
        return;
    }
    conn->times[conn->said % RING] = due;
    dialect->say(conn, conn->said++, due);
    said++;
}

void was_acknowledged(struct conn *conn, uint64_t number) {
    uint64_t time = now(), due = conn->times[conn->acked % RING];
    if (number != conn->acked || number >= conn->said) went_wrong(conn, "acknowledged out of order", (const uint8_t *)"", 0);
    if (in_window(due)) note(&to_sender, time - due);
    conn->acked++;
    acknowledged++;
    if (window) keep_in_flight(conn, window);
}

void was_delivered(struct conn *conn, const uint8_t *data, size_t length) {
    uint64_t time = now();
    const char *text = memmem(data, length, "bench ", 6);
    if (!text || (size_t)((const char *)data + length - text) < TEXT_LENGTH || !conn->peer)
        went_wrong(conn, "no whole text", data, length);
    char *at;
    long room = strtol(text + 6, &at, 16), side = strtol(at, &at, 10);
    uint64_t number = strtoull(at, &at, 16), due = strtoull(at, &at, 16);
    const char *rest = text + HEAD_LENGTH;
    if (at + 1 != rest || room != conn->room || side == conn->side || rest[0] != 'x' ||
        memcmp(rest, rest + 1, TEXT_LENGTH - HEAD_LENGTH - 1))
        went_wrong(conn, "another text", data, length);
    if (number != conn->heard) out_of_order++;
    conn->heard++;
    delivered++;
    if (in_window(time)) in_time++;
    if (in_window(due)) note(&to_peer, time - due);
}

void was_opened_in(uint64_t ns) { note(&to_opener, ns); }

int all_came(void) { return delivered == said && acknowledged == said; }

void print_figures(double seconds, double client_cpu) {
    printf("{\"per_second\":%.0f,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"ack_p50\":%.3f,\"ack_p99\":%.3f,"
           "\"lost\":%ld,\"unacknowledged\":%ld,\"errors\":%lu,\"out_of_order\":%lu,\"client_cpu\":%.2f}\n",
           (double)in_time / seconds, quantile(&to_peer, .5), quantile(&to_peer, .99), quantile(&to_peer, .999),
           quantile(&to_sender, .5), quantile(&to_sender, .99), (long)(said - delivered), (long)(said - acknowledged),
           errors, out_of_order, client_cpu);
}

void print_openings(void) {
    printf("{\"opened\":%lu,\"open_p50\":%.3f,\"open_p99\":%.3f}\n", to_opener.count, quantile(&to_opener, .5),
           quantile(&to_opener, .99));
}
