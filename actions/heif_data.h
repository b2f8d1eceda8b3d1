/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heif_data.h - the coded data of the main picture of a HEIC or AVIF, and of its alpha: of itself,
 * or of its tiles. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct HeifData {
    char type[5];       /* of the item: "hvc1", "av01" */
    GByteArray *config; /* what the property hvcC or av1C has */
    GByteArray *data;
} HeifData;

/* Calls `check` for each, in the order of the tiles, with what share of them comes before (0 to 1),
 * until it returns false. Of the file open as fd (borrowed; its offset stays). What cannot be found
 * or read is left out: libheif reports it. */
void heif_data_each(int fd, bool (*check)(void *user, const HeifData *data, double share),
                    void *user);

/* The same of its alpha, if it has any. */
void heif_data_each_of_alpha(int fd, bool (*check)(void *user, const HeifData *data, double share),
                             void *user);
