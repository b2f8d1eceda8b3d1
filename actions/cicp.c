/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/cicp.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* White points. */
#define D65                                                                                        \
    {                                                                                              \
        0.3127, 0.3290                                                                             \
    }
#define ILLUMINANT_C                                                                               \
    {                                                                                              \
        0.310, 0.316                                                                               \
    }

enum {
    BT709 = 1,
    UNSPECIFIED = 2,
    BT2020 = 9,
    P3_DCI = 11,
    P3_D65 = 12,
    CURVE_SRGB = 13,
    CURVE_PQ = 16,
    CURVE_HLG = 18,
};

/* H.273, table 2. */
static const Primaries tables[] = {
    [BT709] = { D65, { 0.64, 0.33 }, { 0.30, 0.60 }, { 0.15, 0.06 } },
    [4] = { ILLUMINANT_C, { 0.67, 0.33 }, { 0.21, 0.71 }, { 0.14, 0.08 } },
    [5] = { D65, { 0.64, 0.33 }, { 0.29, 0.60 }, { 0.15, 0.06 } },
    [6] = { D65, { 0.630, 0.340 }, { 0.310, 0.595 }, { 0.155, 0.070 } },
    [7] = { D65, { 0.630, 0.340 }, { 0.310, 0.595 }, { 0.155, 0.070 } },
    [8] = { ILLUMINANT_C, { 0.681, 0.319 }, { 0.243, 0.692 }, { 0.145, 0.049 } },
    [BT2020] = { D65, { 0.708, 0.292 }, { 0.170, 0.797 }, { 0.131, 0.046 } },
    [P3_DCI] = { { 0.314, 0.351 }, { 0.680, 0.320 }, { 0.265, 0.690 }, { 0.150, 0.060 } },
    [22] = { D65, { 0.630, 0.340 }, { 0.295, 0.605 }, { 0.155, 0.077 } },
};

/* H.273, table 3, as functions from the stored value. */
#define CURVE_BT709                                                                                \
    {                                                                                              \
        1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081                                         \
    }
static const ToneCurve curves[] = {
    [BT709] = CURVE_BT709,
    [4] = { 2.2, 1, 0, 0, 0 },
    [5] = { 2.8, 1, 0, 0, 0 },
    [6] = CURVE_BT709,
    [7] = { 1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4.0, 0.0912 },
    [8] = { 1, 1, 0, 0, 0 },
    [11] = CURVE_BT709,
    [12] = CURVE_BT709,
    [14] = CURVE_BT709,
    [15] = CURVE_BT709,
};

static bool has_primaries(unsigned code)
{
    return code == UNSPECIFIED || code == P3_D65 ||
           (code < COUNT(tables) && tables[code].white.y > 0);
}

static bool has_curve(unsigned code)
{
    return code == UNSPECIFIED || code == CURVE_SRGB ||
           (code < COUNT(curves) && curves[code].gamma > 0);
}

static bool is_shown_as_srgb(Cicp cicp)
{
    const ToneCurve *curve = cicp_curve(cicp);

    return cicp_primaries(cicp) == &primaries_srgb && (curve == &curve_srgb || curve->d == 0.081);
}

CicpKind cicp_kind(Cicp cicp)
{
    if (!has_primaries(cicp.primaries) ||
        (cicp.primaries == UNSPECIFIED && cicp.transfer == UNSPECIFIED))
        return CICP_UNKNOWN;
    if (cicp.transfer == CURVE_PQ)
        return CICP_PQ;
    if (cicp.transfer == CURVE_HLG)
        return CICP_HLG;
    if (!has_curve(cicp.transfer))
        return CICP_UNKNOWN;
    return is_shown_as_srgb(cicp) ? CICP_SRGB : CICP_RGB;
}

const Primaries *cicp_primaries(Cicp cicp)
{
    if (cicp.primaries == P3_D65)
        return &primaries_display_p3;
    return cicp.primaries == UNSPECIFIED || cicp.primaries == BT709 ? &primaries_srgb
                                                                    : &tables[cicp.primaries];
}

const ToneCurve *cicp_curve(Cicp cicp)
{
    return cicp.transfer == UNSPECIFIED || cicp.transfer == CURVE_SRGB ? &curve_srgb
                                                                       : &curves[cicp.transfer];
}

const char *cicp_name(Cicp cicp)
{
    if (cicp.primaries == P3_D65 && cicp_curve(cicp) == &curve_srgb)
        return "Display P3";
    if (cicp.primaries == BT2020)
        return "BT.2020";
    return "RGB as the file's numbers say (H.273)";
}
