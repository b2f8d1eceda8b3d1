/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/at_most.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/encoders.h"
#include "actions/pixels.h"
#include "actions/planar.h"
#include "base/units.h"

enum {
    LOWEST = 1,
    HIGHEST = 100,
    FIRST = 80,        /* near the default of most formats */
    LEAST_EFFORT = 1,  /* AVIF takes a twentieth of the time of its default */
    ROUGH_ENCODES = 3, /* with that effort */
};

/* A result of so large a share of `most` is not improved any more. */
static const double good_enough = 0.87;

/* What the search aims at: after an encode of the same effort; after one of less effort, which is
 * up to a fifth smaller, or a little larger; and where nothing has fit and one encode is left. */
static const double aim = 0.96, careful_aim = 0.94, last_aim = 0.88;

/* Sizes within a factor of e^0.25 of `most` predict the quality well. */
static const double near = 0.25;

/* By how much quality the size doubles, as long as one encode alone is known: as in photos; and
 * between what two encodes that are known may tell. */
static const double doubles_with = 15, doubles_at_least = 40, doubles_at_most = 3;

bool at_most_holds(int64_t most, int fd, const char *how, const char *fix, Error **err)
{
    struct stat made;

    if (!most)
        return true;
    if (fstat(fd, &made))
        return error_errno(err, errno, "cannot write the output");
    if (made.st_size <= most)
        return true;
    g_autofree char *allowed = units_bytes_text(most);
    g_autofree char *size = units_bytes_rounded(made.st_size);
    return error_set(err, ERROR_PICTURE, fix,
                     "at_most = %s is too little for this picture: it has %s as %s", allowed, size,
                     how);
}

/* ---- the steps ---- */

/* Files of different sizes, from small to large. */
typedef struct Step {
    int quality, eighths; /* as of Encoding */
    bool full;            /* each pixel has its own colour, also with less than FULL_FROM */
} Step;

/* From FULL_FROM on JPEG and AVIF have full colours, which make a photo 1.6 times and a smooth
 * picture twice as large. With the least quality here and full colours they are as large as without
 * them just below: it looks better then. */
enum { FULL_FROM = ENCODING_FULL_FROM, FULL_LEAST_AVIF = 75, FULL_LEAST_JPEG = 80 };

/* From here on files grow by more than a tenth, at the end by a third (JPEG) or a half (JPEG XL),
 * with each quality. */
enum { FINE_FROM = 92, EIGHTHS = 8 };

enum {
    STEPS_MAX = HIGHEST + (FULL_FROM - FULL_LEAST_AVIF) + (EIGHTHS - 1) * (HIGHEST - FINE_FROM)
};

typedef struct Steps {
    Step all[STEPS_MAX + 1]; /* from 1 on */
    int count;
} Steps;

/* FULL_FROM: no quality below it. */
static int full_least(const Encoding *e)
{
    if (e->format == FORMAT_AVIF)
        return FULL_LEAST_AVIF;
    return e->format == FORMAT_JPEG && e->subsampling == SUBSAMPLING_AUTO ? FULL_LEAST_JPEG
                                                                          : FULL_FROM;
}

/* From FINE_FROM on, by how many eighths of a quality an encoder can go on. */
static int eighths_each(Format format)
{
    return format == FORMAT_JXL ? 1 : format == FORMAT_JPEG ? EIGHTHS / 2 : EIGHTHS;
}

/* The highest quality of a step stands for it. */
static void add_step(Steps *steps, Format format, Step step)
{
    const Step *last = &steps->all[steps->count];
    bool same = steps->count && last->full == step.full && last->eighths == step.eighths &&
                encoders_step(format, last->quality) == encoders_step(format, step.quality);

    steps->count += !same;
    steps->all[steps->count] = step;
}

static void add_quality(Steps *steps, const Encoding *e, int quality, int highest)
{
    bool full = full_least(e) < FULL_FROM && quality >= FULL_FROM;
    bool fine = quality >= FINE_FROM && quality < highest;
    int each = fine ? eighths_each(e->format) : EIGHTHS;

    for (int eighths = 0; eighths < EIGHTHS; eighths += each)
        add_step(steps, e->format, (Step){ quality, eighths, full });
}

static void find_steps(Steps *steps, const Encoding *e, int highest)
{
    for (int quality = LOWEST; quality <= highest; quality++) {
        for (int q = full_least(e); quality == FULL_FROM && q < quality; q++)
            add_step(steps, e->format, (Step){ q, 0, true });
        add_quality(steps, e, quality, highest);
    }
}

/* The first of this quality or a higher one. */
static int step_of(const Steps *steps, int quality)
{
    int step = 1;

    while (step < steps->count && steps->all[step].quality < quality)
        step++;
    return step;
}

/* ---- one encode ---- */

typedef struct Search {
    VipsImage *pixels;
    const MetadataBlocks *blocks;
    const Encoding *asked;
    const Steps *steps;
    int effort;
    int fd, encodes;
    int64_t most, size; /* size: of the last encode */
    int fits, exceeds;  /* the best step known to fit, 0: none; the lowest known not to */
    double log_fitting, log_excess; /* their sizes */
    int last;         /* the step of the last encode, of whatever effort; 0: there is none */
    double log_size;  /* of that one */
    bool same_effort; /* as the next one has */
    double growth;    /* of the logarithm of the size with the step */
} Search;

/* How many steps a quality is. */
static double steps_each(const Search *search)
{
    return search->steps->count / (double) search->steps->all[search->steps->count].quality;
}

