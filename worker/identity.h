/*
 * Who the worker is. It is born as its supervisor is, so that nobody else may
 * signal it before its exec, and becomes the tool's user by itself.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

/*
 * As PROTO_AS says, if it does: user, groups, capabilities. The death signal
 * is set again; a parent that died before is to be looked for after this.
 * -1: errno, *step; then it must not go on.
 */
int	identity_take(const char **step);

#endif
