#include "retry.h"

#include <stdio.h>

#include "fault.h"

#define HINT_MAX	(UINT64_C(366) * 86400 * 1000000)

/* Decimal, perhaps with a fraction, times unit; false if it is no number. */
static bool
parse_number(const char *s, uint64_t unit, uint64_t *us)
{
	uint64_t value = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		value = value * 10 + (uint64_t)(*s - '0') * unit;
		if (value > HINT_MAX)
			value = HINT_MAX;
	}
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9'; s++)
			value += (uint64_t)(*s - '0') * (unit /= 10);
	*us = value > HINT_MAX ? HINT_MAX : value;
	return *s == '\0';
}

struct date {
	int	day, month, year, hour, minute, second;
};

static int
month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *at = strstr(names, name);

	return at == NULL || strlen(name) != 3 ? 0 :
	    (int)(at - names) / 3 + 1;
}

/* The three forms of RFC 9110, 5.6.7. */
static bool
scan_date(const char *s, struct date *d)
{
	char month[4] = "";

	if (sscanf(s, "%*[A-Za-z], %2d %3s %4d %2d:%2d:%2d GMT", &d->day,
	    month, &d->year, &d->hour, &d->minute, &d->second) != 6 &&
	    sscanf(s, "%*[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT",
	    &d->day, month, &d->year, &d->hour, &d->minute,
	    &d->second) != 6 &&
	    sscanf(s, "%*[A-Za-z] %3s %2d %2d:%2d:%2d %4d", month, &d->day,
	    &d->hour, &d->minute, &d->second, &d->year) != 6)
		return false;
	if (d->year < 100)
		d->year += 2000;
	d->month = month_of(month);
	return d->month > 0 && d->year >= 1970 && d->day > 0 && d->hour >= 0 &&
	    d->minute >= 0 && d->second >= 0;
}

/* Days since 1970-01-01, by years that begin in March. */
static uint64_t
days_until(const struct date *d)
{
	int year = d->month <= 2 ? d->year - 1 : d->year;
	int month = (d->month + 9) % 12;

	return (uint64_t)(year * 365 + year / 4 - year / 100 + year / 400 +
	    (month * 153 + 2) / 5 + d->day - 1 - 719468);
}

static bool
parse_date(const char *s, uint64_t wall_us, uint64_t *us)
{
	struct date d = { 0 };
	uint64_t at;

	if (!scan_date(s, &d))
		return false;
	at = (days_until(&d) * 86400 + (uint64_t)(d.hour * 3600 +
	    d.minute * 60 + d.second)) * 1000000;
	*us = at > wall_us ? at - wall_us : 0;
	return true;
}

static bool
find_hint(const struct retry_case *c, uint64_t *us)
{
	if (c->retry_after_ms != NULL &&
	    parse_number(c->retry_after_ms, 1000, us))
		return true;
	return c->retry_after != NULL &&
	    (parse_number(c->retry_after, 1000000, us) ||
	    parse_date(c->retry_after, c->wall_us, us));
}

/* Half a second, doubled each time, at most eight, less up to a quarter. */
static uint64_t
back_off(unsigned ntries, uint32_t dice)
{
	uint64_t us = ntries > 4 ? 8000000 : 500000U << (ntries - 1);

	return us - us / 4 * (dice % 1024) / 1024;
}

static bool
is_worth_it(const struct retry_case *c, enum model_why kind)
{
	if (kind == MODEL_WHY_QUOTA)
		return false;
	if (c->should_retry != NULL && strcmp(c->should_retry, "true") == 0)
		return true;
	if (c->should_retry != NULL && strcmp(c->should_retry, "false") == 0)
		return false;
	if (kind == MODEL_WHY_CONTEXT)
		return false;
	return c->status == 0 || c->status == 408 || c->status == 409 ||
	    c->status == 429 || c->status >= 500;
}

struct retry_verdict
retry_judge(const struct retry_case *c)
{
	struct retry_verdict v = { .kind = fault_kind(c->status, c->body) };
	bool has_hint = find_hint(c, &v.retry_after_us);

	v.again = c->ntries <= c->max && is_worth_it(c, v.kind);
	v.wait_us = has_hint ? v.retry_after_us :
	    back_off(c->ntries, c->dice);
	if (v.again && v.wait_us > RETRY_WAIT_MAX) {
		v.again = false;
		v.kind = MODEL_WHY_LIMITED;
	}
	return v;
}
