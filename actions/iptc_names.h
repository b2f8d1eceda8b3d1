/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* iptc_names.h - datasets of IPTC by the names that people know. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct IptcName {
    const char *name;  /* as `exiftool -s` writes it */
    const char *exiv2; /* the last part of exiv2's; NULL: the same */
    unsigned dataset;  /* IPTC_DATASET() */
    bool many;         /* there may be more than one */
    size_t most;       /* bytes of one; 0: any number */
} IptcName;

extern const IptcName iptc_names[]; /* one without a name ends it */
