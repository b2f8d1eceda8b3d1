/* image.h - a picture on its way through a profile, and the only loader.
 *
 * A picture begins as an open descriptor whose header was read. Its pixels are loaded when the
 * first action asks for them, so that a picture which is only made smaller is never decoded at
 * full size (shrink-on-load): `upright` before `scale` costs nothing. */
#pragma once

#include "actions/libvips.h"
#include "formats/limits.h"

typedef struct Image Image;

/* What to do with an output whose name is taken. */
enum { OUTPUT_NUMBER, OUTPUT_REPLACE, OUTPUT_SKIP };

/* Where a picture goes: what an action may ask of the world around it. */
typedef struct Outputs {
    void *user;
    /* Opens the output `name` (bytes, relative); `exists` is OUTPUT_NUMBER, ... *fd is -1 when it
     * is to be skipped. Else fd is opened O_RDWR at offset 0 and becomes the caller's. */
    bool (*open)(void *user, const char *name, unsigned exists, int *fd, Error **err);
    /* The job's sequence number: the same each time it is asked within a job. */
    bool (*sequence)(void *user, int64_t *number, Error **err);
    /* Waits until working on the picture may take this much memory; asked once, before any pixel is
     * decoded. NULL: it may. */
    bool (*memory)(void *user, int64_t bytes, Error **err);
} Outputs;

/* Names of the source, for templates. All borrowed for the picture's life; bytes. */
typedef struct Origin {
    const char *profile, *folder;
    const char *dir;  /* relative to the folder, "" at its top */
    const char *name; /* "beach.JPG" */
    int64_t mtime;    /* seconds since 1970 */
} Origin;

/* Reads the header of the picture in fd, which is taken over, and holds it against `limits`: NULL
 * for one of our own, which may be of every format that libvips trusts. `origin` and `outputs` are
 * borrowed and may be NULL for a picture that is not saved. An error is of kind IMAGE. */
Image *image_open(int fd, const Limits *limits, const Origin *origin, const Outputs *outputs,
                  Error **err);
void image_free(Image *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Image, image_free)

const Origin *image_origin(const Image *image);
const Outputs *image_outputs(const Image *image);

/* The text of a metadata field of the file ("exif-ifd2-DateTimeOriginal"), borrowed, or NULL. */
const char *image_field(const Image *image, const char *field);

/* The picture's own format, or the nearest to it that we write. */
Format image_format(const Image *image);

/* What the steps that follow will take for each pixel, in bytes, beside the rows in work: it is
 * asked for with what the decoder takes. 0 before. */
void image_expect(Image *image, double bytes_a_pixel);

/* From now on the picture is the way EXIF says it should be looked at. */
bool image_upright(Image *image, Error **err);

/* Size as it is now, in pixels, without loading the pixels. */
int image_width(const Image *image);
int image_height(const Image *image);

/* The pixels: sRGB or whatever RGB space the picture's ICC profile says, 8 bits a band, 3 bands or
 * 4 with alpha (not premultiplied). Borrowed; NULL with *err set when it can't be read. */
VipsImage *image_pixels(Image *image, Error **err);

/* Makes it width x height: as vips_thumbnail with `size` and `crop`, from the file itself where
 * nothing has asked for its pixels yet. Without a crop it is made to fit inside, with one (or
 * VIPS_SIZE_FORCE) it has exactly that size; VIPS_SIZE_DOWN never enlarges. */
bool image_thumbnail(Image *image, int width, int height, VipsSize size, VipsInteresting crop,
                     Error **err);

/* Takes over pixels; the ones it had are forgotten. */
void image_replace(Image *image, VipsImage *pixels);

/* Bytes a pixel of a picture in memory: 3 or 4 bands. */
enum { IMAGE_COPY = 4 };

/* Computes the pixels into memory, so that they can be read more than once and in any order. */
bool image_settle(Image *image, Error **err);
