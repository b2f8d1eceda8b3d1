/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report.h - the text beside an original in failed/: what went wrong, where, and how to fix it. */
#pragma once

#include "daemon/originals/original.h"

/* What the report says. Borrowed. */
typedef struct Failure {
    int attempts;
    const Error *why;
    const Error *stays; /* why the original could not be moved; NULL: it lies beside the report */
} Failure;

/* Writes NAME.txt for the original that lies, or will lie, as `name` in the open directory failed/
 * or one below. The text is whole and on disk when this succeeds; one of an earlier failure is
 * replaced, another file of that name is not: then it is NAME-1.txt. *written (may be NULL) is the
 * name of the text, newly allocated. */
bool report_write(int dir_fd, const char *name, const Original *original, const Failure *failure,
                  char **written, Error **err);

/* Removes this text, if it says that its original is still in its place. */
void report_remove_unmoved(int dir_fd, const char *text);

/* Removes the report on the picture `source` that lies beside `name`; another text stays. */
void report_remove(int dir_fd, const char *name, const char *source);
