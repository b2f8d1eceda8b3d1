/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/at_most.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

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

typedef struct Search {
    VipsImage *pixels;
    const MetadataBlocks *blocks;
    Encoding encoding; /* with the quality of the last encode */
    int fd, encodes;
    int64_t most, size; /* size: of the last one */
    int fits, exceeds;  /* the best quality known to fit, 0: none; the lowest known not to */
    int last;           /* the quality of the last encode, of whatever effort; 0: there is none */
    double log_size;    /* of that one */
    bool same_effort;   /* as the next one has */
    double growth;      /* of the logarithm of the size with the quality */
} Search;

/* Two encodes of the same effort say how the size grows with the quality, where it does. */
static void learn(Search *search, int quality)
{
    double log_size = log((double) search->size);

    if (search->last && search->last != quality && search->same_effort)
        search->growth = CLAMP((log_size - search->log_size) / (quality - search->last),
                               log(2) / doubles_at_least, log(2) / doubles_at_most);
    search->last = quality;
    search->log_size = log_size;
    search->same_effort = true;
}

static bool try(Search *search, int quality, Error **err)
{
    struct stat made;

    search->encoding.quality = quality;
    search->encodes++;
    if (ftruncate(search->fd, 0) || lseek(search->fd, 0, SEEK_SET) < 0)
        return error_errno(err, errno, "cannot write the output");
    if (!encode(search->pixels, &search->encoding, search->blocks, search->fd, err))
        return false;
    if (fstat(search->fd, &made))
        return error_errno(err, errno, "cannot write the output");
    search->size = made.st_size;
    if (search->size <= search->most)
        search->fits = quality;
    else
        search->exceeds = quality;
    learn(search, quality);
    return true;
}

/* Where the size would be this share of `most`, if its logarithm grew evenly; in any case between
 * those that are known. */
static int quality_for(const Search *search, double share)
{
    double more = log(share * (double) search->most) - search->log_size;
    double quality = search->last + CLAMP(more / search->growth, -HIGHEST, HIGHEST);

    return CLAMP((int) floor(quality), search->fits + 1, search->exceeds - 1);
}

static int next_quality(const Search *search)
{
    bool last_but_one = !search->fits && search->encodes + 2 >= AT_MOST_ENCODES;

    return quality_for(search, last_but_one ? last_aim : search->same_effort ? aim : careful_aim);
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

/* Looks with the least effort for where the quality lies, and how the size grows. */
static bool look_around(Search *search, int highest, Error **err)
{
    Search rough = *search;
    int quality = search->last ? quality_for(search, aim) : MIN(FIRST, highest);

    rough.encoding.effort = LEAST_EFFORT;
    rough.same_effort = false;
    rough.fits = 0;
    rough.exceeds = highest + 1;
    do {
        if (!try(&rough, quality, err))
            return false;
        quality = quality_for(&rough, aim);
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
           (search->fits && search->fits == search->encoding.quality &&
            (double) search->size >= good_enough * (double) search->most);
}

/* One encode is left for the result. A quality that the profile names is tried first: most pictures
 * fit with it. */
static bool find(Search *search, int highest, Error **err)
{
    bool named = search->encoding.quality, rough = may_be_rough(&search->encoding);

    search->exceeds = highest + 1;
    search->growth = log(2) / doubles_with;
    if (named || !rough) {
        if (!try(search, named ? highest : FIRST, err))
            return false;
        if (is_over(search))
            return true;
    }
    if (rough && !look_around(search, highest, err))
        return false;
    do {
        if (!try(search, next_quality(search), err))
            return false;
    } while (!is_over(search) && search->encodes < AT_MOST_ENCODES - 1);
    return true;
}

bool at_most_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                    int64_t most, int fd, Error **err)
{
    g_autoptr(VipsImage) held =
        planar_is(pixels) ? planar_in_memory(pixels) : vips_image_copy_memory(pixels);
    Search search = {
        .pixels = held, .blocks = blocks, .encoding = *encoding, .fd = fd, .most = most
    };

    if (!held)
        return libvips_error(err, "read the picture");
    if (!find(&search, encoding->quality ? encoding->quality : HIGHEST, err))
        return false;
    if (search.encoding.quality == search.fits)
        return true;
    if (search.exceeds != LOWEST && !try(&search, search.fits ? search.fits : LOWEST, err))
        return false;
    g_autofree char *how =
        g_strdup_printf("%s with the lowest quality", format_name(encoding->format));
    return at_most_holds(most, fd, how, "make it smaller by a scale, or raise at_most", err);
}
