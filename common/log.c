/* Of two incompatible strnvis(); neither is used here. */
#define LIBBSD_NETBSD_VIS

#include "log.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>
#include <vis.h>

#include "fd.h"

#define MESSAGE_MAX	2048		/* bytes; what is longer is cut */
#define PREFIX_MAX	64

static const struct {
	const char	*word;
	int		 priority;	/* as syslog(3) numbers them */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", 3 },
	[LOG_LEVEL_WARN] = { "warn", 4 },
	[LOG_LEVEL_INFO] = { "info", 6 },
	[LOG_LEVEL_DEBUG] = { "debug", 7 },
};

static enum log_level	threshold = LOG_LEVEL_INFO;
static bool		to_journal;

/* $JOURNAL_STREAM may be inherited by one whose stderr went elsewhere. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	return stream != NULL && fstat(STDERR_FILENO, &st) == 0 &&
	    sscanf(stream, "%ju:%ju", &dev, &ino) == 2 &&
	    dev == st.st_dev && ino == st.st_ino;
}

void
log_init(enum log_level level)
{
	threshold = level;
	to_journal = is_journal();
}

void
log_level(enum log_level level)
{
	threshold = level;
}

static size_t
prefix(char *line, enum log_level level)
{
	time_t now = time(NULL);
	struct tm tm;
	size_t n;

	if (to_journal)
		return (size_t)snprintf(line, PREFIX_MAX, "<%d>",
		    levels[level].priority);
	localtime_r(&now, &tm);
	n = strftime(line, PREFIX_MAX, "%F %T ", &tm);
	return n + (size_t)snprintf(line + n, PREFIX_MAX - n, "%s: ",
	    levels[level].word);
}

/*
 * One line is one write, so that lines of several processes do not mix; no
 * allocation, so that running out of memory can be said.
 */
static void LOG_FMT(3, 0)
say(enum log_level level, int error, const char *fmt, va_list ap)
{
	char text[MESSAGE_MAX], line[PREFIX_MAX + 4 * MESSAGE_MAX + 1];
	size_t n;
	int len;

	if (level > threshold)
		return;
	len = vsnprintf(text, sizeof(text), fmt, ap);
	if (error != 0 && len >= 0 && (size_t)len < sizeof(text))
		snprintf(text + len, sizeof(text) - (size_t)len, ": %s",
		    strerror(error));
	n = prefix(line, level);
	n += (size_t)strvis(line + n, text,
	    VIS_NL | VIS_TAB | VIS_CSTYLE | VIS_OCTAL);
	line[n++] = '\n';
	fd_write_all(STDERR_FILENO, line, n);
}

/* The caller's errno survives: a log line is no reason for another error. */
#define SAY(level, error, fmt)	do {		\
	int saved = errno;			\
	va_list ap;				\
						\
	va_start(ap, fmt);			\
	say(level, error, fmt, ap);		\
	va_end(ap);				\
	errno = saved;				\
} while (0)

void
log_warn(const char *fmt, ...)
{
	SAY(LOG_LEVEL_WARN, saved, fmt);
}

void
log_warnx(const char *fmt, ...)
{
	SAY(LOG_LEVEL_WARN, 0, fmt);
}

void
log_error(const char *fmt, ...)
{
	SAY(LOG_LEVEL_ERROR, 0, fmt);
}

void
log_info(const char *fmt, ...)
{
	SAY(LOG_LEVEL_INFO, 0, fmt);
}

void
log_debug(const char *fmt, ...)
{
	SAY(LOG_LEVEL_DEBUG, 0, fmt);
}

void
fatal(const char *fmt, ...)
{
	SAY(LOG_LEVEL_ERROR, saved, fmt);
	exit(EX_OSERR);
}

void
fatalx(int code, const char *fmt, ...)
{
	SAY(LOG_LEVEL_ERROR, 0, fmt);
	exit(code);
}
