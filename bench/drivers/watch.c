// Watches a game of other clients through /watcher/ and checks every step of every cell. Step 0 is accepted as it is, and all
// other steps are compared with a simulation.
//
// Stages: `ready` (it watches; start the clients now), `begun` (step 0 of every cell has been seen; `start_s` is the time from the end of
// `ready` to the last of them), `done` (STEPS steps of every cell have been seen).
#include "life.h"
#include "websocket.h"

#include <stdlib.h>
#include <string.h>

#define USAGE "watch PORT SIZE STEPS"
enum { NOT_SEEN = 255 };

static int size, cells, steps;
static unsigned char *seen; // [steps + 1][size * size]
static long received, begun, wanted;
static double first, all_begun, last;
static bool open;

static void on_open(struct connection *c) {
  (void)c;
  open = true;
}

static void on_text(struct connection *c, const char *text, size_t length) {
  (void)c;
  struct message m;
  if (!parse_message(text, length, &m) || m.row >= size || m.column >= size)
    fail(WRONG, "not a state message of this game: %.*s", (int)length, text);
  if (m.step > steps) return;
  unsigned char *state = &seen[(long)m.step * cells + m.row * size + m.column];
  if (*state != NOT_SEEN) fail(WRONG, "got twice: %.*s", (int)length, text);
  *state = m.state;
  last = now();
  if (!received++) first = last;
  if (m.step == 0 && ++begun == cells) all_begun = last;
}

static void on_closed(struct connection *c) {
  (void)c;
  fail(WRONG, "the server closed the watcher");
}

static bool is_open(void) { return open; }
static bool has_begun(void) { return begun == cells; }
static bool complete(void) { return received == wanted; }

int main(int count, char **argv) {
  (void)count;
  int port = argument(argv, 1, USAGE);
  size = argument(argv, 2, USAGE);
  steps = argument(argv, 3, USAGE);
  if (size < 3 || steps < 1) fail(COULD_NOT_RUN, "usage: " USAGE);
  cells = size * size;
  wanted = (long)cells * (steps + 1);
  seen = malloc(wanted);
  memset(seen, NOT_SEEN, wanted);

  struct connection watcher;
  websocket_start(port, (struct handlers){on_open, on_text, on_closed});
  websocket_connect(&watcher, 0, "/watcher/");
  websocket_until(is_open, "the handshake");
  stage("stage=ready");
  double started = now();
  websocket_until(has_begun, "step 0 of every cell");
  stage("stage=begun start_s=%.6f", all_begun - started);
  websocket_until(complete, "state messages");

  unsigned char *right = malloc(cells);
  for (int s = 0; s < steps; s++) {
    next_generation(&seen[(long)s * cells], right, size);
    for (int i = 0; i < cells; i++)
      if (seen[(s + 1L) * cells + i] != right[i]) fail(WRONG, "step %d of cell %d %d is wrong", s + 1, i / size, i % size);
  }
  stage("stage=done run_s=%.6f messages=%ld", last - first, received);
  return 0;
}
