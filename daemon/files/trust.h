/* trust.h - what others on this machine could change under our hands. */
#pragma once

#include "base/error.h"

/* Whether nobody but root and the user that we run as can change what `file` says: it and its
 * directory are writable by no other user and no group (but for one that is its owner's alone), and
 * belong to one of the two, to whom our program belongs, or to whom called us by sudo. One that
 * can't be looked at is trusted; reading it says why. */
bool trust_file(const char *file, Error **err);

/* What to tell of a hot folder whose directory `path` everybody on this machine may write to,
 * newly allocated; NULL: nothing. */
char *trust_warning(const char *path);
