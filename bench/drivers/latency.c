#include "latency.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void sort_samples(double *samples, long count) { qsort(samples, count, sizeof *samples, ascending); }

double quantile(const double *sorted, long count, double at) {
  long index = at * count;
  return sorted[index < count ? index : count - 1];
}
