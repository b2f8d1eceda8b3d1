/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/at_most.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"

enum { LOWEST = 1, HIGHEST = 100, FIRST = 80 /* near the default of most formats */ };

/* A result of so large a share of `most` is not improved any more; the search aims above it. */
static const double good_enough = 0.9, aim = 0.97;

/* By how much quality the size doubles, as long as one encode alone is known: as in photos. */
static const double doubles_with = 15;

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
    struct {
        int quality;
        double size; /* its logarithm; of none: 0 */
    } last[2];       /* encodes, the newest first */
} Search;

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
    search->last[1] = search->last[0];
    search->last[0].quality = quality;
    search->last[0].size = log((double) search->size);
    return true;
}

/* How much the logarithm of the size grows with the quality: what the last two encodes say, where
 * that is any growth. */
static double growth(const Search *search)
{
    int apart = search->last[0].quality - search->last[1].quality;
    double grown = search->last[0].size - search->last[1].size;

    return search->encodes > 1 && grown / apart > 0 ? grown / apart : log(2) / doubles_with;
}

/* Where the size would be what is aimed at, if its logarithm grew evenly; in any case between those
 * that are known. */
static int next_quality(const Search *search)
{
    double more = log(aim * (double) search->most) - search->last[0].size;
    double quality = search->last[0].quality + CLAMP(more / growth(search), -HIGHEST, HIGHEST);

    return CLAMP((int) round(quality), search->fits + 1, search->exceeds - 1);
}

static bool is_over(const Search *search)
{
    return search->exceeds - search->fits <= 1 ||
           (search->fits == search->encoding.quality &&
            (double) search->size >= good_enough * (double) search->most);
}

/* One encode is left for the result. */
static bool find(Search *search, int highest, Error **err)
{
    search->exceeds = highest + 1;
    if (!try(search, search->encoding.quality ? highest : MIN(FIRST, highest), err))
        return false;
    while (!is_over(search) && search->encodes < AT_MOST_ENCODES - 1)
        if (!try(search, next_quality(search), err))
            return false;
    return true;
}

bool at_most_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                    int64_t most, int fd, Error **err)
{
    g_autoptr(VipsImage) held = vips_image_copy_memory(pixels);
    Search search = { held, blocks, *encoding, fd, .most = most };

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
