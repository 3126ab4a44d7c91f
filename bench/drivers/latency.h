// Percentiles of a set of durations.
#ifndef LATENCY_H
#define LATENCY_H

// Sorts the samples in place, then `quantile` (0 to 1) reads one.
void sort_samples(double *samples, long count);
double quantile(const double *sorted, long count, double at);

#endif
