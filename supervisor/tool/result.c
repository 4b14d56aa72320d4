#include "result.h"

#include <stddef.h>
#include <sysexits.h>

const char *
result_words(unsigned code)
{
	switch (code) {
	case EX_USAGE:
	case EX_DATAERR:
		return "the arguments are wrong: mend them";
	case EX_UNAVAILABLE:
	case EX_TEMPFAIL:
		return "a temporary failure: it may be tried again";
	case EX_NOPERM:
		return "permission denied";
	case EX_CONFIG:
		return "misconfigured: tell the administrator";
	case 124:
		return "a timeout(1) inside the tool ran out";
	case 126:
		return "a command could not be run";
	case 127:
		return "a command was not found";
	default:
		return code > 128 && code <= 128 + 64 ?
		    "a command inside the tool was ended by a signal" : NULL;
	}
}
