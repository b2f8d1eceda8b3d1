/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exif_value.h - what people write of a tag of EXIF, as its value. Any thread. */
#pragma once

#include "actions/exif.h"
#include "actions/exif_names.h"
#include "base/error.h"

/* Makes the value of `text` (UTF-8, not empty) for a tag: of numbers, those that stand in it with
 * blanks between, "1/250" or "2.8"; of dates, also "2024-05-01T12:30:00". put->value is newly
 * referenced. False with *err of kind PICTURE. */
bool exif_value(const ExifName *name, const char *text, bool big_endian, ExifPut *put, Error **err);

/* The directory of a tag. */
ExifDirectory exif_directory_of(const ExifName *name);

/* A number as the fraction that EXIF writes: 2.8 as 28/10. False where it is none, or is too
 * large. */
bool exif_fraction(const char *text, int64_t *over, int64_t *under);
