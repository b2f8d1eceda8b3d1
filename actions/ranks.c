/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/ranks.h"

#include <stdint.h>
#include <string.h>

#include "actions/pixels.h"
#include "actions/samples.h"
#include "actions/windows.h"

enum { WIDTH_MAX = 9, PLACES_MAX = WIDTH_MAX * WIDTH_MAX };
enum { COMMON = 3 }; /* times that a value is there which is common */

const Choice ranks_sizes[] = {
    { "3", 3, "3 x 3 pixels" },
    { "5", 5, "5 x 5 pixels" },
    { "7", 7, "7 x 7 pixels" },
    { "9", 9, "9 x 9 pixels" },
    { 0 },
};

typedef struct Ranks {
    int size;
    bool common; /* else the value at a rank */
    double rank;
} Ranks;

#define LANES(name) name##_8
#define VALUE       uint8_t
#define BITS        8
#include "actions/ranks_lanes.h"

#define LANES(name) name##_16
#define VALUE       uint16_t
#define BITS        16
#include "actions/ranks_lanes.h"

#define LANES(name) name##_32
#define VALUE       uint32_t
#define BITS        32
#include "actions/ranks_lanes.h"

/* ---- floats ---- */

/* As whole numbers in the same order (IEEE 754): the sign is turned round, and with it all bits of
 * what is less than 0. */
static void to_numbers(const PixelsRun *run, const void *state)
{
    const uint32_t *from = run->from;
    uint32_t *to = run->to;

    for (size_t i = 0; i < (size_t) run->count * *(const int *) state; i++)
        to[i] = from[i] ^ (from[i] >> 31 ? UINT32_MAX : UINT32_C(1) << 31);
}

static void to_floats(const PixelsRun *run, const void *state)
{
    const uint32_t *from = run->from;
    uint32_t *to = run->to;

    for (size_t i = 0; i < (size_t) run->count * *(const int *) state; i++)
        to[i] = from[i] ^ (from[i] >> 31 ? UINT32_C(1) << 31 : UINT32_MAX);
}

static VipsImage *turned(VipsImage *in, VipsBandFormat format, PixelsFunction function)
{
    return pixels_map(in, NULL, in->Bands, format, function, &in->Bands, sizeof(in->Bands));
}

/* ---- alpha ---- */

typedef struct Seen {
    VipsBandFormat format;
    int bands;
    size_t size;
} Seen;

/* All bits of a colour are set where it is seen, and of alpha. */
static void set_seen(const PixelsRun *run, const void *state)
{
    const Seen *seen = state;
    char *to = run->to;

    for (size_t i = 0; i < (size_t) run->count; i++) {
        size_t alpha = i * (size_t) seen->bands + (size_t) seen->bands - 1;
        int all = samples_get(seen->format, run->from, alpha) > 0 ? UINT8_MAX : 0;
        memset(to + i * (size_t) seen->bands * seen->size, all,
               (size_t) (seen->bands - 1) * seen->size);
        memset(to + alpha * seen->size, UINT8_MAX, seen->size);
    }
}

static VipsImage *seen_in(VipsImage *in, VipsBandFormat format)
{
    const Seen seen = { in->BandFmt, in->Bands, vips_format_sizeof_unsafe(format) };

    return pixels_map(in, NULL, in->Bands, format, set_seen, &seen, sizeof(seen));
}

/* ---- all formats ---- */

static VipsImage *ranked(VipsImage *in, const Ranks *ranks)
{
    bool floats = in->BandFmt == VIPS_FORMAT_FLOAT;
    VipsBandFormat format = floats ? VIPS_FORMAT_UINT : in->BandFmt;
    WindowsFunction function = floats ? run_32 : in->BandFmt == VIPS_FORMAT_USHORT ? run_16 : run_8;
    bool alpha = in->Bands > pixels_colours(in);
    g_autoptr(VipsImage) numbers = floats ? turned(in, format, to_numbers) : g_object_ref(in);
    g_autoptr(VipsImage) seen = alpha ? seen_in(in, format) : NULL;
    g_autoptr(VipsImage) out = NULL;

    if (!numbers || (alpha && !seen) ||
        !(out = windows_map(numbers, seen, ranks->size / 2, ranks->size / 2, format, function,
                            ranks, sizeof(*ranks))))
        return NULL;
    return floats ? turned(out, VIPS_FORMAT_FLOAT, to_floats) : g_steal_pointer(&out);
}

VipsImage *ranks_value(VipsImage *in, int size, double rank)
{
    const Ranks ranks = { .size = size, .rank = rank };

    return ranked(in, &ranks);
}

VipsImage *ranks_common(VipsImage *in, int size)
{
    const Ranks ranks = { .size = size, .common = true };

    return ranked(in, &ranks);
}
