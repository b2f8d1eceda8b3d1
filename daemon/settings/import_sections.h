/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_sections.h - the sections `import "NAME" { ... }` and `camera "NAME" { ... }` of a draft.
 * Main thread. */
#pragma once

#include "daemon/settings/draft.h"

/* Reads every camera and every import of the files, and appends errors and advice. No directory is
 * looked at. */
void draft_add_imports(Draft *draft);

/* Whether each `then` names a folder, after those were added; and whether no folder would take what
 * lies in a copy_to, and move it away. */
void draft_check_thens(Draft *draft);
void draft_check_copies(Draft *draft);

/* Leaves the import called `name` alone; NULL: all. With `copy_to`, each copies to these
 * directories, and hands nothing on; where there is none, one by hand is made, called
 * IMPORT_BY_HAND. */
void draft_choose_import(Draft *draft, const char *name, const char *const *copy_to);

/* Whether a directory of an import lies in another one of it, by where they lead; their disks may
 * not respond. */
void draft_check_destinations(Draft *draft);

/* Whether one of these directories, with NULL at the end, is another one or lies in it: *inner in
 * *outer. With `real`, by where they lead, which waits for their disks; else by their texts. */
bool import_is_nested(char *const *copy_to, bool real, const char **inner, const char **outer);
