/*
 * What a careless supervisor has about it: open files, a secret in its
 * environment, a terminal. A tool must get none of it.
 */
#ifndef LEAK_H
#define LEAK_H

struct stage;

/* For this process; it becomes the leader of a session. */
void	 leak_all(struct stage *);
char	**leak_environment(void);

#endif
