/*
 * What a benchmark needs to be judged: a reference and our way, measured in
 * turn in the same run, and a table of both. Absolute times move by half from
 * run to run; the ratio is what counts.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

uint64_t bench_now(void);		/* nanoseconds, monotonic */

void	 bench_sort(double *, size_t);
/* Of sorted values: 50 is the median, 99 what one in a hundred exceeds. */
double	 bench_percentile(const double *sorted, size_t, double percent);

/*
 * Prints row | operation | limit | ours | ratio | p99, and whether the ratio
 * is within target; the table's head before the first. target 0: not judged.
 */
void	 bench_row(const char *row, const char *what, double limit, double ours,
	    double p99, const char *unit, double target);
/* For main() to return: 1 if a row missed its target. */
int	 bench_status(void);

/* To one CPU, with the children to come: a second one is noise by wake-ups. */
void	 bench_pin(void);

#endif
