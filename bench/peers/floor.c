// The least work that a relay of protocol 0 can do: one thread, one epoll set, per connection and turn one read and at most one
// write, and frames that are copied into the receivers' buffers. So nearly all its time is spent in the kernel. It is only for
// comparison: it trusts its clients, knows only the handshake key of the drivers, and accepts messages up to 125 bytes.
// Usage: floor PORT
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_WATCHERS = 1000, NEIGHBOURS = 8, INPUT = 4096, EVENTS = 1024 };

#define RESPONSE                                                                                                       \
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                                  \
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

struct client {
  int fd;
  enum { HANDSHAKE, WORKER, SUBSCRIBED, WATCHER, RESET, ECHO } is;
  bool touched, blocked, closing;
  size_t input_length, output_length, output_capacity;
  unsigned char input[INPUT + 1], *output;
};

struct topic {
  struct client **subscribers;
  int count;
};

static int epoll_fd, size, cells, subscribed, workers_count, watchers_count, touched_count;
static struct topic *topics;
static struct client **workers, *watchers[MAX_WATCHERS], *touched[1 << 17];

static void put(struct client *c, const void *bytes, size_t length) {
  if (c->output_length + length > c->output_capacity) {
    c->output_capacity = (c->output_length + length) * 2;
    c->output = realloc(c->output, c->output_capacity);
  }
  memcpy(c->output + c->output_length, bytes, length);
  c->output_length += length;
  if (!c->touched) touched[touched_count++] = c;
  c->touched = true;
}

static void interest(struct client *c, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  epoll_ctl(epoll_fd, operation, c->fd, &event);
}

static void tell_workers(const char *three_letters) {
  unsigned char frame[5] = {0x81, 3};
  memcpy(frame + 2, three_letters, 3);
  for (int i = 0; i < workers_count; i++) put(workers[i], frame, sizeof frame);
}

static void new_game(int new_size) {
  size = new_size;
  cells = size * size;
  subscribed = workers_count = 0;
  topics = calloc(cells, sizeof *topics); // the last game is not freed, because this process does not live long
  workers = calloc(cells, sizeof *workers);
}

static struct topic *topic_at(const char *text) {
  char *end;
  int row = strtol(text, &end, 10), column = strtol(end, NULL, 10);
  return &topics[row * size + column];
}

static void subscribe(struct client *c, struct topic *topic) {
  if (topic->count % NEIGHBOURS == 0) topic->subscribers = realloc(topic->subscribers, (topic->count + NEIGHBOURS) * sizeof c);
  topic->subscribers[topic->count++] = c;
}

// `text` is terminated by NUL and follows two bytes that may be used for a frame's header.
static void message(struct client *c, unsigned char *text, int length) {
  unsigned char *frame = text - 2;
  frame[0] = 0x81;
  frame[1] = length;
  if (c->is == ECHO) put(c, frame, length + 2);
  else if (c->is == RESET) {
    new_game(atoi((char *)text));
    put(c, (unsigned char[]){0x88, 0}, 2);
  } else if (c->is == SUBSCRIBED) {
    struct topic *topic = topic_at(strchr((char *)text, ' '));
    for (int i = 0; i < topic->count; i++) put(topic->subscribers[i], frame, length + 2);
    for (int i = 0; i < watchers_count; i++) put(watchers[i], frame, length + 2);
  } else if (c->is == WORKER && strcmp((char *)text, "sub")) subscribe(c, topic_at((char *)text));
  else if (c->is == WORKER) {
    c->is = SUBSCRIBED;
    if (++subscribed == cells) tell_workers("run");
  }
}

static size_t handshake(struct client *c) {
  unsigned char *end = memmem(c->input, c->input_length, "\r\n\r\n", 4);
  if (!end) return 0;
  put(c, RESPONSE, strlen(RESPONSE));
  const char *path = (char *)c->input + 4;
  if (!strncmp(path, "/worker/", 8)) {
    c->is = WORKER;
    workers[workers_count++] = c;
    if (workers_count == cells) tell_workers("sub");
  } else if (!strncmp(path, "/watcher/", 9)) c->is = WATCHER, watchers[watchers_count++] = c;
  else c->is = strncmp(path, "/reset/", 7) ? ECHO : RESET;
  return end + 4 - c->input;
}

static void close_client(struct client *c) {
  close(c->fd);
  c->fd = -1; // its memory stays, because topics point to it
  for (int i = 0; i < watchers_count; i++)
    if (watchers[i] == c) watchers[i] = watchers[--watchers_count];
}

static void readable(struct client *c) {
  ssize_t received = recv(c->fd, c->input + c->input_length, INPUT - c->input_length, 0);
  if (received <= 0) {
    if (received == 0 || errno != EAGAIN) close_client(c);
    return;
  }
  c->input_length += received;
  size_t taken = c->is == HANDSHAKE ? handshake(c) : 0;
  while (c->input_length - taken >= 6) {
    unsigned char *frame = c->input + taken, *mask = frame + 2, *text = frame + 6;
    size_t length = frame[1] & 127;
    if (c->input_length - taken < 6 + length) break;
    int opcode = frame[0] & 15;
    for (size_t i = 0; i < length; i++) text[i] ^= mask[i & 3];
    unsigned char after = text[length]; // at the end of the buffer, the byte kept free for it
    text[length] = 0;
    if (opcode == 1) message(c, text, length);
    if (opcode == 8 && c->is == RESET) shutdown(c->fd, SHUT_RDWR);
    else if (opcode == 8 && !c->closing) c->closing = true, put(c, (unsigned char[]){0x88, 0}, 2);
    text[length] = after;
    taken += 6 + length;
  }
  c->input_length -= taken;
  memmove(c->input, c->input + taken, c->input_length);
}

static void flush(struct client *c) {
  c->touched = false;
  if (c->fd < 0) return;
  ssize_t sent = send(c->fd, c->output, c->output_length, MSG_NOSIGNAL);
  if (sent < 0) sent = 0;
  c->output_length -= sent;
  if (c->output_length) memmove(c->output, c->output + sent, c->output_length);
  if (c->closing && !c->output_length) shutdown(c->fd, SHUT_RDWR);
  if (c->blocked != (c->output_length > 0)) {
    c->blocked = c->output_length > 0;
    interest(c, EPOLL_CTL_MOD, c->blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

static void accept_all(int listener) {
  int fd, one = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct client *c = calloc(1, sizeof *c);
    c->fd = fd;
    interest(c, EPOLL_CTL_ADD, EPOLLIN);
  }
}

int main(int count, char **argv) {
  if (count != 2) return fprintf(stderr, "usage: floor PORT\n"), 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) return perror("listen"), 1;
  epoll_fd = epoll_create1(0);
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN});
  new_game(32);
  for (;;) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll_fd, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct client *c = events[i].data.ptr;
      if (!c) accept_all(listener);
      else if (events[i].events & ~EPOLLOUT) readable(c);
      else if (!c->touched) c->touched = true, touched[touched_count++] = c;
    }
    for (int i = 0; i < touched_count; i++) flush(touched[i]);
    touched_count = 0;
  }
}
