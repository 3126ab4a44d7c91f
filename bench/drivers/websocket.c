#define _GNU_SOURCE
#include "websocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };
enum { EVENTS = 1024, STALL_MS = 30000, MAX_PORTS = 16 };

// The example key of RFC 6455. With a fixed key the correct answer is a constant.
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static const unsigned char MASK[4] = {0x37, 0xfa, 0x21, 0x3d};

int websocket_connecting;
int websocket_placed;
static int epoll_fd, server_ports[MAX_PORTS], ports_count;
static struct sockaddr_in source;
static struct handlers on;
static unsigned char input[1 << 20]; // shared: a connection stores only the beginning of an incomplete frame

double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

void fail(int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(status);
}

int argument(char **argv, int index, const char *usage) {
  for (int i = 0; i <= index; i++)
    if (!argv[i]) fail(COULD_NOT_RUN, "usage: %s", usage);
  char *end;
  long value = strtol(argv[index], &end, 10);
  if (*end || end == argv[index] || value < 0 || value > 100000000) fail(COULD_NOT_RUN, "usage: %s", usage);
  return value;
}

static void interest(struct connection *c, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  if (epoll_ctl(epoll_fd, operation, c->fd, &event)) fail(COULD_NOT_RUN, "epoll_ctl: %s", strerror(errno));
}

void websocket_start(int port, struct handlers handlers) {
  server_ports[ports_count++] = port;
  char *also = strdup(getenv("ALSO") ? getenv("ALSO") : "");
  for (char *next = strtok(also, ","); next && ports_count < MAX_PORTS; next = strtok(NULL, ",")) server_ports[ports_count++] = atoi(next);
  free(also);
  on = handlers;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (getenv("CORE")) CPU_SET(atoi(getenv("CORE")), &cores);
  if (getenv("CORE") && sched_setaffinity(0, sizeof cores, &cores)) fail(COULD_NOT_RUN, "CORE: %s", strerror(errno));
  const char *host = getenv("SOURCE");
  source.sin_family = AF_INET;
  if (host && inet_pton(AF_INET, host, &source.sin_addr) != 1) fail(COULD_NOT_RUN, "SOURCE: %s is no address", host);
  epoll_fd = epoll_create1(0);
  setvbuf(stdout, NULL, _IOLBF, 0);
}

void websocket_connect(struct connection *c, int id, const char *path) {
  *c = (struct connection){.state = CONNECTING, .id = id, .path = path, .started = now()};
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) fail(COULD_NOT_RUN, "socket: %s (raise the limit with: ulimit -n 20000)", strerror(errno));
  int one = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  // The port is chosen when the socket connects, so it must be free only for this server.
  if (source.sin_addr.s_addr && (setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) ||
                                 bind(c->fd, (struct sockaddr *)&source, sizeof source)))
    fail(COULD_NOT_RUN, "bind: %s", strerror(errno));
  int server = id < websocket_placed ? (int)((long)id * ports_count / websocket_placed) : id % ports_count;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(server_ports[server]), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
    fail(COULD_NOT_RUN, "connect: %s", strerror(errno));
  websocket_connecting++;
  interest(c, EPOLL_CTL_ADD, EPOLLOUT);
}

size_t websocket_frame(unsigned char *to, const char *text, size_t length) {
  if (length > 125) fail(COULD_NOT_RUN, "a driver sends short messages only");
  to[0] = 0x80 | TEXT;
  to[1] = 0x80 | length;
  memcpy(to + 2, MASK, 4);
  for (size_t i = 0; i < length; i++) to[6 + i] = text[i] ^ MASK[i & 3];
  return 6 + length;
}

void websocket_write(struct connection *c, const unsigned char *bytes, size_t length) {
  ssize_t sent = c->unsent_length ? 0 : send(c->fd, bytes, length, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) fail(WRONG, "connection %d (%s) broke while sending: %s", c->id, c->path, strerror(errno));
    sent = 0;
  }
  if ((size_t)sent == length) return;
  if (!c->unsent_length) interest(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  c->unsent = realloc(c->unsent, c->unsent_length + length - sent);
  memcpy(c->unsent + c->unsent_length, bytes + sent, length - sent);
  c->unsent_length += length - sent;
}

void websocket_text(struct connection *c, const char *text) {
  unsigned char frame[131];
  websocket_write(c, frame, websocket_frame(frame, text, strlen(text)));
}

static void control(struct connection *c, int opcode, const unsigned char *payload, size_t length) {
  unsigned char frame[131];
  size_t total = websocket_frame(frame, (const char *)payload, length);
  frame[0] = 0x80 | opcode;
  websocket_write(c, frame, total);
}

void websocket_close(struct connection *c) {
  static const unsigned char normal[2] = {1000 >> 8, 1000 & 255};
  if (c->closing) return;
  c->closing = true;
  control(c, CLOSE, normal, sizeof normal);
}

