/* The list of attempts as data; what they do is known to attack.c alone. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

/* Who succeeds with it where there is no sandbox, or it proves nothing. */
enum control {
	USER,		/* the tool's user */
	ROOT,		/* only root, with all capabilities */
	NEVER		/* nobody can, on a host as it should be */
};

enum {
	ALONE = 1,	/* it may end the whole task, and those outside judge */
	TELL = 2,	/* or it is told, where it cannot be prevented: the
			 * name starts with that of what is planted */
	STRAY = 4	/* it leaves a process, that the worker must count */
};

struct attempt {
	int		 number;	/* the case */
	const char	*name;
	enum control	 control;
	unsigned	 flags;
	const char	*words;
};

extern const struct attempt	attempts[];

enum {
#define ATTEMPT(number, name, control, flags, words)	AT_##name,
#include "attack.def"
#undef ATTEMPT
	NATTEMPTS
};

#endif
