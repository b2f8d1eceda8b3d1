/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_taken.h - when a picture was taken, as it says itself. */
#pragma once

#include "actions/metadata.h"

/* The first date that says something, in this order: EXIF's DateTimeOriginal and DateTimeDigitized,
 * XMP's exif:DateTimeOriginal, photoshop:DateCreated and xmp:CreateDate, IPTC's date and time, and
 * EXIF's DateTime. It is the time that the camera's clock showed: an offset is not added. NULL
 * where there is none. */
GDateTime *metadata_taken(Metadata *metadata);

/* *offset: seconds by which the clock was east of UTC, as below; METADATA_OFFSET_UNKNOWN where the
 * picture does not say it. */
enum { METADATA_OFFSET_UNKNOWN = G_MAXINT };
GDateTime *metadata_taken_zoned(Metadata *metadata, int *offset);

/* The same as an instant: with the offset from UTC that EXIF names for its dates, in
 * OffsetTimeOriginal, OffsetTimeDigitized or OffsetTime, or XMP and IPTC behind theirs; without one
 * the clock is taken to have shown the time of this machine's zone. *at gets seconds since 1970;
 * false where there is no date. */
bool metadata_taken_at(Metadata *metadata, int64_t *at);

/* A date in one of the forms that programs write: "2024:05:01 12:30:00", "2024-05-01T12:30:00.5Z",
 * "20240501", "2024-05". What a form leaves out, or says as 0, is the first month or day, or
 * midnight. NULL where it has no year, or is no date. */
GDateTime *metadata_date(const char *text);
