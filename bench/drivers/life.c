#include "life.h"

static bool number(const char **at, const char *end, int *value) {
  const char *start = *at;
  int n = 0;
  while (*at < end && **at >= '0' && **at <= '9' && *at - start < 9) n = n * 10 + (*(*at)++ - '0');
  *value = n;
  return *at > start && (*at - start == 1 || *start != '0');
}

bool parse_message(const char *text, size_t length, struct message *m) {
  const char *at = text, *end = text + length;
  return number(&at, end, &m->step) && at < end && *at++ == ' ' && number(&at, end, &m->row) && at < end &&
         *at++ == ' ' && number(&at, end, &m->column) && at < end && *at++ == ' ' && number(&at, end, &m->state) &&
         at == end && m->state <= 1;
}

void next_generation(const unsigned char *from, unsigned char *to, int size) {
  for (int row = 0; row < size; row++)
    for (int column = 0; column < size; column++) {
      int alive = 0;
      for (int y = size - 1; y <= size + 1; y++)
        for (int x = size - 1; x <= size + 1; x++)
          if (x != size || y != size) alive += from[(row + y) % size * size + (column + x) % size];
      to[row * size + column] = alive == 3 || (alive == 2 && from[row * size + column]);
    }
}
