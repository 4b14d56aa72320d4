/*
 * Where the supervisor and its clients meet: one rule for both programs (S2).
 * It reads the environment and looks at folders; it makes and opens nothing.
 *
 *	$SIGBOX_RUNTIME, $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR/sigbox,
 *	root: /run/sigbox, anybody else: /tmp/sigbox-UID
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <sys/un.h>

/* The folder, absolute; the caller frees. */
char	*runtime_folder(void);
/* The supervisor's socket in it; the caller frees. */
char	*runtime_socket(void);

/*
 * The folder that a variable names, made absolute: the first of a list that
 * is separated by colons, as systemd has it. NULL: it says nothing.
 */
char	*runtime_variable(const char *name);

/*
 * May what is in this folder be trusted? It must be ours or root's (so must a
 * link to it), and nobody else can write to it; for root, anybody's will do. A
 * client asks before it connects: /tmp is open to all. -1: errno, *why a
 * literal.
 */
int	 runtime_check(const char *folder, const char **why);

/* -1, ENAMETOOLONG: the kernel takes no path that long (107 bytes). */
int	 runtime_address(struct sockaddr_un *, const char *path);

#endif
