/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* program - let a program of the administrator's change the picture. The daemon has it run; here
 * are the file that it gets, and what becomes of the file that it gives.
 *
 * Only pixels and their colour profile go out and come in: all else that the picture says stays
 * with it. */
#include <math.h>
#include <unistd.h>

#include "actions/action.h"
#include "actions/bands.h"
#include "actions/encode.h"
#include "actions/pixels.h"
#include "actions/programs.h"
#include "formats/probe.h"

typedef struct ProgramStep {
    char *use;
} ProgramStep;

static const Param params[] = {
    TEXT(ProgramStep, use, .fixed = "the configuration says what is run",
         .help = "the name of a program of the configuration, where program \"NAME\" { ... } says "
                 "what is run"),
    { 0 },
};

static bool check(const void *settings, Error **err)
{
    const ProgramStep *s = settings;

    if (programs_find(s->use))
        return true;
    g_autofree char *fix = programs_advice(s->use);
    return error_set(err, ERROR_CONFIG, fix, "use = %s: no such program", s->use);
}

/* As fast as possible, and nothing is lost. */
static Encoding encoding_of(const KnownProgram *program)
{
    enum { BEST = 100 };
    Encoding encoding = { .format = (Format) program->takes, .palette = PALETTE_NO };

    if (encoding.format == FORMAT_PNG)
        encoding.effort = 1;
    if (encoding.format == FORMAT_TIFF)
        encoding.compression = COMPRESSION_NONE;
    if (encoding.format == FORMAT_JPEG) {
        encoding.quality = BEST;
        encoding.subsampling = SUBSAMPLING_444;
        encoding.background = (Colour){ .r = 255, .g = 255, .b = 255, .a = 255 };
    }
    return encoding;
}

/* ---- the plan: its result is at most so large ---- */

static double longest(int side, const KnownProgram *program)
{
    return ceil(side * program->grows);
}

/* What it may write, of any kind: files of PNG are never much larger than their pixels. */
static double file_bytes(const Shape *shape)
{
    enum { HEAD = 1 << 20 };

    return shape_bytes(shape) * 1.01 + HEAD;
}

/* Its file, the result's file and the result are in memory, the first two for a while. */
static bool plan(const void *settings, Shape *shape, Error **err)
{
    const ProgramStep *s = settings;
    const KnownProgram *program = programs_find(s->use);
    const Encoding encoding = encoding_of(program);
    const Shape before = *shape;

    if (!shape_grow(shape, longest(before.width, program), longest(before.height, program), err))
        return false;
    shape->alpha |= program->alpha;
    shape->at_most = true;
    shape->in_order = false;
    shape->forked = false;
    shape->held = shape_bytes(shape) + file_bytes(shape);
    shape->making = file_bytes(&before) + encode_memory(&encoding, &before);
    shape->let_go = true;
    return true;
}

/* ---- the file that it gets ---- */

static bool write_picture(const KnownProgram *program, VipsImage *pixels, int fd, Error **err)
{
    const Encoding encoding = encoding_of(program);
    const MetadataBlocks none = { 0 };

    return encode(pixels, &encoding, &none, fd, err);
}

/* The daemon has one more descriptor of the file. */
static bool give_picture(const KnownProgram *program, const Outputs *outputs, VipsImage *pixels,
                         Error **err)
{
    int fd = -1;

    if (!outputs->program_file(outputs->user, &fd, err))
        return false;
    bool written = write_picture(program, pixels, fd, err);
    close(fd);
    return written;
}

/* ---- the file that it gives ---- */

static bool check_format(const KnownProgram *program, int fd, Error **err)
{
    Probe probe = { 0 };

    if (!probe_file(fd, &probe))
        return error_set(err, ERROR_TRANSIENT, NULL, "cannot read the result of %s", program->name);
    if (probe.format == (Format) program->gives)
        return true;
    return error_set(err, ERROR_PICTURE, "correct `gives`, or the arguments in `run`",
                     "program %s made %s%s, not the %s that `gives` names", program->name,
                     probe.format == FORMAT_NONE ? "what is no picture" : "a ",
                     probe.format == FORMAT_NONE ? "" : format_name(probe.format),
                     format_name((Format) program->gives));
}

static bool check_size(const KnownProgram *program, const Image *made, VipsImage *before,
                       Error **err)
{
    int width = image_width(made), height = image_height(made);

    return (width <= longest(before->Xsize, program) &&
            height <= longest(before->Ysize, program)) ||
           error_set(err, ERROR_PICTURE, "raise `grows` of the program",
                     "program %s made %d x %d pixels of %d x %d: `grows` = %g allows no more than "
                     "%.0f x %.0f",
                     program->name, width, height, before->Xsize, before->Ysize, program->grows,
                     longest(before->Xsize, program), longest(before->Ysize, program));
}

