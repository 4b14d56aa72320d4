#include "stage_ipc.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "attack.h"
#include "fd.h"
#include "stage_files.h"

static void
keep(struct stage *s, int type, int fd)
{
	if (type == SOCK_DGRAM)
		s->dgrams[s->ndgrams++] = fd;
	else if (listen(fd, 128) == -1)
		err(71, "listen");
	else
		s->streams[s->nstreams++] = fd;
}

/* On ::1, at the same port if it can be had. */
static void
listen6(struct stage *s, int type, in_port_t port)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
	    .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);

	if (fd != -1 && bind(fd, (void *)&at, sizeof(at)) == 0)
		keep(s, type, fd);
	else
		fd_close(&fd);
}

static void
listen_local(struct stage *s, int type, const char *name)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (void *)&at, len) == -1 ||
	    getsockname(fd, (void *)&at, &len) == -1)
		err(71, "listener");
	keep(s, type, fd);
	listen6(s, type, at.sin_port);
	stage_tell_number(s, name, ntohs(at.sin_port));
}

static void
listen_path(struct stage *s, int type, const char *folder, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (folder[0] == '\0') {
		fd_close(&fd);
		return;
	}
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", folder, name);
	if (fd == -1 || bind(fd, (void *)&at, sizeof(at)) == -1 ||
	    chmod(at.sun_path, 0666) == -1)
		err(71, "%s", at.sun_path);
	keep(s, type, fd);
}

static void
listen_abstract(struct stage *s, int type, const char *fact)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), n;

	n = snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1,
	    "sigbox-attack-%d-%d", (int)getpid(), type);
	if (fd == -1 || bind(fd, (void *)&at, (socklen_t)(1 + n) +
	    (socklen_t)offsetof(struct sockaddr_un, sun_path)) == -1)
		err(71, "abstract socket");
	keep(s, type, fd);
	stage_tell(s, fact, at.sun_path + 1);
}

/* Of the tool's user, as if another program of his had made it. */
static void
make_shm(struct stage *s)
{
	struct shmid_ds ds;
	char *p;

	if ((s->shm = shmget(IPC_PRIVATE, 4096, 0600)) == -1 ||
	    (p = shmat(s->shm, NULL, 0)) == (void *)-1 ||
	    shmctl(s->shm, IPC_STAT, &ds) == -1)
		err(71, "shared memory");
	strcpy(p, SECRET);
	shmdt(p);
	ds.shm_perm.uid = ds.shm_perm.gid = s->uid;
	if (shmctl(s->shm, IPC_SET, &ds) == -1)
		err(71, "shared memory");
	stage_tell_number(s, "shm", (unsigned long)s->shm);
}

static void
make_sem_and_msg(struct stage *s)
{
	struct semid_ds sem;
	struct msqid_ds msg;

	if ((s->sem = semget(IPC_PRIVATE, 1, 0600)) == -1 ||
	    (s->msg = msgget(IPC_PRIVATE, 0600)) == -1 ||
	    semctl(s->sem, 0, IPC_STAT, &sem) == -1 ||
	    msgctl(s->msg, IPC_STAT, &msg) == -1)
		err(71, "semaphore, queue");
	sem.sem_perm.uid = sem.sem_perm.gid = s->uid;
	msg.msg_perm.uid = msg.msg_perm.gid = s->uid;
	if (semctl(s->sem, 0, IPC_SET, &sem) == -1 ||
	    msgctl(s->msg, IPC_SET, &msg) == -1)
		err(71, "semaphore, queue");
	stage_tell_number(s, "sem", (unsigned long)s->sem);
	stage_tell_number(s, "msg", (unsigned long)s->msg);
}

static void
make_posix(struct stage *s)
{
	struct mq_attr a = { .mq_maxmsg = 1, .mq_msgsize = 16 };
	mqd_t q;
	int fd;

	snprintf(s->mq, sizeof(s->mq), "/sigbox-attack-%d", (int)getpid());
	snprintf(s->posix_shm, sizeof(s->posix_shm), "%s", s->mq);
	if ((q = mq_open(s->mq, O_RDWR | O_CREAT | O_EXCL, 0600, &a)) ==
	    (mqd_t)-1 || fchown((int)q, s->uid, s->uid) == -1)
		err(71, "mq_open");
	mq_close(q);
	fd = shm_open(s->posix_shm, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd == -1 || fd_write_all(fd, SECRET, strlen(SECRET)) == -1 ||
	    fchown(fd, s->uid, s->uid) == -1)
		err(71, "shm_open");
	fd_close(&fd);
	stage_tell(s, "mq", s->mq);
	stage_tell(s, "posix_shm", s->posix_shm);
}

void
ipc_make(struct stage *s)
{
	const char *folders[] = { s->shown, s->run, s->work };
	size_t i;

	listen_local(s, SOCK_STREAM, "tcp");
	listen_local(s, SOCK_DGRAM, "udp");
	listen_abstract(s, SOCK_STREAM, "abstract");
	listen_abstract(s, SOCK_DGRAM, "abstract_dgram");
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		listen_path(s, SOCK_STREAM, folders[i], "stream");
		listen_path(s, SOCK_DGRAM, folders[i], "dgram");
	}
	make_shm(s);
	make_sem_and_msg(s);
	make_posix(s);
}

void
ipc_remove(struct stage *s)
{
	unsigned i;

	for (i = 0; i < s->ndgrams; i++)
		fd_close(&s->dgrams[i]);
	for (i = 0; i < s->nstreams; i++)
		fd_close(&s->streams[i]);
	shmctl(s->shm, IPC_RMID, NULL);
	semctl(s->sem, 0, IPC_RMID);
	msgctl(s->msg, IPC_RMID, NULL);
	mq_unlink(s->mq);
	shm_unlink(s->posix_shm);
}
