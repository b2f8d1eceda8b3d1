/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* subject.h - the picture, or the folder, that a request is about. For slow routes: it may look at
 * a folder's disk. */
#pragma once

#include "daemon/control/answer.h"
#include "daemon/control/view.h"
#include "daemon/ledger/answers.h"

/* The path without the number that a file gets where its name is taken: "beach-1.jpg" is of
 * "beach.jpg"; newly allocated, NULL: it has no number. */
char *subject_unnumbered(const char *path);

/* Of entries of one file, which hard links give several names: puts first the newest one of the
 * name that an original was moved from, where it has `name` now. */
void subject_prefer(GArray *entries, const char *name);

/* Whether the disk of the folder may be asked: that of one that is unavailable may hang. */
bool subject_is_reachable(const ControlView *view, const Folder *folder, Error **err);

/* What had the name of the original `path` last, or what the file there in failed/ or done/ was
 * made of: appends entries (of LedgerEntry), of which the first is meant. NULL with an answer that
 * refuses. */
const Folder *subject_picture(const ControlView *view, const char *path, GArray *entries,
                              Answer *answer);

/* The picture of the parameter `job`, a number of /v1/list, in the same way. */
const Folder *subject_job(const ControlView *view, int64_t job, GArray *entries, Answer *answer);

/* What made an output of the name `path` last: *entries becomes one entry (of LedgerEntry) of the
 * folder that is returned. NULL: nothing made it, or *err is set. Several folders may have one
 * output directory. */
const Folder *subject_maker(const ControlView *view, const char *path, GArray **entries,
                            Error **err);

/* Whether it was sent through a folder to try it: all its traces were removed, and people are
 * shown nothing of it. */
bool subject_is_probe(const LedgerEntry *entry);

/* Whether a newer file of the name of a failed picture is done. */
bool subject_is_replaced(const ControlView *view, const LedgerEntry *entry);

/* The path of the original of a row while it lies in its folder, newly allocated. */
char *subject_path(const Folder *folder, const LedgerRow *row);

/* The word of people for its state, static. *reason (newly allocated) is why it is in it, NULL
 * where there is nothing to say. */
const char *subject_state(const ControlView *view, const LedgerEntry *entry, char **reason);
