/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts_raw.h - what one tag says, as it is stored: {exif.LensModel}, {iptc.By-line},
 * {xmp.dc.title}. One thread. */
#pragma once

#include "actions/facts.h"

/* Whether the name begins as one of these. */
bool fact_is_raw(const char *name);

/* The fact of such a name, which lives as long as the program; NULL where there is none. */
const Fact *fact_raw(const char *name);

/* Adds names to those that a guess is made from, newly allocated. */
void fact_raw_names(GPtrArray *names);
