/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sheet_profiles.h - the profiles by which workers draw the cells and the pages of a sheet, as text
 * of a configuration. Each is called SHEET_PROFILE; newly allocated. Any thread. */
#pragma once

#include "command/sheet_layout.h"
#include "daemon/settings/snapshot.h"

#define SHEET_PROFILE "hotfolder sheet"

/* A cell from a picture. `caption` as names of outputs are written, where a value that a picture
 * lacks is left out; `prepare`: a profile whose steps, except of its branches, come first; NULL:
 * none. */
char *sheet_profile_of_cells(const SheetLayout *layout, const char *caption,
                             const ProfileText *prepare);

/* The cell of a picture that cannot be shown, from a grey one of its name: `why` stands in it. */
char *sheet_profile_of_failed(const SheetLayout *layout, const char *caption, const char *why);

/* A page from its pixels: {page} and {pages} of the header are its number and how many there are.
 * `format` is a word of `save`. */
char *sheet_profile_of_pages(const SheetLayout *layout, const char *header, unsigned pages,
                             const char *format);

/* Whether a header has no other values than those and {date}. */
bool sheet_check_header(const char *header, Error **err);

/* ---- for tests ---- */

/* A caption in which no value has to be there: "{camera}" becomes "{camera|}". */
char *sheet_lenient(const char *caption);

/* The steps of a profile without what saves, between its braces. */
char *sheet_steps_of(const ProfileText *profile);
