/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image.h - a picture on its way through a profile: its file (image.c), and its size and
 * pixels (image_pixels.c).
 *
 * A picture begins as an open descriptor whose header was read. Its pixels are loaded when the
 * first action uses them: a picture that is only made smaller is never decoded at full size
 * (shrink-on-load). To every action it is upright, as its EXIF orientation says; the pixels are
 * turned as late as possible, after they were cut and scaled. One thread. */
#pragma once

#include "actions/blocks.h"
#include "actions/image_place.h"
#include "actions/import_words.h"
#include "actions/libvips.h"
#include "actions/metadata.h"
#include "actions/metadata_change.h"
#include "actions/raw_file.h"
#include "actions/resampling.h"
#include "actions/shape.h"
#include "base/sequence.h"
#include "formats/limits.h"

typedef struct Image Image;

/* What steps have made of a picture so far. */
typedef struct ImageState ImageState;

/* What to do with an output whose name exists. */
enum { OUTPUT_NUMBER, OUTPUT_REPLACE, OUTPUT_SKIP };

/* The time of an output: OUTPUT_NOW, when it was written; OUTPUT_OF_SOURCE, that of the picture's
 * file; or seconds since 1970, at most OUTPUT_TIME_MAX before or after (64 bits hold its
 * nanoseconds). */
#define OUTPUT_NOW       INT64_MIN
#define OUTPUT_OF_SOURCE (INT64_MIN + 1)
#define OUTPUT_TIME_MAX  (INT64_MAX / 1000000000)

/* What an action may ask of its surroundings: the worker asks the daemon. */
typedef struct Outputs {
    void *user;
    /* Opens the output `name` (bytes, relative); `exists` is OUTPUT_NUMBER, ...; the complete file
     * gets the time `mtime`. *fd is -1 when it is skipped, else opened O_RDWR at offset 0 and the
     * caller's. */
    bool (*open)(void *user, const char *name, unsigned exists, int64_t mtime, int *fd,
                 Error **err);
    /* Waits until the picture may use this much memory; called once, before any pixel is decoded.
     * NULL: no limit. */
    bool (*memory)(void *user, int64_t bytes, Error **err);
    /* Opens a file for what a program is to get, O_RDWR at 0; the caller's. */
    bool (*program_file)(void *user, int *fd, Error **err);
    /* Runs the program of that name on what was written there, which is closed by then. *fd is its
     * result, of at most `most` bytes; the caller's. NULL, both: no program can be run. */
    bool (*program)(void *user, const char *name, int64_t most, int *fd, Error **err);
    /* Gives the original this name (bytes, no path) where it is moved when the picture is done.
     * NULL: it keeps its own. */
    bool (*rename)(void *user, const char *name, Error **err);
} Outputs;

/* Names of the source, for templates. All borrowed for the picture's life; bytes. */
typedef struct SourceNames {
    const char *profile, *folder;
    const char *dir;  /* relative to the folder, "" at its top */
    const char *name; /* "beach.JPG" */
    int64_t mtime;    /* by which its outputs are named: seconds since 1970 */
    Sequence sequence;
} SourceNames;

/* Reads the header of the picture in fd, which it takes over, and checks it against `limits` (NULL
 * for a picture of our own: every trusted format, no limits). `names` and `outputs` are borrowed
 * and may be NULL for a picture that is not saved. NULL with an error of kind PICTURE. */
Image *image_open(int fd, const Limits *limits, const SourceNames *names, const Outputs *outputs,
                  Error **err);
/* The same where a camera's RAW is read as `raw` says. */
Image *image_open_raw(int fd, const RawSettings *raw, const Limits *limits,
                      const SourceNames *names, const Outputs *outputs, Error **err);
/* Whether the picture is a RAW, and what it is opened as. */
bool image_raw_offer(const Image *image, RawOffer *offer);
/* Reads its RAW in another way, before anything else is asked of it. False with *err of kind
 * PICTURE. */
bool image_read_raw(Image *image, const RawSettings *raw, Error **err);

/* What a program made of the picture, in fd, which it takes over: the limits of `image` hold, and
 * it has to be of that format. */
Image *image_made(const Image *image, int fd, Format format, Error **err);
void image_free(Image *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Image, image_free)

/* A file of any kind that is imported, of which nothing is asked but its names and its metadata
 * (imported_metadata()), which it takes over. `names` and `words` are borrowed. */
Image *image_imported(const SourceNames *names, const ImportWords *words, Metadata *metadata);

