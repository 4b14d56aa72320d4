/*
 * Attempts to get out of a sandbox. Each is one function, listed once in
 * attack.def; it makes one attempt that does no harm where it succeeds, and
 * says what came of it. libc is all it needs.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define SECRET	"only outside"	/* in every file that is to stay unread */

enum verdict {
	ESCAPED,	/* it succeeded */
	HELD,		/* it failed, as it should */
	UNTRIED,	/* what it needs is not here */
	DONE		/* those outside know: a signal, a datagram */
};

struct scene {
#define SCENE(name)	const char *name;
#include "scene.def"
#undef SCENE
};

extern struct scene	 scene;
extern const char	*me;		/* the attempt's name */
/* Who may be a keeper of ours: the parent and the leader; 0: nobody. */
extern pid_t		 warden, leader;

#define TRY(name)	enum verdict try_##name(void)

/* One call: reached, or held. */
#define REACH(name, ...)						\
	TRY(name)							\
	{								\
		return judge_reach(syscall(__VA_ARGS__), #name);	\
	}

#define ATTEMPT(number, name, control, flags, words)	TRY(name);
#include "attack.def"
#undef ATTEMPT

/* They keep the words, and errno where there is one. */
enum verdict	 escaped(const char *how);
enum verdict	 held(const char *why);
enum verdict	 untried(const char *why);
/* -1: it was held by errno; else it escaped. */
enum verdict	 judge(long result, const char *what);
/* The same, but any errno that only the call itself gives is an escape. */
enum verdict	 judge_reach(long result, const char *what);
/* Whether the secret can be read there. */
enum verdict	 judge_secret(const char *path);
enum verdict	 judge_secret_fd(int fd, const char *what);
/* Whether it can be opened so. */
enum verdict	 judge_open(const char *path, int flags);

/* folder/name, in one of some buffers; a folder not known: "". */
const char	*in(const char *folder, const char *name);
/* /proc/PID/name */
const char	*proc(pid_t, const char *name);
long		 number(const char *);	/* 0: not known */

#endif
