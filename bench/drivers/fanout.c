// One publisher and SUBSCRIBERS subscribers of its topic. First WARM_UP messages, then MESSAGES more. Each message is sent when
// all subscribers have received the last one.
//
// DIALECT 0 is protocol 0: a game of SIZE x SIZE cells (the smallest that is large enough), in which all cells subscribe to cell
// 0 0, and only this cell publishes. DIALECT 1 is Socket.IO 4 over WebSocket: all listen to the event `state`.
//
// Stages: `warm`, `done`.
#include "latency.h"
#include "websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "fanout PORT SUBSCRIBERS WARM_UP MESSAGES DIALECT"
#define IN_FLIGHT 200
#define SOCKET_IO "/socket.io/?EIO=4&transport=websocket"

static struct connection reset, *subscribers;
static int count, size, opened, ready, message, *next;
static bool socket_io;
static long delivered;
static double *samples;

static bool is(const char *text, size_t length, const char *word) {
  return length == strlen(word) && !memcmp(text, word, length);
}

static int text_of(char *text, size_t capacity, int number) {
  return snprintf(text, capacity, socket_io ? "42[\"state\",\"%d 0 0 1\"]" : "%d 0 0 1", number);
}

static void on_open(struct connection *c) {
  char text[16];
  snprintf(text, sizeof text, "%d", size);
  if (c == &reset) websocket_text(c, text);
  else if (++opened && socket_io) websocket_text(c, "40");
}

// In protocol 0 the server sends `sub`, gets the topic, and sends `run`. Socket.IO sends its parameters, then the session's name.
static void joining(struct connection *c, const char *text, size_t length) {
  if (socket_io) {
    if (length > 3 && !memcmp(text, "40{", 3)) ready++, next[c->id] = 0;
    else if (length < 2 || memcmp(text, "0{", 2)) fail(WRONG, "not a Socket.IO handshake: %.*s", (int)length, text);
  } else if (is(text, length, "sub")) {
    unsigned char frames[64];
    size_t n = websocket_frame(frames, "0 0", 3);
    n += websocket_frame(frames + n, "sub", 3);
    websocket_write(c, frames, n);
  } else if (is(text, length, "run")) ready++, next[c->id] = 0;
  else fail(WRONG, "expected sub or run, got %.*s", (int)length, text);
}

static void on_text(struct connection *c, const char *text, size_t length) {
  if (c == &reset) fail(WRONG, "/reset/ sent a message: %.*s", (int)length, text);
  if (socket_io && is(text, length, "2")) return websocket_text(c, "3"); // Engine.IO's own ping
  if (next[c->id] < 0) return joining(c, text, length);
  char right[48];
  text_of(right, sizeof right, next[c->id]);
  if (!is(text, length, right)) fail(WRONG, "subscriber %d: expected '%s', got '%.*s'", c->id, right, (int)length, text);
  next[c->id]++;
  delivered++;
}

static void on_closed(struct connection *c) {
  if (c != &reset) fail(WRONG, "the server closed connection %d", c->id);
}

static bool reset_done(void) { return reset.state == CLOSED; }
static bool room_for_more(void) { return websocket_connecting < IN_FLIGHT; }
static bool all_ready(void) { return ready == count; }
static bool all_have_it(void) { return delivered == (message + 1L) * count; }

static double publish(int up_to) {
  double begin = now();
  for (; message < up_to; message++) {
    char text[48];
    text_of(text, sizeof text, message);
    double sent = now();
    websocket_text(&subscribers[0], text);
    websocket_until(all_have_it, "a published message");
    samples[message] = now() - sent;
  }
  return now() - begin;
}

int main(int arguments, char **argv) {
  (void)arguments;
  int port = argument(argv, 1, USAGE);
  count = argument(argv, 2, USAGE);
  int warm_up = argument(argv, 3, USAGE);
  int messages = argument(argv, 4, USAGE);
  socket_io = argument(argv, 5, USAGE);
  if (count < 1 || messages < 1) fail(COULD_NOT_RUN, "usage: " USAGE);
  while (size * size < count) size++;
  if (!socket_io) count = size * size;
  subscribers = calloc(count, sizeof *subscribers);
  next = malloc(count * sizeof *next);
  samples = malloc((warm_up + messages) * sizeof *samples);

  websocket_start(port, (struct handlers){on_open, on_text, on_closed});
  if (!socket_io) {
    websocket_connect(&reset, 0, "/reset/");
    websocket_until(reset_done, "the server to close /reset/");
  }
  for (int i = 0; i < count; i++) {
    websocket_until(room_for_more, "handshakes");
    next[i] = -1;
    websocket_connect(&subscribers[i], i, socket_io ? SOCKET_IO : "/worker/");
  }
  websocket_until(all_ready, "all to have subscribed");
  publish(warm_up);
  stage("stage=warm");

  double seconds = publish(warm_up + messages);
  samples += warm_up;
  sort_samples(samples, messages);
  stage("stage=done run_s=%.6f deliveries=%ld subscribers=%d p50_ms=%.3f p99_ms=%.3f", seconds, (long)messages * count,
        count, quantile(samples, messages, 0.5) * 1e3, quantile(samples, messages, 0.99) * 1e3);
  return 0;
}
