// Lockstep load for a relay: one WebSocket with protocol 0 per cell of a torus, and any number of watchers. Every message that a
// cell or watcher receives is compared with a simulation that is computed before.
//
// Stages: `warm` (every cell and watcher has received everything of the first WARM_UP steps, and waits), `done` (the same for all
// STEPS, which include the warm-up).
//
// In the environment: GAME, the path of the game (such as /games/a); PLACED, so that each of several servers has the cells of
// some rows, and not every one in turn.
#include "life.h"
#include "websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "relay PORT SIZE WARM_UP STEPS WATCHERS   (SIZE >= 3, STEPS > WARM_UP >= 1)"
#define IN_FLIGHT 200

struct cell {
  struct connection connection;
  int row, column, step;
  unsigned char heard[2]; // one bit per neighbour, for this step and for the next
  enum { WAITS_FOR_SUB, WAITS_FOR_RUN, RUNS } phase;
};

struct watcher {
  struct connection connection;
  int *next; // the step expected of each cell
  long received;
};

static int size, cells_count, steps, limit, watchers_count;
static unsigned char *generations; // [steps + 1][size * size]
static struct connection reset;
static struct cell *cells;
static struct watcher *watchers;
static int opened, told_to_run;
static long delivered, watched;

static int expected(int step, int row, int column) {
  return generations[(long)step * cells_count + row * size + column];
}

static int wrap(int index) { return (index + size) % size; }

// Which of the eight neighbours (0 to 7) this cell is; -1 if it is no neighbour.
static int direction(const struct cell *cell, int row, int column) {
  for (int y = -1, bit = 0; y <= 1; y++)
    for (int x = -1; x <= 1; x++)
      if (x || y) {
        if (wrap(cell->row + y) == row && wrap(cell->column + x) == column) return bit;
        bit++;
      }
  return -1;
}

static void publish(struct cell *cell, int step) {
  char text[48];
  cell->step = step;
  snprintf(text, sizeof text, "%d %d %d %d", step, cell->row, cell->column, expected(step, cell->row, cell->column));
  websocket_text(&cell->connection, text);
}

static void subscribe(struct cell *cell) {
  unsigned char frames[512];
  size_t length = 0;
  for (int y = -1; y <= 1; y++)
    for (int x = -1; x <= 1; x++)
      if (x || y) {
        char text[24];
        int n = snprintf(text, sizeof text, "%d %d", wrap(cell->row + y), wrap(cell->column + x));
        length += websocket_frame(frames + length, text, n);
      }
  length += websocket_frame(frames + length, "sub", 3);
  websocket_write(&cell->connection, frames, length);
}

static void advance(struct cell *cell) {
  while (cell->heard[cell->step & 1] == 255 && cell->step < limit) {
    cell->heard[cell->step & 1] = 0;
    publish(cell, cell->step + 1);
  }
}

static void cell_hears(struct cell *cell, const char *text, size_t length) {
  struct message m;
  if (!parse_message(text, length, &m)) fail(WRONG, "cell %d %d: not a state message: %.*s", cell->row, cell->column, (int)length, text);
  int bit = direction(cell, m.row, m.column);
  if (bit < 0) fail(WRONG, "cell %d %d: got a message of %d %d, no neighbour", cell->row, cell->column, m.row, m.column);
  if (m.step != cell->step && m.step != cell->step + 1) fail(WRONG, "cell %d %d at step %d: got step %d", cell->row, cell->column, cell->step, m.step);
  if (m.step > steps || m.state != expected(m.step, m.row, m.column)) fail(WRONG, "cell %d %d: wrong message: %.*s", cell->row, cell->column, (int)length, text);
  unsigned char *heard = &cell->heard[m.step & 1];
  if (*heard & 1 << bit) fail(WRONG, "cell %d %d: got twice: %.*s", cell->row, cell->column, (int)length, text);
  *heard |= 1 << bit;
  delivered++;
  advance(cell);
}

static void watcher_hears(struct watcher *watcher, const char *text, size_t length) {
  struct message m;
  if (!parse_message(text, length, &m) || m.row >= size || m.column >= size || m.step > steps)
    fail(WRONG, "watcher: not a state message of this game: %.*s", (int)length, text);
  int *next = &watcher->next[m.row * size + m.column];
  if (m.step != *next) fail(WRONG, "watcher: of cell %d %d expected step %d, got step %d", m.row, m.column, *next, m.step);
  if (m.state != expected(m.step, m.row, m.column)) fail(WRONG, "watcher: wrong message: %.*s", (int)length, text);
  (*next)++;
  watched++;
}

