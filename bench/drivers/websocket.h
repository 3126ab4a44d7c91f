// The client half of RFC 6455, as little of it as a load generator needs: one thread, one epoll set, many connections.
//
// A driver talks to the bench harness in stages. At the end of each stage it prints one line of `key=value` pairs on
// standard output, and goes on when it reads a line on standard input: between the two the harness reads the server's
// CPU time and memory, so a figure covers exactly the stage it names.
//
// Exit status: 0 everything was right, 1 could not run, 2 the server's answer was wrong, 3 the server went quiet.
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

// What a driver does with what happens. `text` is not terminated by NUL.
struct handlers {
  void (*open)(struct connection *);
  void (*text)(struct connection *, const char *text, size_t length);
  void (*closed)(struct connection *);
};

// Connects to this port, and to those in the environment variable ALSO (`20001,20002`) in turn, by a connection's id. From the address in
// the environment variable SOURCE, if there is one.
void websocket_start(int port, struct handlers handlers);

// Starts a connection; the handshake goes on in later turns. How many are on their way (connecting or shaking hands):
void websocket_connect(struct connection *connection, int id, const char *path);
extern int websocket_connecting;

// Masked frames, one or more of them, in one write.
size_t websocket_frame(unsigned char *to, const char *text, size_t length);
void websocket_write(struct connection *connection, const unsigned char *bytes, size_t length);
void websocket_text(struct connection *connection, const char *text);
void websocket_close(struct connection *connection);

// Handles events until `done` says so. Without any event for 30 s the driver ends as STALLED, naming what it waited for.
void websocket_until(bool (*done)(void), const char *waiting_for);

// Ends a stage: prints the line, then serves connections (pings are answered) until the harness says to go on.
void stage(const char *format, ...) __attribute__((format(printf, 1, 2)));

void fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
double now(void); // seconds, monotonic
int argument(char **argv, int index, const char *usage); // a whole number, or the usage and COULD_NOT_RUN

#endif