/* Two encodes of the same effort say how the size grows with the step, where it does. */
static void learn(Search *search, int step)
{
    double log_size = log((double) search->size), each = steps_each(search);
    double growth = search->last && search->last != step
                        ? (log_size - search->log_size) / (step - search->last)
                        : 0;

    if (search->same_effort && growth > 0)
        search->growth =
            CLAMP(growth, log(2) / (doubles_at_least * each), log(2) / (doubles_at_most * each));
    search->last = step;
    search->log_size = log_size;
    search->same_effort = true;
    if (search->size <= search->most) {
        search->fits = step;
        search->log_fitting = log_size;
    } else {
        search->exceeds = step;
        search->log_excess = log_size;
    }
}

static bool try(Search *search, int step, Error **err)
{
    const Step *how = &search->steps->all[step];
    Encoding encoding = *search->asked;
    struct stat made;

    encoding.quality = how->quality;
    encoding.eighths = how->eighths;
    encoding.effort = search->effort;
    if (how->full)
        encoding.subsampling = SUBSAMPLING_444;
    search->encodes++;
    if (ftruncate(search->fd, 0) || lseek(search->fd, 0, SEEK_SET) < 0)
        return error_errno(err, errno, "cannot write the output");
    if (!encode(search->pixels, &encoding, search->blocks, search->fd, err))
        return false;
    if (fstat(search->fd, &made))
        return error_errno(err, errno, "cannot write the output");
    search->size = made.st_size;
    learn(search, step);
    return true;
}

/* ---- the next one ---- */

/* Between those that are known. */
static int step_near(const Search *search, double step)
{
    return CLAMP((int) floor(step), search->fits + 1, search->exceeds - 1);
}

/* Where the size would be this share of `most`, if its logarithm grew evenly. */
static int step_for(const Search *search, double share)
{
    double more = log(share * (double) search->most) - search->log_size;
    const double all = search->steps->count;

    return step_near(search, search->last + CLAMP(more / search->growth, -all, all));
}

/* Between one that fits and one that does not: it grows faster and faster, so that an even growth
 * alone would come near to the end in small steps. */
static int step_between(const Search *search)
{
    double width = search->exceeds - search->fits;
    double more = log(aim * (double) search->most) - search->log_fitting;
    double even = width * more / (search->log_excess - search->log_fitting);

    return step_near(search, search->fits + (even + width / 2) / 2);
}

static int next_step(const Search *search)
{
    bool last_but_one = !search->fits && search->encodes + 2 >= AT_MOST_ENCODES;

    if (search->fits && search->exceeds <= search->steps->count)
        return step_between(search);
    return step_for(search, last_but_one ? last_aim : search->same_effort ? aim : careful_aim);
}

/* ---- with little effort ---- */

static bool is_near(const Search *search)
{
    return fabs(search->log_size - log((double) search->most)) < near;
}

/* Whether less effort takes much less time, and makes files of about the same size. */
static bool may_be_rough(const Encoding *encoding)
{
    return encoding->format == FORMAT_AVIF && encoding->effort != LEAST_EFFORT;
}

/* Looks with the least effort for where the step lies, and how the size grows. */
static bool look_around(Search *search, Error **err)
{
    Search rough = *search;
    int step = search->last ? step_for(search, aim) : step_of(search->steps, FIRST);

    rough.effort = LEAST_EFFORT;
    rough.same_effort = false;
    rough.fits = 0;
    rough.exceeds = search->steps->count + 1;
    do {
        if (!try(&rough, step, err))
            return false;
        step = step_for(&rough, aim);
    } while (rough.encodes < search->encodes + ROUGH_ENCODES && !is_near(&rough) &&
             rough.exceeds - rough.fits > 1);
    search->encodes = rough.encodes;
    search->last = rough.last;
    search->log_size = rough.log_size;
    search->growth = rough.growth;
    search->same_effort = false;
    return true;
}

/* ---- the search ---- */

static bool is_over(const Search *search)
{
    return search->exceeds - search->fits <= 1 ||
           (search->fits && search->fits == search->last && search->same_effort &&
            (double) search->size >= good_enough * (double) search->most);
}

/* One encode is left for the result. A quality that the profile names is tried first: most pictures
 * fit with it. */
static bool find(Search *search, Error **err)
{
    bool named = search->asked->quality, rough = may_be_rough(search->asked);

    search->exceeds = search->steps->count + 1;
    search->growth = log(2) / (doubles_with * steps_each(search));
    if (named || !rough) {
        if (!try(search, named ? search->steps->count : step_of(search->steps, FIRST), err))
            return false;
        if (is_over(search))
            return true;
    }
    if (rough && !look_around(search, err))
        return false;
    do {
        if (!try(search, next_step(search), err))
            return false;
    } while (!is_over(search) && search->encodes < AT_MOST_ENCODES - 1);
    return true;
}

Encoding at_most_largest(const Encoding *encoding)
{
    Encoding largest = *encoding;

    largest.quality = encoding->quality ? encoding->quality : HIGHEST;
    return largest;
}

bool at_most_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                    int64_t most, int fd, Error **err)
{
    g_autoptr(VipsImage) held =
        planar_is(pixels) ? planar_in_memory(pixels) : pixels_in_memory(pixels);
    Steps steps = { .count = 0 };
    Search search = { .pixels = held,
                      .blocks = blocks,
                      .asked = encoding,
                      .steps = &steps,
                      .effort = encoding->effort,
                      .fd = fd,
                      .most = most };

    if (!held)
        return libvips_error(err, "read the picture");
    find_steps(&steps, encoding, encoding->quality ? encoding->quality : HIGHEST);
    if (!find(&search, err))
        return false;
    if (search.last == search.fits)
        return true;
    if (search.exceeds != 1 && !try(&search, search.fits ? search.fits : 1, err))
        return false;
    g_autofree char *how =
        g_strdup_printf("%s with the lowest quality", format_name(encoding->format));
    return at_most_holds(most, fd, how, "make it smaller by a scale, or raise at_most", err);
}