/* Alpha that is opaque everywhere is none. `pixels` are in memory. */
static bool is_opaque(VipsImage *pixels, bool *opaque)
{
    g_autoptr(VipsImage) alpha = NULL;
    double least = 0;

    if (vips_extract_band(pixels, &alpha, pixels_colours(pixels), NULL) ||
        vips_min(alpha, &least, NULL))
        return false;
    *opaque = least >= pixels_white(pixels);
    return true;
}

static bool refuse_alpha(const KnownProgram *program, Error **err)
{
    return error_set(err, ERROR_PICTURE, "write alpha = yes into the program",
                     "program %s made an opaque picture transparent", program->name);
}

/* The pixels, read once, with alpha only where the plan has it. */
static VipsImage *with_planned_alpha(const KnownProgram *program, VipsImage *pixels,
                                     VipsImage *before, Error **err)
{
    bool transparent = pixels->Bands > pixels_colours(pixels), opaque = false;

    if (!transparent || program->alpha || before->Bands > pixels_colours(before))
        return g_object_ref(pixels);
    g_autoptr(VipsImage) memory = pixels_in_memory(pixels);
    if (!memory || !is_opaque(memory, &opaque))
        return NULL;
    return opaque ? bands_colours(memory) : (refuse_alpha(program, err), NULL);
}

/* In the colours and the depth of the picture before; the profile that the program wrote counts,
 * else the picture's. */
static VipsImage *as_before(VipsImage *made, VipsImage *before)
{
    bool grey = pixels_colours(made) == 1;
    g_autoptr(VipsImage) plain = grey ? bands_without_profile(made) : g_object_ref(made);
    g_autoptr(VipsImage) coloured = !plain ? NULL
                                    : grey ? bands_grey_as_three(plain)
                                           : g_object_ref(plain);
    g_autoptr(VipsImage) deep = coloured ? pixels_in_format(coloured, before->BandFmt) : NULL;
    VipsImage *out = NULL;
    const void *profile = NULL;
    size_t size = 0;

    if (!deep || vips_copy(deep, &out, NULL))
        return NULL;
    if (!vips_image_get_typeof(out, VIPS_META_ICC_NAME) &&
        vips_image_get_typeof(before, VIPS_META_ICC_NAME) &&
        !vips_image_get_blob(before, VIPS_META_ICC_NAME, &profile, &size))
        vips_image_set_blob_copy(out, VIPS_META_ICC_NAME, profile, size);
    return out;
}

/* In memory: nothing is decoded later. */
static VipsImage *read_result(const KnownProgram *program, Image *made, VipsImage *before,
                              Error **err)
{
    VipsImage *pixels = check_size(program, made, before, err) ? image_pixels(made, err) : NULL;
    g_autoptr(VipsImage) planned = pixels ? with_planned_alpha(program, pixels, before, err) : NULL;
    g_autoptr(VipsImage) same = planned ? as_before(planned, before) : NULL;
    VipsImage *out = same ? pixels_in_memory(same) : NULL;

    if (!out && !*err)
        libvips_error(err, "read the result of the program");
    return out;
}

static bool take_result(const KnownProgram *program, Image *image, VipsImage *before, int fd,
                        Error **err)
{
    if (!check_format(program, fd, err)) {
        close(fd);
        return false;
    }
    g_autoptr(Image) made = image_made(image, fd, (Format) program->gives, err);
    VipsImage *pixels = made ? read_result(program, made, before, err) : NULL;

    if (!pixels)
        return false;
    image_replace(image, pixels);
    image_keep_coded(image, made);
    return true;
}

/* ---- the step ---- */

static bool apply(const void *settings, Image *image, Error **err)
{
    const ProgramStep *s = settings;
    const KnownProgram *program = programs_find(s->use);
    const Outputs *outputs = image_outputs(image);
    VipsImage *pixels = image_overlay_pixels(image, true, err);
    int fd = -1;

    if (!pixels)
        return false;
    if (!outputs || !outputs->program)
        return error_set(err, ERROR_CONFIG, "use `hotfolder run`, or a folder of the service",
                         "no program is run here");
    g_autoptr(VipsImage) before = g_object_ref(pixels);
    const Shape largest = { .width = (int) longest(before->Xsize, program),
                            .height = (int) longest(before->Ysize, program),
                            .colours = 3,
                            .alpha = true,
                            .format = before->BandFmt };
    return give_picture(program, outputs, before, err) &&
           outputs->program(outputs->user, program->name, (int64_t) file_bytes(&largest), &fd,
                            err) &&
           take_result(program, image, before, fd, err);
}

const Action action_program = {
    .name = "program",
    .group = "output",
    .summary = "let a program that the configuration names change the picture",
    .aliases = "geek blender external-program external-command command exec run plug-in plugin",
    .example = "program { use = pngquant }",
    .params = params,
    .size = sizeof(ProgramStep),
    .flags = ACTION_MAKES_RGB | ACTION_PROGRAM,
    .check = check,
    .plan = plan,
    .apply = apply,
};
