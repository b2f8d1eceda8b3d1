/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* handover.h - hands a shot to a hot folder: a hard link to each of its copies, in its inbox. The
 * copy stays where it is, whatever becomes of the link. The thread of the import. */
#pragma once

#include <glib.h>

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

/* A shot is handed over once, also where the import is killed at any moment: its links are staged
 * under hidden names, which no folder takes; when they are on disk, the caller records durably that
 * the shot was handed over; then they get their names, which cannot be done twice. A hidden name
 * that is found later says that this last step is missing.
 *
 * The folder's service takes no hard link to a file of another user: root gives the copies, and new
 * directories of the inbox, to the inbox's owner. Any other user has to be the service's.
 *
 * A link that is there already under its name stays, and is not staged. */
bool handover_stage(const Handover *handover, Error **err);

/* Whether the link to the copy `name` is staged, and has not got its name. */
bool handover_is_staged(const Handover *handover, const char *name);

/* Gives the staged links their names, that of the picture last. */
bool handover_publish(const Handover *handover, Error **err);

/* Syncs the directories in which the links are, but for those in `done` (names below the inbox,
 * char
 * *, which it owns), to which they are added. */
bool handover_sync(const Handover *handover, GHashTable *done, Error **err);
