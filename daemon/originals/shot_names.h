/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shot_names.h - the names of the files of a shot where they are moved together: IMG_1-1.JPG,
 * IMG_1-1.NEF, IMG_1-1.NEF.xmp. Nothing is moved here. Any thread. */
#pragma once

#include "daemon/originals/original.h"

/* What all of them have in their names. Owned. */
typedef struct ShotName {
    char *stem;   /* that a user has given; NULL: each has its own */
    char *suffix; /* "-1", or "" */
} ShotName;

void shot_name_clear(ShotName *name);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ShotName, shot_name_clear)

/* The path of the file below `place` ("done"), relative to the folder; newly allocated. */
char *shot_name_path(const ShotName *name, const char *place, const char *source);

/* From `path`, which shot_name_path() may have made for this file. */
void shot_name_read(const char *path, const char *source, ShotName *name);

/* A file that has its place, or is to get one. Borrowed. */
typedef struct ShotFile {
    const char *source;
    const FileId *file;
} ShotFile;

/* Whether nothing else than the file itself has its name below `place`. */
bool shot_name_is_free(const Folder *folder, const char *place, const ShotName *name,
                       const ShotFile *file);

/* The first name that is free for all of the files, with the stem of `new_name`; NULL: with their
 * own. */
bool shot_name_choose(const Folder *folder, const char *place, const char *new_name,
                      const ShotFile *files, size_t count, ShotName *name, Error **err);

/* The first name that is free for this file, which gets a number of its own behind the name of its
 * shot. */
bool shot_name_number(const Folder *folder, const char *place, const ShotName *shot,
                      const ShotFile *file, ShotName *name, Error **err);
