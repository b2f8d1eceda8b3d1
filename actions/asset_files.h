/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* asset_files.h - opens what a setting names that may be a file or a directory of files. Before the
 * sandbox closes the paths; see assets.h. */
#pragma once

#include "base/error.h"

typedef struct AssetFile {
    char *name;
    int fd; /* -1: it was taken over */
} AssetFile;

typedef struct AssetFiles {
    bool in_directory; /* the path was one's */
    GPtrArray *all;    /* of AssetFile, in the order of their names */
} AssetFiles;

/* Opens the file at `path`, or those of the directory: what is hidden is left out, and so are those
 * whose name does not end in `ending`, in either case (NULL: any may). False with *err of kind
 * CONFIG; more than `most` files are such an error. */
bool asset_files_open(const char *path, const char *ending, guint most, AssetFiles *files,
                      Error **err);

/* Closes those that are open. */
void asset_files_clear(AssetFiles *files);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AssetFiles, asset_files_clear)

/* Says in the error which file of a directory it is about. Returns false. */
bool asset_files_name(const AssetFiles *files, const AssetFile *file, Error **err);
