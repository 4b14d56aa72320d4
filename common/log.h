/*
 * who: what: why. Lower case, no full stop. Text that is not ours goes
 * through vis(3) here. To stderr, with a <N> priority when it is the journal
 * ($JOURNAL_STREAM), else with time and level.
 */
#ifndef LOG_H
#define LOG_H

#define LOG_FMT(a, b)	__attribute__((format(printf, a, b)))

enum log_level {
	LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG
};

void	log_init(enum log_level);
void	log_level(enum log_level);
void	log_warn(const char *, ...) LOG_FMT(1, 2);	/* adds errno */
void	log_warnx(const char *, ...) LOG_FMT(1, 2);
void	log_error(const char *, ...) LOG_FMT(1, 2);	/* someone must act */
void	log_info(const char *, ...) LOG_FMT(1, 2);
void	log_debug(const char *, ...) LOG_FMT(1, 2);
/* Adds errno, exits 71. */
void	fatal(const char *, ...) LOG_FMT(1, 2) __attribute__((noreturn));
void	fatalx(int code, const char *, ...) LOG_FMT(2, 3)
	    __attribute__((noreturn));

#endif
