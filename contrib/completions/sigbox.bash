# bash completion for sigbox(1). Verbs, options and choices come from its own
# help, ids and names from the supervisor, which is never started for this.

_sigbox_verbs() {
	sigbox help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p'
}

_sigbox_options() {
	sigbox help ${1:+"$1"} 2>/dev/null |
	    sed -n 's/^  .*\(--[a-z-]\{1,\}\).*/\1/p'
}

# The words that an option may have: --mode now|steer|...
_sigbox_choices() {
	sigbox help "$1" 2>/dev/null |
	    sed -n "s/^  .*$2 \([a-z|]*|[a-z|]*\).*/\1/p" | tr '|' '\n'
}

# The strings that a key has: VERB OPTION... KEY
_sigbox_keys() {
	local key=${*: -1}

	sigbox "${@:1:$#-1}" --no-start --json 2>/dev/null |
	    sed -n 's/.*"'"$key"'":"\([^"]*\)".*/\1/p'
}

_sigbox_operands() {
	case $1 in
	show | log | wait)
		_sigbox_keys tasks --all id
		;;
	stop | suspend | resume | move | input | watch)
		_sigbox_keys tasks id
		;;
	approve | deny)
		_sigbox_keys approvals id
		;;
	run)
		_sigbox_keys tools name
		;;
	transcript | export | delete | compact | fork)
		_sigbox_keys sessions name
		;;
	queue)
		printf '%s\n' list edit move cancel
		_sigbox_keys queue message
		;;
	help)
		_sigbox_verbs
		;;
	esac
}

# The verb: the first word that is no option and no option's value.
_sigbox_verb() {
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s | --session) ((i++)) ;;
		-*) ;;
		*)
			echo "${COMP_WORDS[i]}"
			return
			;;
		esac
	done
}

_sigbox() {
	local word=${COMP_WORDS[COMP_CWORD]} verb words
	local before=${COMP_WORDS[COMP_CWORD - 1]}

	verb=$(_sigbox_verb)
	case $before in
	-s | --session) words=$(_sigbox_keys sessions name) ;;
	-m) words=$(_sigbox_choices "${verb:-chat}" --mode) ;;
	--mode | --tools | --priority | --after-if)
		words=$(_sigbox_choices "${verb:-chat}" "$before")
		;;
	--after) words=$(_sigbox_keys tasks id) ;;
	*)
		case $word in
		-*) words=$(_sigbox_options "$verb") ;;
		*)
			if [ -n "$verb" ]; then
				words=$(_sigbox_operands "$verb")
			else
				words=$(_sigbox_verbs)
				words+=$'\nhelp'
			fi
			;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o default -F _sigbox sigbox
