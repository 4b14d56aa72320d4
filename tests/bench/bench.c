#include "bench.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int	nrows, nmissed;

uint64_t
bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void
bench_sort(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
}

double
bench_percentile(const double *v, size_t n, double percent)
{
	size_t at = (size_t)((double)n * percent / 100);

	return n == 0 ? 0 : v[at < n ? at : n - 1];
}

void
bench_row(const char *row, const char *what, double limit, double ours,
    double p99, const char *unit, double target)
{
	double ratio = limit > 0 ? ours / limit : 0;
	const char *verdict = "";

	if (nrows++ == 0)
		printf("%-3s | %-40s | %12s | %12s | %6s | %12s |\n", "row",
		    "operation", "limit", "ours", "ratio", "p99");
	if (target > 0) {
		verdict = ratio <= target ? "within" : "over";
		nmissed += ratio > target;
	}
	printf("%-3s | %-40s | %9.2f %s | %9.2f %s | %5.2fx | %9.2f %s | ",
	    row, what, limit, unit, ours, unit, ratio, p99, unit);
	if (target > 0)
		printf("%s %.2fx", verdict, target);
	printf("\n");
	fflush(stdout);
}

int
bench_status(void)
{
	return nmissed > 0;
}

void
bench_pin(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(cpu == -1 ? 0 : (size_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}
