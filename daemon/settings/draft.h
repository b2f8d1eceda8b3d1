/* draft.h - a snapshot in the making, and the mistakes found so far. */
#pragma once

#include "daemon/settings/feedback.h"
#include "daemon/settings/files.h"
#include "daemon/settings/snapshot.h"

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

/* An empty one, without `files`; `mistakes` is borrowed, later ones are appended. */
Draft *draft_new(const char *file, GPtrArray *mistakes);
void draft_free(Draft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Draft, draft_free)

/* A worker is started with this profile, and checks it. */
void draft_use_profile(Draft *draft, const ProfileText *profile);

/* The profile called `name`, which is checked then; NULL, with a mistake appended, if there is
 * none. One that was written wrongly has been reported already. `said` is where it was asked for,
 * or NULL for the command line. */
const ProfileText *draft_find_profile(Draft *draft, const char *name, const ConfNode *said);

/* Notes that these formats have to be readable, which not every libvips can: once for each place
 * that says so. */
void draft_ask_reads(Draft *draft, const ConfNode *accept, unsigned formats);
