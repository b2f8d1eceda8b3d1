/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cicp.h - colour spaces by the code points of ITU-T H.273, as AVIF, HEIC ("nclx") and PNG ("cICP")
 * state them. Constant data; any thread. */
#pragma once

#include <stdbool.h>

#include "actions/rgb_profile.h"

typedef struct Cicp {
    unsigned primaries, transfer;
} Cicp;

typedef enum CicpKind {
    CICP_UNKNOWN, /* nothing is stated, or what we do not know */
    CICP_SRGB,    /* sRGB, or BT.709, which programs show as sRGB */
    CICP_RGB,     /* has primaries and a curve */
    CICP_PQ,      /* has primaries, and is brighter than paper white: SMPTE ST 2084 */
    CICP_HLG,     /* the same: ARIB STD-B67 */
} CicpKind;

CicpKind cicp_kind(Cicp cicp);

/* Of one that is neither unknown nor sRGB. What is unspecified is as in sRGB. */
const Primaries *cicp_primaries(Cicp cicp);

/* Of a CICP_RGB. */
const ToneCurve *cicp_curve(Cicp cicp);

/* "Display P3"; static. */
const char *cicp_name(Cicp cicp);