const SourceNames *image_source_names(const Image *image);
/* NULL: it is not imported. */
const ImportWords *image_import(const Image *image);
const Outputs *image_outputs(const Image *image);

/* A file beside the picture that says more of it (sidecar.h). */
typedef struct ImageSidecar {
    const char *name;
    const void *user;
    /* What both say together: takes over what the picture's file says. */
    Metadata *(*apply)(const void *user, MetadataBlocks *blocks);
} ImageSidecar;

/* Borrowed for the picture's life. Before anything asks what the picture says of itself. */
void image_set_sidecar(Image *image, const ImageSidecar *sidecar);

/* What the picture says of itself, and its sidecar of it, read from its file when it is first asked
 * for, and what edits have made of it; borrowed. NULL with *err set when the file cannot be read.
 */
Metadata *image_metadata(Image *image, Error **err);

/* What it says from now on: metadata_edit_end() made it of the above. Takes it over. */
void image_set_metadata(Image *image, Metadata *edited);
/* Whether that, or a sidecar, says what the file does not. */
bool image_is_edited(const Image *image);

/* The name of the sidecar by which alone it is edited; NULL: steps have edited it, or nothing has.
 */
const char *image_sidecar(const Image *image);

/* The step of its profile that is done now, from 0: random() of two steps differs by it. */
void image_set_step(Image *image, unsigned step);
unsigned image_step(const Image *image);

/* SHA-256 of the picture's file, in hexadecimal, as sha256sum(1) writes it; computed when it is
 * first asked for, once for all pictures of the file; borrowed. NULL with *err set when the file
 * cannot be read. */
const char *image_hash(Image *image, Error **err);

/* Bytes of its file; -1 with *err set. */
int64_t image_file_size(const Image *image, Error **err);

/* Where the picture stands in its file. */
const ImagePlace *image_place(const Image *image);

/* One of several pictures of the file of `file_of` (borrowed, for as long as it lives), of which
 * `file` (taken over) is the header. Its memory is requested by the caller, and its notes are those
 * of the file. NULL with *err of kind PICTURE where limits refuse it. */
Image *image_of_place(Image *file_of, const ImagePlace *place, VipsImage *file, Error **err);

/* How many pictures the file has, of which this is one, and what one is called: "frame". */
int image_pages(const Image *image, const char **word);

/* The picture's own format, or the nearest that we write. */
Format image_format(const Image *image);

/* The format of its file. */
Format image_source_format(const Image *image);

/* Says that the step that made its pixels reads each one before them more than once. */
void image_fork(Image *image);

/* How many pixels an inch has, as files that are saved say; 0: what the picture's file says. */
void image_set_dpi(Image *image, unsigned dpi);
unsigned image_dpi(const Image *image);

/* Sets the bytes that the decoder and the steps will use, which are requested before the first
 * pixel is decoded. 0 before. */
void image_set_step_memory(Image *image, double bytes);

/* The bytes that a worker uses at most where decoder and steps use that many. */
double image_memory(double step_bytes);

/* The bytes that the decoder holds, besides rows, where it may make the picture `shrink` times
 * smaller. */
double image_decoder_memory(const Image *image, double shrink);

/* About the shape, as its file stores it, that a picture that no step has changed is decoded to
 * where it may be `shrink` times smaller. No pixel is decoded. */
Shape image_stored_shape(const Image *image, double shrink);

/* Whether its decoder makes each row once, from the first to the last. */
bool image_is_in_order(const Image *image);

/* Whether a picture of that size may be made of it: the limit of those that are read holds. */
bool image_check_size(const Image *image, int width, int height, Error **err);

/* Decodes a picture whose end marker is missing, to its last row: no step may ever look at what
 * lacks. All others cost nothing. After image_set_step_memory(). False with *err of kind PICTURE.
 */
bool image_check_end(Image *image, Error **err);

/* Decodes a picture whose data looks damaged, in the same way: what viewers ignore is no damage. */
bool image_check_data(Image *image, Error **err);

/* Says that a step changes the picture. One that no step has changed may be saved as it is stored,
 * with the orientation that the file has; not one of a camera's RAW. */
void image_touch(Image *image);
bool image_is_touched(const Image *image);

/* Notes what is worth knowing of a picture that is done all the same: "1 of 24 frames", "dropped:
 * gain map". UTF-8, lower case, no full stop; the same note counts once. It travels with the
 * worker's result into the journal and the result of `hotfolder run`. */
