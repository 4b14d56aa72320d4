#!/bin/bash
# completion.sh SIGBOX COMPLETIONS: what bash offers, against the real program.
set -u
PATH=$(dirname "$1"):$PATH
# shellcheck source=/dev/null
. "$2"
SIGBOX_RUNTIME=/nonexistent
export SIGBOX_RUNTIME
n=0

# offers NAME WORDS... -- EXPECTED...: words are offered for the last one.
offers() {
	local name=$1 want

	shift
	COMP_WORDS=()
	while [ "$1" != -- ]; do
		COMP_WORDS+=("$1")
		shift
	done
	shift
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_sigbox
	want=$*
	n=$((n + 1))
	if [ "${COMPREPLY[*]-}" = "$want" ]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name: ${COMPREPLY[*]-}, not $want"
	fi
}

offers a_verb_is_offered sigbox int -- interrupt
offers help_is_offered_too sigbox hel -- help
offers options_of_the_verb sigbox say --de -- --detach
offers options_behind_a_session sigbox -s work log --fo -- --follow
offers modes_of_a_message sigbox say -m re -- reject
offers modes_without_a_verb sigbox --mode st -- steer
offers what_becomes_of_tools sigbox interrupt --tools s -- suspend stop
offers words_of_the_queue sigbox queue mo -- move
offers no_ids_without_a_supervisor sigbox log t --
echo "1..$n"
