/* How a process is judged to be within reach; 0: it cannot be named. */
#ifndef ATTACK_PROCS_H
#define ATTACK_PROCS_H

#include "attack.h"

enum verdict	 judge_ptrace(pid_t);
enum verdict	 judge_getfd(pid_t, int fd);
/* Whether any of its descriptors can be followed. */
enum verdict	 judge_fds(pid_t);
/* Whether that is in /proc/PID/name. */
enum verdict	 judge_text(pid_t, const char *name, const char *what);

#endif
