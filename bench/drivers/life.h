// Shared by the drivers of protocol 0: its state message, and the Game of Life with which the messages are compared.
#ifndef LIFE_H
#define LIFE_H

#include <stdbool.h>
#include <stddef.h>

struct message {
  int step, row, column, state;
};

// Accepts exactly "<step> <row> <column> <0|1>", and no other spelling of the numbers.
bool parse_message(const char *text, size_t length, struct message *message);

// Computes the next generation of a torus of size x size cells, with one byte (0 or 1) per cell, in row order.
void next_generation(const unsigned char *from, unsigned char *to, int size);

#endif
