/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* track.h - where somebody was, and when: the points of a GPX file, or of all of a directory. As
 * other assets (assets.h) the files are opened before the sandbox closes the paths, and read once
 * in it. One thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

typedef struct Track Track;

/* Files of a directory; and points of all together, of 24 bytes, which every worker keeps. */
enum { TRACK_FILES_MAX = 1000, TRACK_POINTS_MAX = 2000000 };

/* Opens the file, or the files of the directory that end in .gpx. A directory may have none: they
 * may come later. NULL with *err of kind CONFIG. */
Track *track_open(const char *path, Error **err);

/* Reads the files, if they are not read yet. False with *err of kind CONFIG where a single file
 * cannot be used; of a directory such a file is left out. */
bool track_read(Track *track, Error **err);

void track_free(Track *track);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Track, track_free)

/* What is wrong with the files though others can be used, as a message says it: "'2.gpx' ends in
 * line 12: no element found". Borrowed; NULL: nothing. */
const char *track_complaint(const Track *track);

typedef struct TrackPlace {
    double latitude, longitude; /* degrees; north and east are positive */
    double altitude;            /* metres above the sea; NAN: it is not known */
} TrackPlace;

typedef struct TrackSearch {
    int64_t at_ms;      /* since 1970, UTC */
    int64_t max_gap_ms; /* the nearest point may be that far away in time */
    bool interpolate;   /* on the line between two points; else it is the nearest one */
} TrackSearch;

/* Where it was at that time; false where no point is near enough. */
bool track_find(const Track *track, const TrackSearch *search, TrackPlace *place);
