/* image.h - a picture on its way through a profile, and the only loader.
 *
 * A picture begins as an open descriptor whose header was read. Its pixels are loaded when the
 * first action asks for them, so that a picture which is only made smaller is never decoded at
 * full size (shrink-on-load): `upright` before `scale` costs nothing. */
#pragma once

#include <vips/vips.h>

#include "formats/limits.h"

#if VIPS_MAJOR_VERSION == 8 && VIPS_MINOR_VERSION < 16
/* Debian 12's libvips 8.14 has no autoptr for its types yet. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsImage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsSource, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsTarget, g_object_unref)
#endif

typedef struct Image Image;

/* Sets libvips up for one picture at a time, no cache, and trusted loaders only. Called once,
 * before anything else here; image_stop() is for a clean end. */
bool image_start(const char *program, Error **err);
void image_stop(void);

/* libvips has ORC write machine code for each resampling: without it, scaling a 12-megapixel photo
 * takes 1.5 times as long (measured). ORC aborts where it gets no executable memory. So: whether it
 * would get some, which image_start() asks; and having it get, before there is none to be had any
 * more, what pictures of profiles of so many steps may need. No pixel is computed and no thread
 * started. */
bool image_may_write_code(void);
void image_reserve_code(unsigned steps);

/* Decodes and encodes a tiny picture, so that the first real one does not pay for first times. */
void image_warm(void);

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

/* An error from what libvips reported, of kind IMAGE ("cannot DOING: ..."). A failed write is of
 * kind WORLD, want of memory of kind MEMORY, and a thread that could not be started, or an encoder
 * that failed without a reason, of kind LATER. Returns false. */
bool error_vips(Error **err, const char *doing);

/* What to do where something ran short, and nobody can say what. */
#define ERROR_VIPS_SHORTAGE                                                                        \
    "raise `max_memory`, or the limit of tasks (TasksMax=, ulimit -u): one of them is too small"

/* Whether libvips has reported an error that is not the picture's, though it returned none: a
 * picture that is merely odd leaves words, too. They stay, for error_vips(). */
bool error_vips_hushed_up(void);
