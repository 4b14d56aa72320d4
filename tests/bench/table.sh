#!/bin/sh
# table.sh PROGRAM...: runs one benchmark after the other, and prints the rows
# of all of them as one table, in the order of their numbers. Fails if one
# failed or a row missed its target.
set -u

rows=$(mktemp) || exit 71
trap 'rm -f "$rows"' EXIT
status=0

for program; do
	name=${program##*/bench_}
	echo "bench: $name" >&2
	"$program" >"$rows.one" || status=1
	cat "$rows.one" >>"$rows"
	rm -f "$rows.one"
done

head -n 1 "$rows"
grep -v '^row ' "$rows" | sort -s -t '|' -k 1,1n
exit "$status"
