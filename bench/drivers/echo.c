// Opens WebSockets on PATH up to the first COUNT, IN_FLIGHT handshakes at a time (0: all at once). Then all of them send at the
// same time: each sends its own text, waits for the same text, and sends again, until there are about MESSAGES in all. Then the
// driver opens more connections up to the next COUNT, and so on.
//
// With RPC=1 in the environment, each connection sends its text as a request of Effect's RPC, in lines of JSON, and waits for the
// answer.
//
// Stages: `open` for each COUNT, `echoed` if MESSAGES is not 0, and at the end `closed`: the server has closed all connections.
#include "latency.h"
#include "websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "echo PORT PATH MESSAGES IN_FLIGHT COUNT..."

struct client {
  struct connection connection;
  int round;
  double sent;
};

static struct client *clients;
static int count, rounds, in_flight, opened, opened_before, closed_count;
static long echoed;
static double *samples;
static bool talking, closing;

#define MOST 192

static bool is_rpc;

static int text_of(const struct client *client, char *text) {
  int id = client->connection.id, round = client->round;
  if (is_rpc)
    return sprintf(text,
                   "{\"_tag\":\"Request\",\"id\":\"%d\",\"tag\":\"Echo\",\"payload\":{\"text\":\"%d Spam? %d\"},\"headers\":[]}\n",
                   round, id, round);
  return sprintf(text, "%d Spam? %d", id, round);
}

static int answer_to(const struct client *client, char *text) {
  int id = client->connection.id, round = client->round;
  if (is_rpc)
    return sprintf(text,
                   "{\"_tag\":\"Exit\",\"requestId\":\"%d\",\"exit\":{\"_tag\":\"Success\",\"value\":\"%d Spam? %d\"}}\n",
                   round, id, round);
  return text_of(client, text);
}

static void say(struct client *client) {
  char text[MOST];
  text_of(client, text);
  client->sent = now();
  websocket_text(&client->connection, text);
}

static void on_open(struct connection *c) {
  samples[opened++ - opened_before] = c->opened - c->started;
}

static void on_text(struct connection *c, const char *text, size_t length) {
  if (!talking) return; // a greeting
  struct client *client = &clients[c->id];
  char right[MOST];
  if (length != (size_t)answer_to(client, right) || memcmp(text, right, length))
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

static void open_more(const char *path) {
  opened_before = opened;
  double begin = now();
  for (int i = opened_before; i < count; i++) {
    websocket_until(room_for_more, "handshakes");
    websocket_connect(&clients[i].connection, i, path);
  }
  websocket_until(all_open, "handshakes");
  figures("open", now() - begin, opened - opened_before);
}

static void talk(void) {
  echoed = 0;
  talking = true;
  double begin = now();
  for (int i = 0; i < count; i++) {
    clients[i].round = 0;
    say(&clients[i]);
  }
  websocket_until(all_echoed, "replies");
  figures("echoed", now() - begin, echoed);
  talking = false;
}

int main(int arguments, char **argv) {
  is_rpc = getenv("RPC") != NULL;
  int port = argument(argv, 1, USAGE);
  int messages = argument(argv, 3, USAGE);
  in_flight = argument(argv, 4, USAGE);
  int most = 0;
  for (int i = 5; i < arguments || i == 5; i++) {
    count = argument(argv, i, USAGE);
    if (count <= most) fail(COULD_NOT_RUN, "each COUNT must be larger than the one before");
    most = count;
  }
  clients = calloc(most, sizeof *clients);
  samples = malloc(sizeof *samples * (most + messages));

  websocket_start(port, (struct handlers){on_open, on_text, on_closed});
  for (int i = 5; i < arguments; i++) {
    count = argument(argv, i, USAGE);
    open_more(argv[2]);
    rounds = messages / count > 1 ? messages / count : 1;
    if (messages) talk();
  }
  closing = true;
  double begin = now();
  for (int i = 0; i < count; i++) websocket_close(&clients[i].connection);
  websocket_until(all_closed, "the server to close its end");
  stage("stage=closed run_s=%.6f", now() - begin);
  return 0;
}
