/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* iptc_put.h - writes datasets of IPTC. One thread. */
#pragma once

#include "actions/iptc.h"

/* The block (NULL: a new one) with these texts (UTF-8; NULL or none: without any) in place of those
 * that a dataset has. A text of more than `most` bytes (0: any) is cut there, between two
 * characters; *cut is set then, and else stays. A block that is not UTF-8 becomes it where a text
 * needs that. All other datasets stay as they are. NULL where none of record 2 is left but the
 * version. Newly referenced. */
GBytes *iptc_put(GBytes *datasets, unsigned dataset, const char *const *texts, size_t most,
                 bool *cut);
