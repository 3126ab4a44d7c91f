// What the drivers that speak protocol 0 share: its state message, and the Game of Life itself to check it against.
#ifndef LIFE_H
#define LIFE_H

#include <stdbool.h>
#include <stddef.h>

struct message {
  int step, row, column, state;
};

// Exactly "<step> <row> <column> <0|1>": no other spelling of the same numbers passes.
bool parse_message(const char *text, size_t length, struct message *message);

// Generation n + 1 of a torus of size x size cells, one byte (0 or 1) a cell, in row order.
void next_generation(const unsigned char *from, unsigned char *to, int size);

#endif
