/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_groups.h - removes many tags at once. One thread. */
#pragma once

#include "actions/metadata_edit.h"

typedef struct MetadataGroup {
    const char *word; /* "gps" */
    void (*remove)(MetadataEdit *edit);
} MetadataGroup;

/* The group of that word; NULL: there is none. */
const MetadataGroup *metadata_group_find(const char *word);

/* The words of all, NULL-terminated, newly allocated; the words are static. */
const char **metadata_group_words(void);

/* Removes all tags of which one of the names, as exiv2 or ExifTool spell them, is matched by a
 * pattern as fnmatch(3) has it, in any case. What says how pixels are stored stays. */
void metadata_remove_glob(MetadataEdit *edit, const char *pattern);