static void on_open(struct connection *c) {
  opened++;
  if (c != &reset) return;
  char text[16];
  snprintf(text, sizeof text, "%d", size);
  websocket_text(c, text);
}

static void on_text(struct connection *c, const char *text, size_t length) {
  if (c == &reset) fail(WRONG, "/reset/ sent a message: %.*s", (int)length, text);
  if (c->id >= cells_count) return watcher_hears(&watchers[c->id - cells_count], text, length);
  struct cell *cell = &cells[c->id];
  const char *word = cell->phase == WAITS_FOR_SUB ? "sub" : "run";
  if (cell->phase >= RUNS) return cell_hears(cell, text, length);
  if (length != 3 || memcmp(text, word, 3)) fail(WRONG, "cell %d %d: expected %s, got %.*s", cell->row, cell->column, word, (int)length, text);
  if (cell->phase == WAITS_FOR_SUB) subscribe(cell);
  else told_to_run++;
  cell->phase++;
}

static void on_closed(struct connection *c) {
  if (c != &reset) fail(WRONG, "the server closed connection %d (%s)", c->id, c->path);
}

static bool reset_done(void) { return reset.state == CLOSED; }
static bool watchers_open(void) { return opened == 1 + watchers_count; }
static bool room_for_more(void) { return websocket_connecting < IN_FLIGHT; }
static bool cells_open(void) { return opened == 1 + watchers_count + cells_count; }
static bool all_run(void) { return told_to_run == cells_count; }
// At the limit no more messages can arrive: each cell has published the last allowed step, after it had received all states of the
// step before, and all neighbours have received these last states too.
static bool at_limit(void) {
  return delivered == 8L * cells_count * (limit + 1) && watched == (long)watchers_count * cells_count * (limit + 1);
}

int main(int count, char **argv) {
  (void)count;
  int port = argument(argv, 1, USAGE);
  size = argument(argv, 2, USAGE);
  limit = argument(argv, 3, USAGE);
  steps = argument(argv, 4, USAGE);
  watchers_count = argument(argv, 5, USAGE);
  if (size < 3 || limit < 1 || steps <= limit) fail(COULD_NOT_RUN, "usage: " USAGE);
  cells_count = size * size;
  cells = calloc(cells_count, sizeof *cells);
  watchers = calloc(watchers_count + 1, sizeof *watchers);
  generations = malloc((long)cells_count * (steps + 1));
  srand(42);
  for (int i = 0; i < cells_count; i++) generations[i] = rand() % 4 == 0;
  for (int s = 0; s < steps; s++) next_generation(&generations[(long)s * cells_count], &generations[(s + 1L) * cells_count], size);

  const char *game = getenv("GAME") ? getenv("GAME") : "";
  char reset_path[64], watcher_path[64], worker_path[64];
  snprintf(reset_path, sizeof reset_path, "%s/reset/", game);
  snprintf(watcher_path, sizeof watcher_path, "%s/watcher/", game);
  snprintf(worker_path, sizeof worker_path, "%s/worker/", game);
  if (getenv("PLACED")) websocket_placed = cells_count;

  websocket_start(port, (struct handlers){on_open, on_text, on_closed});
  websocket_connect(&reset, 0, reset_path);
  websocket_until(reset_done, "the server to close /reset/");
  for (int i = 0; i < watchers_count; i++) {
    watchers[i].next = calloc(cells_count, sizeof(int));
    websocket_connect(&watchers[i].connection, cells_count + i, watcher_path);
  }
  websocket_until(watchers_open, "the watchers' handshakes");
  for (int i = 0; i < cells_count; i++) {
    websocket_until(room_for_more, "the cells' handshakes");
    cells[i].row = i / size;
    cells[i].column = i % size;
    websocket_connect(&cells[i].connection, i, worker_path);
  }
  websocket_until(cells_open, "the cells' handshakes");
  websocket_until(all_run, "all cells to be told to subscribe and to run");
  for (int i = 0; i < cells_count; i++) publish(&cells[i], 0);
  websocket_until(at_limit, "state messages");
  long before = delivered + watched;
  stage("stage=warm");

  double started = now();
  limit = steps;
  for (int i = 0; i < cells_count; i++) advance(&cells[i]);
  websocket_until(at_limit, "state messages");
  double seconds = now() - started;
  stage("stage=done run_s=%.6f deliveries=%ld", seconds, delivered + watched - before);
  return 0;
}