static void closed(struct connection *c) {
  if (c->state == CLOSED) return;
  if (c->state < OPEN) fail(WRONG, "connection %d (%s) was closed during the handshake", c->id, c->path);
  c->state = CLOSED;
  close(c->fd); // also leaves the epoll set
  free(c->rest);
  free(c->unsent);
  c->rest = c->unsent = NULL;
  c->rest_length = c->unsent_length = 0;
  on.closed(c);
}

static void flush(struct connection *c) {
  ssize_t sent = send(c->fd, c->unsent, c->unsent_length, MSG_NOSIGNAL);
  if (sent < 0) return;
  c->unsent_length -= sent;
  memmove(c->unsent, c->unsent + sent, c->unsent_length);
  if (!c->unsent_length) interest(c, EPOLL_CTL_MOD, EPOLLIN);
}

static void request(struct connection *c) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) fail(WRONG, "connection %d (%s): %s", c->id, c->path, strerror(error));
  char text[512];
  int length = snprintf(text, sizeof text,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n\r\n",
                        c->path, server_ports[c->id % ports_count]);
  c->state = HANDSHAKING;
  interest(c, EPOLL_CTL_MOD, EPOLLIN);
  websocket_write(c, (unsigned char *)text, length);
}

// The number of bytes of `input` that the response takes; 0 if it is not complete.
static size_t response(struct connection *c, size_t length) {
  char *end = memmem(input, length, "\r\n\r\n", 4);
  if (!end) return 0;
  if (strncmp((char *)input, "HTTP/1.1 101 ", 13)) fail(WRONG, "%s: expected 101, got %.40s", c->path, input);
  if (!memmem(input, end - (char *)input, ACCEPT, strlen(ACCEPT))) fail(WRONG, "%s: wrong accept key", c->path);
  c->state = OPEN;
  c->opened = now();
  websocket_connecting--;
  on.open(c);
  return end + 4 - (char *)input;
}

// The number of bytes of `bytes` that one frame takes; 0 if it is not complete.
static size_t frame(struct connection *c, unsigned char *bytes, size_t available) {
  if (available < 2) return 0;
  size_t header = 2, length = bytes[1] & 127;
  if (length == 126) {
    if (available < 4) return 0;
    header = 4;
    length = bytes[2] << 8 | bytes[3];
  } else if (length == 127) fail(WRONG, "%s: a frame of 64 KiB or more", c->path);
  if (available < header + length) return 0;
  unsigned char *payload = bytes + header;
  switch (bytes[0]) {
  case 0x80 | TEXT: on.text(c, (char *)payload, length); break;
  case 0x80 | PING: control(c, PONG, payload, length); break;
  case 0x80 | PONG: break;
  case 0x80 | CLOSE:
    if (!c->closing) control(c, CLOSE, payload, length < 2 ? length : 2);
    c->closing = true;
    break;
  default: fail(WRONG, "%s: unexpected frame, first byte 0x%02x", c->path, bytes[0]);
  }
  return header + length;
}

static void readable(struct connection *c) {
  size_t length = c->rest_length;
  if (length) memcpy(input, c->rest, length);
  ssize_t received = recv(c->fd, input + length, sizeof input - length, 0);
  if (received <= 0) {
    if (received == 0 || errno != EAGAIN) closed(c);
    return;
  }
  length += received;
  size_t taken = 0, step;
  if (c->state == HANDSHAKING) taken = response(c, length);
  while (c->state == OPEN && (step = frame(c, input + taken, length - taken))) taken += step;
  if (c->state == CLOSED) return;
  if (length - taken > c->rest_length) c->rest = realloc(c->rest, length - taken);
  c->rest_length = length - taken;
  if (c->rest_length) memcpy(c->rest, input + taken, c->rest_length);
}

// Returns the number of handled events. An event with a NULL pointer is for standard input and sets `*go_on`.
static int turn(int timeout_ms, bool *go_on) {
  struct epoll_event events[EVENTS];
  int count = epoll_wait(epoll_fd, events, EVENTS, timeout_ms);
  for (int i = 0; i < count; i++) {
    struct connection *c = events[i].data.ptr;
    if (!c) *go_on = true;
    else if (c->state == CONNECTING) request(c);
    else {
      if ((events[i].events & EPOLLOUT) && c->unsent_length) flush(c);
      if (c->state != CLOSED && (events[i].events & ~EPOLLOUT)) readable(c);
    }
  }
  return count;
}

void websocket_until(bool (*done)(void), const char *waiting_for) {
  while (!done())
    if (turn(STALL_MS, NULL) == 0) fail(STALLED, "no answer for %d s while waiting for %s", STALL_MS / 1000, waiting_for);
}

void stage(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
  fflush(stdout);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event)) fail(COULD_NOT_RUN, "standard input must be a pipe");
  bool go_on = false;
  while (!go_on) turn(-1, &go_on);
  epoll_ctl(epoll_fd, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
  char line[16];
  if (!fgets(line, sizeof line, stdin)) exit(0); // the harness is gone or has enough
}
