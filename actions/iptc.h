/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* iptc.h - IPTC's datasets (IIM 4.2). One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* A dataset as "record and number": IPTC_DATASET(2, 120) is the caption. */
#define IPTC_DATASET(record, number) ((record) << 8 | (number))

enum {
    IPTC_CHARACTER_SET = IPTC_DATASET(1, 90),
    IPTC_VERSION = IPTC_DATASET(2, 0),
    IPTC_FIRST_TEXT = IPTC_DATASET(2, 3),
    IPTC_LAST_TEXT = IPTC_DATASET(2, 122),
};

/* One of the datasets of a block, in its bytes. */
typedef struct IptcSet {
    const unsigned char *whole; /* with its header */
    const unsigned char *value;
    size_t length; /* of the value */
    unsigned id;   /* IPTC_DATASET() */
} IptcSet;

/* The dataset at *at, which moves behind it; false at the end, or where the block is damaged. */
bool iptc_next(const unsigned char **at, const unsigned char *end, IptcSet *set);

/* Whether the texts of a block (NULL: none) are UTF-8; and one of them in UTF-8, newly allocated.
 */
bool iptc_is_utf8(GBytes *datasets);
char *iptc_text(const IptcSet *set, bool utf8);

/* The texts of a dataset in UTF-8, in their order, newly allocated; NULL where there is none. They
 * come in the character set that the block says: UTF-8, or Latin-1, for which all others are taken
 * as by ExifTool. A block that says none is UTF-8 where all its texts can be, else Latin-1. A last
 * character of UTF-8 that the length of the dataset has cut is left out. */
GStrv iptc_texts(GBytes *datasets, unsigned dataset);

/* Those datasets of which `keep` is true; NULL where none of record 2 is left. Newly referenced. */
GBytes *iptc_filter(GBytes *datasets, bool (*keep)(unsigned dataset));
