/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grain - noise as of a film, from the picture's file: the same each time.
 *
 * Noise at whole places x, y: with z = seed + (x + y * 2^32) * 0x9e3779b97f4a7c15, mixed as
 * Sebastiano Vigna's splitmix64 mixes it, the sum of its four numbers of 16 bits, brought to -1
 * to 1. The seed is the first 16 digits of the file's SHA-256. Between such places it changes
 * evenly. */
#include <math.h>

#include "actions/action.h"
#include "actions/pixels.h"
#include "actions/samples.h"

typedef struct Grain {
    double strength;
    Length size;
    uint64_t seed; /* of the picture */
} Grain;

static const Param params[] = {
    REAL(Grain, strength, .def = "10", .min = 0, .max = 100, .unit = "%",
         .help = "how far middle grey becomes lighter or darker at most, all colours alike; a "
                 "value v from 0 to 1 by 4 v (1 - v) times as much, so black and white stay"),
    LENGTH(Grain, size, .def = "1px", .min = 0.02, .max = 100, .of = OF_SHORTER,
           .help = "how large a grain is, at least a pixel; 0.1% looks the same at every size"),
    { 0 },
};

static bool ask(void *settings, Image *image, Error **err)
{
    enum { DIGITS = 16 };
    const char *hash = image_hash(image, err);
    g_autofree char *first = g_strndup(hash ? hash : "", DIGITS);

    ((Grain *) settings)->seed = g_ascii_strtoull(first, NULL, 16);
    return hash;
}

typedef struct Noise {
    VipsBandFormat format;
    int bands;
    double strength, size, white;
    uint64_t seed;
} Noise;

/* -1 to 1. */
static double noise_at(const Noise *noise, uint64_t x, uint64_t y)
{
    static const double middle = 2.0 * UINT16_MAX;
    uint64_t z = noise->seed + (x + (y << 32)) * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    uint64_t sum = (z & 0xffff) + (z >> 16 & 0xffff) + (z >> 32 & 0xffff) + (z >> 48);
    return ((double) sum - middle) / middle;
}

/* Between two places across, in row y of them. */
static double noise_across(const Noise *noise, double x, uint64_t y)
{
    uint64_t left = (uint64_t) x;
    double near = noise_at(noise, left, y);

    return x > (double) left ? near + (x - (double) left) * (noise_at(noise, left + 1, y) - near)
                             : near;
}

static double noise_between(const Noise *noise, double x, double y)
{
    uint64_t top = (uint64_t) y;
    double near = noise_across(noise, x, top);

    return y > (double) top ? near + (y - (double) top) * (noise_across(noise, x, top + 1) - near)
                            : near;
}

static void grain_run(const PixelsRun *run, const void *state)
{
    const Noise *noise = state;

    for (int i = 0; i < run->count; i++) {
        double change = 4 * noise->strength *
                        noise_between(noise, (run->x + i) / noise->size, run->y / noise->size);
        for (int band = 0; band < noise->bands; band++) {
            size_t at = (size_t) i * (size_t) noise->bands + (size_t) band;
            double value = samples_get(noise->format, run->from, at) / noise->white;
            double most = CLAMP(value, 0, 1) * (1 - CLAMP(value, 0, 1));
            samples_put(noise->format, run->to, at, noise->white * (value + change * most));
        }
    }
}

static VipsImage *colours(const void *settings, VipsImage *in)
{
    const Grain *s = settings;
    const Noise noise = { in->BandFmt,         in->Bands,        s->strength / 100,
                          fmax(s->size.px, 1), pixels_white(in), s->seed };

    return pixels_map(in, NULL, in->Bands, in->BandFmt, grain_run, &noise, sizeof(noise));
}

const Action action_grain = {
    .name = "grain",
    .group = "detail",
    .summary = "add noise as of a film, the same each time for the same file",
    .aliases = "noise add-noise film-grain",
    .example = "grain { strength = 20% size = 1.5px }",
    .params = params,
    .size = sizeof(Grain),
    .flags = ACTION_BLENDS,
    .idle = "strength = 0",
    .ask = ask,
    .colours = colours,
};
