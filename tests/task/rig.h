/*
 * A supervisor for tests of real workers: a loop, a shop, a state folder, and
 * what the children told. Each case runs it as another identity, in another
 * tier. After every test nothing may be left that bears its mark.
 */
#ifndef RIG_H
#define RIG_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "buf.h"
#include "child.h"

struct rig_case {
	enum tier	tier;
	enum profile	profile;	/* of its tasks */
	bool	is_root;	/* the supervisor's; the tool's user is nobody */
};

/* Each tier that this kernel has as nobody and, if we are that, as root. */
struct criterion_test_params	rig_cases(void);

#define RIG_TEST(suite, name)						\
	ParameterizedTestParameters(suite, name)			\
	{								\
		return rig_cases();					\
	}								\
	ParameterizedTest(const struct rig_case *at, suite, name)

struct rig {
	struct rig_case	 at;
	struct loop	*loop;
	struct shop	*shop;
	char		 dir[64];
	char		 canary[64];	/* that no tool may see */
	unsigned long	 mark;		/* every process of it bears it */
	unsigned	 ntasks;
};

/* What a child told; flags are facts to wait for. */
struct rig_task {
	struct rig	*rig;
	uint64_t	 task;
	struct child	*child;
	bool		 running, refused, progressed, exited, noted, fed;
	bool		 suspended, complete, outside_stop, outside_cont, gone;
	pid_t		 init, tool;
	char		 step[64], why[1024], text[256], note[320], names[256];
	unsigned	 percent;
	uint64_t	 out, err;
	bool		 saw, gauged, partial;
	uint64_t	 seen[8];	/* lines of each pattern */
	unsigned	 nreports;
	uint64_t	 cpu_us;
	char		 line[520];	/* seen, or gauged */
	struct child_exit exit;
	struct child_end end;
	char		 end_why[512];
};

void	rig_init(struct rig *, const struct rig_case *);
/* With another program in the worker's place. */
void	rig_init_with(struct rig *, const struct rig_case *, const char *worker);
void	rig_fini(struct rig *);
void	rig_remove(struct rig *);	/* its folder alone */

/* In a script, $S leaves the group where a tool may: tier landlock keeps it. */
#define RIG_LEAVE "S=setsid; setsid true 2>/dev/null || S=; "

/* A spec for /bin/sh -c script; change it, then rig_start(). */
struct child_spec rig_spec(struct rig *, const char *script);
void	rig_start(struct rig_task *, struct rig *, struct child_spec *);
void	rig_sh(struct rig_task *, struct rig *, const char *script);

/* Turns the loop until *fact; fails the test after 20 s. */
void	rig_until(struct rig *, const bool *fact);
void	rig_until_output(struct rig_task *, const char *text);
/* rig_sh() and until gone. */
void	rig_run(struct rig_task *, struct rig *, const char *script);

/* The whole stream; the caller frees. */
char	*rig_read(struct rig_task *, const char *stream, size_t *len);
/* Makes an empty file in the tool's working folder. */
void	rig_touch(struct rig *, const char *name);
/* Living processes that bear the mark. */
int	rig_alive(unsigned long mark);
/* Waits until there are none, at most ms; how many are left. */
int	rig_wait_none(unsigned long mark, int ms);
/* Whether no process of the tools would run another instruction. */
bool	rig_is_still(unsigned long mark);
/* Of /proc/PID/stat: its state, 0 if there is none. */
char	rig_state(pid_t);

#endif
