/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copier_file.h - a copy that is being made in one destination: it has no name before it is whole
 * and on disk, and never takes that of another file.
 *
 * It is made in the directory of its name, without a name; where the file system has no such files
 * it is a hidden one at the top of the destination, locked (flock(2)) by the process that writes
 * it. One thread at a time. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* A destination. What is mounted there must stay the same: a copy on another disk would count as
 * one on this one. */
typedef struct CopyPlace {
    const char *path; /* borrowed */
    dev_t dev;
    uint64_t mount; /* 0: the kernel does not say it */
} CopyPlace;

/* Makes the directory where it is missing, durably, and removes what imports that died have left at
 * its top. */
bool copy_place_open(CopyPlace *place, const char *path, Error **err);

/* A copy that stands in a destination, open for reading; -1 with *err set. */
int copy_place_read(const CopyPlace *place, const char *name, Error **err);

typedef struct CopyFile CopyFile;

/* `name` is relative to the destination, whose missing directories are made. False with *taken
 * where something has the name already, else with *err set. */
bool copy_file_begin(const CopyPlace *place, const char *name, CopyFile **file, bool *taken,
                     Error **err);

/* Adds bytes. The disk begins to write them soon: the end does not wait for all of them. */
bool copy_file_add(CopyFile *file, const void *bytes, size_t length, Error **err);

/* It is whole: gets its time, and loses the right to be written where it is protected. Its bytes
 * begin to go to the disk. */
bool copy_file_end(CopyFile *file, int64_t mtime_ns, bool is_protected, Error **err);

/* Waits until it is on disk. After an error here its bytes may be lost. */
bool copy_file_sync(CopyFile *file, Error **err);

/* Gives it its name: false with *taken, or with *err set. */
bool copy_file_link(CopyFile *file, bool *taken, Error **err);

/* Waits until its name is on disk; else the name is taken away again. `synced`: another file of the
 * same directory was synced after it got its name. */
bool copy_file_keep(CopyFile *file, bool synced, Error **err);

bool copy_file_shares_dir(const CopyFile *a, const CopyFile *b);

/* Without a name of its own it is gone then. NULL is nothing. */
void copy_file_free(CopyFile *file);
