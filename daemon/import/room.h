/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* room.h - whether destinations are there, and have room for what is to be copied. */
#pragma once

#include "base/error.h"

/* What is to be written to a destination. */
typedef struct RoomNeed {
    const char *destination;
    int64_t bytes; /* of all files that it lacks */
    int64_t files;
} RoomNeed;

/* Bytes with what the file system needs for itself: blocks, directories, one per cent. */
int64_t room_needed(int64_t bytes, int64_t files);

/* Whether each destination is there, takes files, and has room, with `min_free` left over; of those
 * on one file system the needs are added. A directory that is missing is made later, where the one
 * above it exists. ENVIRONMENT: "/mnt/backup needs 12 GB more", "/mnt/backup is not mounted". */
bool room_check(const RoomNeed *needs, unsigned count, int64_t min_free, Error **err);
