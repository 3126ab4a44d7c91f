// The parts of a WebSocket client (RFC 6455) that a load generator needs: one thread, one epoll set, many connections.
//
// A driver works in stages. At the end of each stage it prints one line of `key=value` pairs on standard output, and continues
// when it reads a line from standard input. In between, the bench harness reads the server's CPU time and memory, so a figure
// covers exactly one stage.
//
// Exit status: 0 everything was correct, 1 could not run, 2 a wrong answer of the server, 3 no answer for a long time.
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>

enum { COULD_NOT_RUN = 1, WRONG = 2, STALLED = 3 };

enum state { UNUSED, CONNECTING, HANDSHAKING, OPEN, CLOSED };

struct connection {
  int fd;
  enum state state;
  int id;
  const char *path;
  double started, opened;
  bool closing; // a close frame was sent
  unsigned char *rest;  // bytes of a frame that has not arrived whole
  size_t rest_length;
  unsigned char *unsent; // bytes the kernel did not take yet
  size_t unsent_length;
};

// The event handlers of a driver. `text` is not terminated by NUL.
struct handlers {
  void (*open)(struct connection *);
  void (*text)(struct connection *, const char *text, size_t length);
  void (*closed)(struct connection *);
};

// Connections use this port and those in the environment variable ALSO (`20001,20002`) in turn, by their id. Their source address
// is in the environment variable SOURCE, if it is set. CORE is the processor core on which the driver runs.
void websocket_start(int port, struct handlers handlers);

// Starts a connection. The handshake continues in later turns. The number of connections in a handshake:
void websocket_connect(struct connection *connection, int id, const char *path);
extern int websocket_connecting;
// Connections with ids below this number are placed: each server gets a range of them, and not every one in turn.
extern int websocket_placed;

// Sends one or several masked frames with one write.
size_t websocket_frame(unsigned char *to, const char *text, size_t length);
void websocket_write(struct connection *connection, const unsigned char *bytes, size_t length);
void websocket_text(struct connection *connection, const char *text);
void websocket_close(struct connection *connection);

// Handles events until `done` returns true. Without any event for 30 s the driver exits with STALLED and says what it waited for.
void websocket_until(bool (*done)(void), const char *waiting_for);

// Ends a stage: prints the line, then serves the connections (answers pings) until the harness lets it continue.
void stage(const char *format, ...) __attribute__((format(printf, 1, 2)));

void fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
double now(void); // seconds, monotonic
int argument(char **argv, int index, const char *usage); // a whole number, or the usage and COULD_NOT_RUN

#endif
