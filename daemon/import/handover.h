/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* handover.h - hands a shot to a hot folder: a hard link to each of its copies, in its inbox. The
 * copy stays where it is, whatever becomes of the link. */
#pragma once

#include "base/error.h"

typedef struct HandoverFile {
    const char *name; /* relative to the directory of the copies; bytes */
    const char *tail; /* the end of it that the files of the shot do not have in common */
} HandoverFile;

typedef struct Handover {
    const char *from;          /* the directory of the copies */
    const char *inbox;         /* on the same file system */
    bool flat;                 /* the inbox is not looked through with what is below it */
    const char *suffix;        /* behind the stem, where another file has a name */
    const HandoverFile *files; /* the picture is the first one: it comes last */
    unsigned count;
} Handover;

/* The folder's service takes no hard link to a file of another user: root gives the copies, and new
 * directories of the inbox, to the inbox's owner. Any other user has to be the service's.
 *
 * A link that is there already stays: the shot was handed over. All links are on disk when this
 * succeeds; where it fails some may be there, and another call makes the others. */
bool handover_link(const Handover *handover, Error **err);
