#include "check.h"

#include "text.h"
#include "xalloc.h"

static char *
check_text(const char *field, struct bytes b, size_t max)
{
	if (b.len > max)
		return xasprintf("%s: longer than %zu bytes", field, max);
	if (!text_is_valid(b))
		return xasprintf("%s: not valid UTF-8", field);
	return NULL;
}

static char *
check_data(const char *field, struct bytes b, size_t max)
{
	if (b.len <= max)
		return NULL;
	return xasprintf("%s: longer than %zu bytes", field, max);
}

#define U64(fld)
#define FLAG(fld)
#define TEXT(fld, max)							\
	if (why == NULL)						\
		why = check_text(#fld, p->fld, max);
#define DATA(fld, max)							\
	if (why == NULL)						\
		why = check_data(#fld, p->fld, max);
#define FRAME(NAME, name, number, sender, phase, fields)		\
static char *								\
check_##name(const struct frame_##name *p)				\
{									\
	char *why = NULL;						\
									\
	(void)p;							\
	fields								\
	return why;							\
}
#include "frames.def"
#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA

char *
check_frame(const struct frame *f)
{
	switch (f->type) {
#define FRAME(NAME, name, number, sender, phase, fields)		\
	case FRAME_##NAME: return check_##name(&f->name);
#include "frames.def"
#undef FRAME
	}
	return NULL;
}
