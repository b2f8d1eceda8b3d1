/* draft.h - what snapshot.c, which makes a snapshot, and folder.c, which reads
 * its folders, share. */
#pragma once

#include "daemon/settings/feedback.h"
#include "daemon/settings/snapshot.h"
#include "daemon/settings/tables.h"

/* A snapshot in the making. */
typedef struct Draft {
    Settings *settings;
    SettingsFiles *files; /* the user's */
    SettingsFiles *shipped;
    GPtrArray *shipped_mistakes;
    GPtrArray *used; /* of ProfileText, borrowed: those that a worker is started with */
    GString *reads;  /* what a worker has to be able to read, see worker/profile.h */
    GArray *loops;   /* of LoopFolder */
    GPtrArray *mistakes;
    guint before; /* mistakes that were there when we began */
    guint own;    /* the first so many profiles are the user's */
} Draft;

/* The profile called `name`, which is checked then; NULL, with a mistake appended, if there is
 * none. One that was written wrongly has been reported already. `said` is where it was asked for,
 * or NULL for the command line. */
const ProfileText *draft_find_profile(Draft *draft, const char *name, const ConfNode *said);

/* Notes that these formats have to be readable, which not every libvips can: once for each place
 * that says so. */
void draft_ask_reads(Draft *draft, const ConfNode *accept, unsigned formats);

/* Every folder of the files, and whether they feed each other. */
void draft_add_folders(Draft *draft);

/* The one folder of a batch, newly allocated, whose limits are those of `defaults`, and whose
 * outputs are those of the person who runs it. Nothing waits there: a picture is tried twice, since
 * its worker may have been taken down by another one, and that is all. */
Folder *draft_batch_folder(Draft *draft, const char *path, const char *output);
