/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* draft.h - a snapshot in the making, and the errors found so far. */
#pragma once

#include "daemon/settings/feedback.h"
#include "daemon/settings/files.h"
#include "daemon/settings/snapshot.h"

typedef struct Draft {
    Settings *settings;
    SettingsFiles *files; /* the user's */
    SettingsFiles *shipped;
    GPtrArray *shipped_errors;
    GPtrArray *used_profiles; /* of ProfileText, borrowed: those that the workers will know */
    GString *reads;           /* formats that a worker has to read, as text: see worker/profile.h */
    GArray *feedback;         /* of FeedbackFolder, for feedback.h */
    const Settings *before;   /* borrowed; what it knows of the same profiles is taken over; NULL */
    GPtrArray *errors;
    guint errors_before; /* how many there were at the beginning */
    guint own_profiles;  /* how many of settings->profiles, the first ones, are the user's */
} Draft;

/* An empty one, without `files`; `errors` is borrowed, later ones are appended. */
Draft *draft_new(const char *file, GPtrArray *errors);
void draft_free(Draft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Draft, draft_free)

/* A worker is started with this profile, and checks it. */
void draft_use_profile(Draft *draft, const ProfileText *profile);

/* The profile called `name`, which the workers will know then. NULL where there is none, with an
 * error appended unless the profile was written but has errors. `from` is the setting that names
 * it, or NULL for the command line. */
const ProfileText *draft_find_profile(Draft *draft, const char *name, const ConfNode *from);

/* Lets the check ask whether libvips reads these formats, which not every build does: once for each
 * line that sets `accept`, or NULL for none. */
void draft_require_formats(Draft *draft, const ConfNode *accept, unsigned formats);

/* The statement of a setting, else the section. */
const ConfNode *draft_place(const ConfNode *node, const char *setting);

/* Appends an error about what `setting` of a section says; the format goes on after "setting = ".
 */
void draft_refuse(Draft *draft, const ConfNode *node, const char *setting, const char *fix,
                  const char *format, ...) G_GNUC_PRINTF(5, 6);

/* Appends to what settings that are right may do unexpectedly. */
void draft_advise(Draft *draft, const ConfNode *at, const char *fix, const char *what);
