/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts_raw.h - what one tag says, as it is stored: {exif.LensModel}, {iptc.By-line},
 * {xmp.dc.title}. One thread. */
#pragma once

#include "actions/exif_names.h"
#include "actions/facts.h"
#include "actions/iptc_names.h"

/* Whether the name begins as one of these. */
bool fact_is_raw(const char *name);

/* The fact of such a name, which lives as long as the program; NULL where there is none. */
const Fact *fact_raw(const char *name);

/* What a fact that fact_raw() has given is called elsewhere. Each lives as long as it. */
typedef struct RawTag {
    const char *key;      /* exiv2's; NULL: it is of IPTC */
    const ExifName *exif; /* NULL: it is none of EXIF, or has no name of ours */
    const IptcName *iptc;
} RawTag;
RawTag fact_raw_tag(const Fact *fact);

/* Adds names to those that a guess is made from, newly allocated. */
void fact_raw_names(GPtrArray *names);
