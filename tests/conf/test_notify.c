#include <sys/socket.h>
#include <sys/un.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify.h"
#include "scratch.h"
#include "xalloc.h"

static const char	*dir;
static int		 manager;	/* what systemd listens on */

static void
listen_on(const char *address)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = strlen(address);

	memcpy(sun.sun_path, address, len);
	if (address[0] == '@')
		sun.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	cr_assert(bind(manager, (struct sockaddr *)&sun, (socklen_t)(
	    offsetof(struct sockaddr_un, sun_path) + len)) == 0);
	setenv("NOTIFY_SOCKET", address, 1);
}

static void
start(void)
{
	char *path;

	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	dir = scratch_new();
	path = xasprintf("%s/notify", dir);
	listen_on(path);
	free(path);
}

static void
stop(void)
{
	close(manager);
	scratch_remove(dir);
}

TestSuite(notify, .init = start, .fini = stop);

static void
check_heard(const char *want)
{
	char got[512] = "";

	cr_assert(recv(manager, got, sizeof(got) - 1, MSG_DONTWAIT) >= 0);
	got[strlen(want)] = '\0';
	cr_assert(strcmp(got, want) == 0, "%s, not %s", got, want);
}

Test(notify, each_fact_is_one_datagram)
{
	struct notify *n = notify_new();

	notify_ready(n);
	check_heard("READY=1");
	notify_status(n, "%d sessions", 2);
	check_heard("STATUS=2 sessions");
	notify_reloading(n);
	check_heard("RELOADING=1\nMONOTONIC_USEC=");
	notify_alive(n);
	check_heard("WATCHDOG=1");
	notify_stopping(n);
	check_heard("STOPPING=1");
	notify_free(n);
}

Test(notify, a_status_is_one_line)
{
	struct notify *n = notify_new();

	notify_status(n, "a\nREADY=1");
	check_heard("STATUS=a READY=1");
	notify_free(n);
}

Test(notify, an_abstract_address_is_reached)
{
	char *name = xasprintf("@sigbox-test-%d", (int)getpid());
	struct notify *n;

	close(manager);
	listen_on(name);
	n = notify_new();
	notify_ready(n);
	check_heard("READY=1");
	notify_free(n);
	free(name);
}

Test(notify, the_variables_are_gone_and_the_watchdog_is_known)
{
	char pid[16];
	struct notify *n;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_USEC", "30000000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	n = notify_new();
	cr_assert(eq(u64, notify_watchdog(n), 30000000));
	cr_assert(getenv("NOTIFY_SOCKET") == NULL);
	cr_assert(getenv("WATCHDOG_USEC") == NULL);
	cr_assert(getenv("WATCHDOG_PID") == NULL);
	notify_free(n);
}

Test(notify, the_watchdog_of_another_process_is_none_of_ours)
{
	struct notify *n;

	setenv("WATCHDOG_USEC", "30000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	n = notify_new();
	cr_assert(eq(u64, notify_watchdog(n), 0));
	notify_free(n);
}

Test(notify, where_nobody_listens_nothing_is_said)
{
	struct notify *n;

	unsetenv("NOTIFY_SOCKET");
	n = notify_new();
	cr_assert(n == NULL);
	notify_ready(n);
	notify_status(n, "%s", "x");
	cr_assert(eq(u64, notify_watchdog(n), 0));
	notify_free(n);
}

Test(notify, a_manager_that_went_away_is_no_matter)
{
	struct notify *n = notify_new();

	close(manager);
	manager = -1;
	notify_ready(n);
	notify_free(n);
}
