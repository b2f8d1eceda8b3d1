/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile.h - the steps that a picture goes through, in the order they were written, but for
 * arrange.h.
 *
 * They are one list. A branch is a step too; the steps in it come after it, up to its `next`.
 *
 * A profiles document is configuration text, with comments already blanked. It has blocks
 * `profile "NAME" { setting = value ... step { setting = value ... } ... }`; a line
 * `#line N "FILE"` before a block says that the next line is line N of FILE, for the messages.
 * Blocks `program "NAME" { takes = png gives = png }` come before the profiles that name them.
 * Blocks `import "NAME" { name = "..." when = "..." day_starts = MINUTES }` and `camera "NAME" {
 * serial = "..." clock = "..." owner = "..." }` are for imports.h.
 * Blocks `reads { accept = { jxl } }` ask whether this libvips reads those formats. One thread. */
#pragma once

#include "worker/step.h"

typedef struct Profile {
    char *name;
    char *file;
    int line;
    ProfileSettings settings;
    GArray *steps; /* of Step */
} Profile;

/* The action that `name` was most likely meant to be; NULL: none is near. */
const char *profile_action_meant_by(const char *name);

/* Whether the step writes an output; and whether it is a branch. */
bool step_saves(const Step *step);
bool step_branches(const Step *step);

const Step *profile_step(const Profile *profile, guint index);

/* Reads every profile of a document and appends every error (see config/conf_errors.h). Returns the
 * valid profiles: an array of Profile, newly allocated, which owns its elements. */
GPtrArray *profiles_read(const char *document, GPtrArray *errors);

/* Lets each step open the files that it names; appends errors. */
void profiles_open(GPtrArray *profiles, GPtrArray *errors);

/* Prepares each step, after profiles_open() if that was not called yet; appends errors. */
void profiles_prepare(GPtrArray *profiles, GPtrArray *errors);

/* The part of profiles_prepare() that knows what comes before a step: one that does not work on the
 * CMYK that an `icc` makes, and a save that cannot write it, is marked as failed. */
void profiles_check_inks(GPtrArray *profiles, GPtrArray *errors);

/* The photo of which is said what a profile does before a picture is known. */
extern const Shape profile_photo;

/* Marks each step that draws text as failed, since no font can be read; after profiles_open().
 * Appends errors. */
void profiles_refuse_text(GPtrArray *profiles, GPtrArray *errors);

/* Whether a step of one draws text. */
bool profiles_draw_text(const GPtrArray *profiles);

/* The number of steps of the longest profile. */
unsigned profiles_longest(const GPtrArray *profiles);

/* NULL: no such profile. Borrowed. */
const Profile *profile_find(const GPtrArray *profiles, const char *name);
