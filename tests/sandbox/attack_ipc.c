/* What processes of the host share without a file's name. */
#include "attack.h"

#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#define ID(id)								\
	int id = (int)number(scene.id);					\
	if (scene.id == NULL)						\
		return untried("none was made")

TRY(shm_attach)
{
	char *p;

	ID(shm);
	if ((p = shmat(shm, NULL, SHM_RDONLY)) == (void *)-1)
		return held("shmat");
	errno = 0;
	return strcmp(p, SECRET) == 0 ? escaped("shmat") :
	    held("another segment");
}

TRY(shm_write)
{
	ID(shm);
	return judge(shmat(shm, NULL, 0) == (void *)-1 ? -1 : 0, "shmat");
}

TRY(shm_stat)
{
	struct shmid_ds ds;

	ID(shm);
	return judge(shmctl(shm, IPC_STAT, &ds), "shmctl");
}

TRY(shm_list)
{
	struct shminfo info;
	int top = shmctl(0, IPC_INFO, (void *)&info);
	struct shmid_ds ds;

	if (scene.shm == NULL)
		return untried("none was made");
	for (; top >= 0; top--)
		if (shmctl(top, SHM_STAT, &ds) == (int)number(scene.shm))
			return escaped("SHM_STAT");
	return held("none of the host's is there");
}

TRY(sem_change)
{
	struct sembuf up = { 0, 1, IPC_NOWAIT };

	ID(sem);
	return judge(semop(sem, &up, 1), "semop");
}

TRY(msg_send)
{
	struct { long type; char text[4]; } m = { 1, "x" };

	ID(msg);
	return judge(msgsnd(msg, &m, sizeof(m.text), IPC_NOWAIT), "msgsnd");
}

TRY(msg_stat)
{
	struct msqid_ds ds;

	ID(msg);
	return judge(msgctl(msg, IPC_STAT, &ds), "msgctl");
}

TRY(mq_read)
{
	if (scene.mq == NULL)
		return untried("none was made");
	return judge(mq_open(scene.mq, O_RDONLY | O_NONBLOCK), "mq_open");
}

TRY(mq_write)
{
	if (scene.mq == NULL)
		return untried("none was made");
	return judge(mq_open(scene.mq, O_WRONLY | O_NONBLOCK), "mq_open");
}

TRY(posix_shm)
{
	if (scene.posix_shm == NULL)
		return untried("none was made");
	return judge_secret_fd(shm_open(scene.posix_shm, O_RDONLY, 0),
	    "shm_open");
}
