/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folder_file.h - a file of the configuration that has one folder, such as conf.d/inbox.conf.
 *
 * `hotfolder add` writes it, and `hotfolder remove` removes it. Main thread. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* The include that a new configuration gets: of conf.d for the service's own, of a directory of its
 * own for any other one, as two configurations may not have the same folders. Newly allocated. */
char *folder_file_pattern(const char *config);

/* Where the configuration `config` would read a file NAME.conf from, by the first of its includes
 * that matches it; newly allocated. NULL: by none. */
char *folder_file_path(const char *config, const char *name);

/* Whether this text can be one of a configuration: it is UTF-8 without control characters. */
bool folder_file_can_hold(const char *text);

/* The text of the file; newly allocated. */
char *folder_file_text(const char *name, const char *path, const char *output, const char *profile);

/* `include("...")` with its newline, of exactly this file; newly allocated. */
char *folder_file_include(const char *file);

/* Where the section of a folder stands in a file. */
typedef struct FolderLines {
    int first, last;
    bool alone; /* nothing but comments is beside it */
} FolderLines;

/* Looks for the folder whose section begins at `line`. False with *err set where the file cannot be
 * read, or has no such section any more. */
bool folder_file_find(const char *file, const char *name, int line, FolderLines *lines,
                      Error **err);
