#include "attempt.h"

const struct attempt attempts[] = {
#define ATTEMPT(number, name, control, flags, words)	\
	{ number, #name, control, flags, words },
#include "attack.def"
#undef ATTEMPT
};
