/* filter_golden >tests/sandbox/filter.golden: after a change that was meant. */
#include "filter_table.h"

int
main(void)
{
	table_write(stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}
