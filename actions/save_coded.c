/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/save_coded.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/copy_file.h"
#include "actions/encode.h"
#include "actions/jxl_recompress.h"
#include "actions/metadata_density.h"
#include "actions/metadata_levels.h"
#include "actions/metadata_truth.h"
#include "actions/original.h"
#include "actions/pixels.h"
#include "actions/save_copy.h"

MetadataBlocks save_blocks(const Save *s, Image *image, Format format, VipsImage *pixels, bool srgb)
{
    MetadataChange change = image_change(image, pixels);
    MetadataBlocks blocks = metadata_blocks_copy(metadata_blocks(image_metadata(image, NULL)));

    change.srgb = srgb;
    change.inks = pixels_colours(pixels) == PIXELS_INKS;
    image_note_extras(image);
    if (s->metadata == METADATA_NONE)
        metadata_level_apply(&blocks, METADATA_NONE); /* nothing of it is to be made true */
    metadata_truth(&blocks, &change, image_note_dropped, image);
    metadata_level_apply(&blocks, (MetadataLevel) s->metadata);
    unsigned dpi = s->dpi ? (unsigned) s->dpi : image_dpi(image);
    if (dpi && (encode_options(format) & OPTION_DENSITY))
        metadata_set_density(&blocks, dpi, !encode_has_density(format));
    return blocks;
}

bool save_keep_coded(const Save *s, Image *image, Format format, VipsImage *saved,
                     const MetadataBlocks *blocks, int fd, Error **err)
{
    Format made = FORMAT_NONE;
    int program = image_coded(saved, &made), original = image_original(image, saved);
    int coded = program >= 0 ? program : original;
    bool kept = false;

    if (s->larger == LARGER_ACCEPT || save_says_how(s) || coded < 0 ||
        format != (program >= 0 ? made : image_source_format(image)))
        return true;
    if (program >= 0)
        return original_copy(program, format, saved, blocks, fd, &kept, err);
    if (!original_keep(original, format, saved, blocks, fd, &kept, err))
        return false;
    if (kept)
        image_note(image, "kept: re-encoding was larger");
    return true;
}

/* ---- a JPEG as it is coded ---- */

static bool make_empty(int fd, Error **err)
{
    return (!ftruncate(fd, 0) && !lseek(fd, 0, SEEK_SET)) ||
           error_errno(err, errno, "cannot write the output");
}

bool save_keep_jpeg(const Save *s, Image *image, Format format, VipsImage *pixels,
                    const MetadataBlocks *blocks, int fd, bool *kept, Error **err)
{
    GBytes *jpeg = image_jpeg(image);
    struct stat made;

    *kept = false;
    if (!jpeg || format != FORMAT_JPEG || s->quality || save_says_how(s))
        return true;
    if (!original_copy_jpeg(jpeg, pixels, blocks, fd, kept, err))
        return false;
    if (!*kept || !s->at_most || (!fstat(fd, &made) && made.st_size <= s->at_most))
        return true;
    *kept = false;
    return make_empty(fd, err);
}

/* ---- in a JPEG XL ---- */

bool save_recompresses(const Save *s, const Image *image, Format format)
{
    return format == FORMAT_JXL && s->lossless &&
           (image_jpeg(image) ||
            (image_source_format(image) == FORMAT_JPEG && image_is_of_file(image)));
}

/* Into fd, as a save of JPEG would write it. */
static bool write_jpeg(const Save *s, Image *image, VipsImage *pixels, int fd, bool *whole,
                       Error **err)
{
    if (!image_jpeg(image))
        return save_copy_whole(s, image, fd, whole, err);
    g_auto(MetadataBlocks) blocks = save_blocks(s, image, FORMAT_JPEG, pixels, false);
    return original_copy_jpeg(image_jpeg(image), pixels, &blocks, fd, whole, err);
}

bool save_recompress(const Save *s, Image *image, VipsImage *pixels, int fd, bool *kept,
                     Error **err)
{
    enum { EFFORT = 5 };
    const char *why = "its metadata cannot be changed in it";

    *kept = false;
    if (!write_jpeg(s, image, pixels, fd, kept, err))
        return false;
    g_autoptr(GBytes) jpeg = *kept ? read_file(fd, err) : NULL;
    if (*kept && !jpeg)
        return false;
    g_autoptr(GByteArray) file =
        jpeg ? jxl_recompress(jpeg, s->effort ? s->effort : EFFORT, &why) : NULL;
    *kept = file;
    if (!make_empty(fd, err))
        return false;
    if (!file)
        image_note(image, "JPEG XL does not hold this JPEG as it is, but its pixels: %s", why);
    return !file || write_bytes(fd, file->data, file->len) ||
           error_errno(err, errno, "cannot write the output");
}
