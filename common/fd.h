/* Descriptors: what the system calls leave to do. All return -1 and errno. */
#ifndef FD_H
#define FD_H

#include <sys/types.h>

void	fd_close(int *fd);		/* keeps errno; -1 is fine; sets -1 */
int	fd_nonblock(int fd);
int	fd_cloexec(int fd, int on);
int	fd_null(void);	/* 0, 1 and 2 are open, on /dev/null if need be */
ssize_t	fd_read_all(int fd, void *, size_t);	/* until full or end of file */
int	fd_write_all(int fd, const void *, size_t);

#endif
