// Opens CONNECTIONS WebSockets on PATH, IN_FLIGHT handshakes at a time (0: all at once); then all of them talk at once:
// each sends a text of its own and waits for the very same text, ROUNDS times.
//
// Stages: `open`; with ROUNDS above 0 also `echoed`; then `closed`, when the server has closed all connections.
#include "latency.h"
#include "websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "echo PORT PATH CONNECTIONS ROUNDS IN_FLIGHT"

struct client {
  struct connection connection;
  int round;
  double sent;
};

static struct client *clients;
static int count, rounds, in_flight, opened, closed_count;
static long echoed;
static double *samples;
static bool talking, closing;

static int text_of(const struct client *client, char *text) {
  return sprintf(text, "%d Spam? %d", client->connection.id, client->round);
}

static void say(struct client *client) {
  char text[48];
  text_of(client, text);
  client->sent = now();
  websocket_text(&client->connection, text);
}

static void on_open(struct connection *c) {
  samples[opened++] = c->opened - c->started;
}

static void on_text(struct connection *c, const char *text, size_t length) {
  if (!talking) return; // a greeting
  struct client *client = &clients[c->id];
  char right[48];
  if (length != (size_t)text_of(client, right) || memcmp(text, right, length))
    fail(WRONG, "connection %d: expected '%s', got '%.*s'", c->id, right, (int)length, text);
  samples[echoed++] = now() - client->sent;
  if (++client->round < rounds) say(client);
}

static void on_closed(struct connection *c) {
  if (!closing) fail(WRONG, "the server closed connection %d", c->id);
  closed_count++;
}

static bool room_for_more(void) { return !in_flight || websocket_connecting < in_flight; }
static bool all_open(void) { return opened == count; }
static bool all_echoed(void) { return echoed == (long)count * rounds; }
static bool all_closed(void) { return closed_count == count; }

static void figures(const char *name, double seconds, long number) {
  sort_samples(samples, number);
  stage("stage=%s count=%ld run_s=%.6f p50_ms=%.3f p99_ms=%.3f max_ms=%.3f", name, number, seconds,
        quantile(samples, number, 0.5) * 1e3, quantile(samples, number, 0.99) * 1e3, samples[number - 1] * 1e3);
}

int main(int arguments, char **argv) {
  (void)arguments;
  int port = argument(argv, 1, USAGE);
  count = argument(argv, 3, USAGE);
  rounds = argument(argv, 4, USAGE);
  in_flight = argument(argv, 5, USAGE);
  if (count < 1) fail(COULD_NOT_RUN, "usage: " USAGE);
  clients = calloc(count, sizeof *clients);
  samples = malloc(sizeof *samples * count * (rounds ? rounds : 1));

  websocket_start(port, (struct handlers){on_open, on_text, on_closed});
  double begin = now();
  for (int i = 0; i < count; i++) {
    websocket_until(room_for_more, "handshakes");
    websocket_connect(&clients[i].connection, i, argv[2]);
  }
  websocket_until(all_open, "handshakes");
  figures("open", now() - begin, opened);

  if (rounds) {
    talking = true;
    begin = now();
    for (int i = 0; i < count; i++) say(&clients[i]);
    websocket_until(all_echoed, "replies");
    figures("echoed", now() - begin, echoed);
    talking = false;
  }
  closing = true;
  begin = now();
  for (int i = 0; i < count; i++) websocket_close(&clients[i].connection);
  websocket_until(all_closed, "the server to close its end");
  stage("stage=closed run_s=%.6f", now() - begin);
  return 0;
}
