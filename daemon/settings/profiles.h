/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profiles.h - profiles as text, which only a worker understands: cut out, compared, checked by a
 * worker. */
#pragma once

#include "config/conf.h"
#include "daemon/settings/snapshot.h"

/* From a `profile` section. Newly allocated. */
ProfileText *profile_text_new(const ConfNode *node);

/* What the profile is for: the first line of the comment right above it in its file, without its
 * name and the full stop. Newly allocated; "" where there is none. */
char *profile_text_purpose(const ProfileText *profile);

/* The profiles document (worker/profile.h) of those profiles, with what these programs take and
 * give; newly allocated. */
char *profiles_document(const GPtrArray *profiles, const GPtrArray *programs);

/* How the caller starts a worker that checks, and later processes pictures. */
typedef struct ProfileChecker {
    void *user;
    /* Starts it; its answer goes to the descriptor. `fonts`: see settings_draw_text(). */
    bool (*start)(void *user, const char *document, bool fonts, int answer, Error **err);
    bool (*end)(void *user, Error **err); /* after its answer; false: it has not done all of it */
} ProfileChecker;

/* Runs `worker --check` over a document, for at most `timeout_ms`; or `checker`, when it isn't
 * NULL. Appends the errors that it finds. What else it says goes into `settings`: `files`, `names`,
 * `losses`, `renames`, `advice` and `sandbox_lacks`. False where there was an error, or where the
 * check could not be run, which is an error too. */
bool profiles_check(const char *worker, const ProfileChecker *checker, const char *document,
                    int64_t timeout_ms, Settings *settings, GPtrArray *errors);
