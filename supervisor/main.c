/* sigboxd: argv, config, lock, loop. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemonize.h"
#include "conf.h"
#include "desk.h"
#include "engine.h"
#include "fd.h"
#include "log.h"
#include "loop.h"
#include "notify.h"
#include "place.h"
#include "powers.h"
#include "title.h"
#include "xalloc.h"

struct daemon {
	struct loop	*loop;
	struct engine	*engine;
	struct desk	*desk;
	struct notify	*notify;
	struct alarm	*watchdog;
	struct place	 place;
	struct conf_env	 env;
	const char	*conf_file;
};

static const char usage[] =
    "usage: sigboxd [-f] [-c FILE] [-t]\n"
    "\n"
    "The supervisor of agents: it owns the conversations and their tasks.\n"
    "\n"
    "  -f       stay in the foreground and log to stderr\n"
    "  -c FILE  read this configuration, not the user's or the system's\n"
    "  -t       check the configuration and exit\n"
    "  -V, -h   print the version, this text\n";

static void
on_watchdog(void *arg)
{
	struct daemon *d = arg;

	notify_alive(d->notify);
	alarm_at(d->watchdog, loop_now() + notify_watchdog(d->notify) / 2);
}

static void
on_shutdown(void *arg, bool now)
{
	struct daemon *d = arg;

	if (!engine_is_closing(d->engine)) {
		log_info("sigboxd: shutting down");
		notify_stopping(d->notify);
		engine_close(d->engine, now);
	} else
		now = true;	/* asked for twice: at once */
	if (now)
		loop_stop(d->loop);
}

static void
on_term(void *arg)
{
	on_shutdown(arg, false);
}

static void
on_hangup(void *arg)
{
	struct daemon *d = arg;
	char *why = NULL;

	notify_reloading(d->notify);
	if (engine_reload(d->engine, &why))
		log_info("sigboxd: configuration and tools read again");
	else
		log_error("config: %s: the old one stays", why);
	free(why);
	notify_ready(d->notify);
}

/* No core, no debugger of the same user: there may be a key in here (M4). */
static void
harden(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
}

static int
check_config(const struct daemon *d)
{
	struct conf conf;
	char *why = NULL;

	conf_init(&conf);
	if (conf_load(&conf, d->conf_file, &d->env, &why) == 0) {
		conf_fini(&conf);
		return 0;
	}
	fprintf(stderr, "sigboxd: config: %s\n", why);
	free(why);
	conf_fini(&conf);
	return 78;
}

/* $SIGBOX_WORKER, else beside us as it is installed. */
static char *
worker_path(void)
{
	const char *named = getenv("SIGBOX_WORKER");
	char exe[4096], *slash, *path;
	ssize_t n;

	if (named != NULL && *named == '/')
		return xstrdup(named);
	if ((n = readlink("/proc/self/exe", exe, sizeof(exe) - 1)) <= 0)
		return xstrdup(SIGBOX_LIBEXEC "/sigbox-worker");
	exe[n] = '\0';
	if ((slash = strrchr(exe, '/')) != NULL)
		*slash = '\0';
	path = xasprintf("%s/../libexec/sigbox-worker", exe);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return xstrdup(SIGBOX_LIBEXEC "/sigbox-worker");
}

/* What errno of place_open() and place_listen() means to a script. */
static int
place_code(void)
{
	return errno == EBUSY ? 75 : errno == EACCES ? 77 : 71;
}

/* false: *why. */
static bool
has_powers(char **why)
{
	char *missed = powers_miss();

	if ((*why = powers_lack()) == NULL && missed != NULL)
		log_warnx("sigboxd: %s", missed);
	free(missed);
	return *why == NULL;
}

/* Everything that can fail, before anybody is told that we are there. */
static int
open_all(struct daemon *d, char **why)
{
	struct engine_world w = { .env = &d->env, .conf_file = d->conf_file };
	char *worker;
	int code = 71;

	if (!has_powers(why))
		return 77;
	if (place_open(&d->place, why) == -1)
		return place_code();
	worker = worker_path();
	d->loop = loop_new();
	w.loop = d->loop;
	w.state = d->place.state;
	w.worker = worker;
	d->engine = engine_new(&w, &code, why);
	free(worker);
	if (d->engine == NULL)
		return code;
	/* Last: who can connect is served. */
	if (place_listen(&d->place, why) == -1)
		return place_code();
	d->desk = desk_new(d->loop, d->engine, d->place.listener);
	desk_on_shutdown(d->desk, on_shutdown, d);
	return 0;
}

static void
serve(struct daemon *d)
{
	loop_signal(d->loop, SIGTERM, on_term, d);
	loop_signal(d->loop, SIGINT, on_term, d);
	loop_signal(d->loop, SIGHUP, on_hangup, d);
	d->notify = notify_new();
	if (notify_watchdog(d->notify) > 0) {
		d->watchdog = alarm_new(d->loop, on_watchdog, d);
		on_watchdog(d);
	}
	log_info("sigboxd: ready at %s", d->place.socket);
	notify_ready(d->notify);
	engine_after(d->engine);
	loop_run(d->loop, engine_after, d->engine);
}

static void
close_all(struct daemon *d)
{
	desk_free(d->desk);
	engine_free(d->engine);
	alarm_free(d->watchdog);
	notify_free(d->notify);
	loop_free(d->loop);
	place_close(&d->place);
	conf_env_fini(&d->env);
}

static int
run(struct daemon *d, bool foreground)
{
	struct daemonize bg = { .fd = -1 };
	char *why = NULL;
	int code;

	if (!foreground && daemonize_start(&bg, &why) == -1) {
		fprintf(stderr, "sigboxd: %s\n", why);
		free(why);
		return 71;
	}
	title_set("supervisor: starting");
	code = open_all(d, &why);
	if (code != 0) {
		log_error("sigboxd: %s", why);
		daemonize_failed(&bg, code, why);
	} else {
		daemonize_ready(&bg, d->place.state);
		serve(d);
		log_info("sigboxd: gone");
	}
	free(why);
	close_all(d);
	return code;
}

int
main(int argc, char **argv, char **envp)
{
	struct daemon d = { .place = { .lock = -1, .listener = -1 } };
	bool foreground = false, check = false;
	int ch;

	title_init(argc, argv, envp);
	fd_null();
	harden();
	log_init(LOG_LEVEL_INFO);
	while ((ch = getopt(argc, argv, "fc:thV")) != -1)
		switch (ch) {
		case 'f':
			foreground = true;
			break;
		case 'c':
			d.conf_file = optarg;
			break;
		case 't':
			check = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			puts("sigboxd " SIGBOX_VERSION);
			return 0;
		default:
			fputs(usage, stderr);
			return 64;
		}
	if (optind < argc) {
		fputs(usage, stderr);
		return 64;
	}
	conf_env_take(&d.env);
	return check ? check_config(&d) : run(&d, foreground);
}