void image_note(Image *image, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Notes what an output does not have; a MetadataDropped, whose `user` is the Image. */
void image_note_dropped(void *image, const char *what);

/* All notes, "; " between them, newly allocated; NULL: none. */
char *image_notes(const Image *image);

/* What steps have made of it, to return to with image_return(), which takes it over. Pixels that
 * are used both before and after that have to be in memory. */
ImageState *image_state(const Image *image);
void image_return(Image *image, ImageState *state);
void image_state_free(ImageState *state);

/* What became of the original's pixels in `saved`, which image_pixels() or image_untouched_pixels()
 * gave. */
MetadataChange image_change(const Image *image, VipsImage *saved);

/* The picture's file (borrowed) where no step has changed a pixel, and `saved`, as above, is turned
 * as the file stores it; else -1. Its colours may have been converted when it was read. */
int image_original(const Image *image, VipsImage *saved);

/* Says that the file of `made` is the coded form of the pixels as they are now, which are in
 * memory.
 */
void image_keep_coded(Image *image, const Image *made);

/* That file, borrowed, and its format, where no step has changed `saved`, as above, since then;
 * else -1. */
int image_coded(VipsImage *saved, Format *format);

/* Says that `jpeg` is the coded form of the pixels as they are now, made of the file's without
 * decoding it; without metadata. */
void image_keep_jpeg(Image *image, GBytes *jpeg);

/* That, borrowed, where no step has changed them since then; else NULL. */
GBytes *image_jpeg(const Image *image);

/* Whether the picture is all of its file as that stores it, at most to be turned upright: no step
 * has changed a pixel. */
bool image_is_of_file(const Image *image);

/* The picture's file, and its header, as that has pixels; borrowed. */
int image_file(const Image *image);
VipsImage *image_header(const Image *image);

/* What becomes of the pixels in a copy of the file: nothing. */
MetadataChange image_no_change(const Image *image);

/* Notes what lies beside the pixels of the original, which no output has. */
void image_note_extras(Image *image);

/* Its current size in pixels, upright; loads none. */
int image_width(const Image *image);
int image_height(const Image *image);

/* The same with all that is known without pixels. */
Shape image_shape(const Image *image);

/* The size of the file's pixels, upright. */
void image_source_size(const Image *image, int *width, int *height);

/* The ICC profile of its pixels as they are now, borrowed; NULL: none. */
const void *image_profile(const Image *image, size_t *size);

/* How many pixels the file has. */
int64_t image_source_pixels(const Image *image);

/* The pixels, upright, as pixels.h says: grey or RGB, of sRGB or of the space of the picture's ICC
 * profile, of the depth that the picture has. Borrowed; NULL with *err set when they cannot be
 * read. */
VipsImage *image_pixels(Image *image, Error **err);

/* The same, for a step that lays something over them: see colour_for_overlays(). */
VipsImage *image_overlay_pixels(Image *image, bool coloured, Error **err);

/* Makes a part of it (NULL: all) exactly this large, from the file itself if its pixels are not
 * loaded yet. A part that has as many pixels is only cut out. `how` may be NULL: as `auto` is. */
bool image_resample(Image *image, const ImagePart *part, int width, int height,
                    const Resampling *how, Error **err);

/* Cuts out a part of at most this size: what people look at first, or with the most detail. */
bool image_cut_interesting(Image *image, int width, int height, VipsInteresting crop, Error **err);

/* Cuts out `area`, which lies in the picture and is not empty. */
bool image_cut(Image *image, VipsRect area, Error **err);

/* Takes over pixels, which are upright, in place of its own. */
void image_replace(Image *image, VipsImage *pixels);

/* The same of pixels that show it from another view: where the original's parts lie in them, its
 * faces, is not known any more. */
void image_view(Image *image, VipsImage *pixels);

/* Computes the pixels into memory: then they can be read more than once and in any order. */
bool image_to_memory(Image *image, Error **err);

/* The same for steps of which none needs pixels that are less than `shrink` times smaller. What is
 * still in its file stays so: image_resample() takes what was decoded here. With 1 all is decoded.
 */
bool image_decode(Image *image, double shrink, Error **err);

/* The shape of what that keeps. */
bool image_decoded_shape(const Image *image, double shrink, Shape *shape, Error **err);

/* The same of a picture that no step has changed, which then are not turned: they keep the
 * orientation field. */
VipsImage *image_untouched_pixels(Image *image, Error **err);
bool image_untouched_to_memory(Image *image, Error **err);
