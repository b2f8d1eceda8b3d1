/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/jpeg_transform.h"

#include <string.h>
#include <turbojpeg.h>

#include "actions/orientation.h"

enum { BLOCK = 8 };

/* ---- what it is ---- */

static void end_handle(tjhandle handle)
{
    tjDestroy(handle);
}
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(tjhandle, end_handle, NULL)

static int colours_of(int space)
{
    return space == TJCS_GRAY ? 1 : space == TJCS_CMYK || space == TJCS_YCCK ? 4 : 3;
}

static bool read_grid(tjhandle handle, GBytes *jpeg, JpegGrid *grid)
{
    size_t size = 0;
    const unsigned char *bytes = g_bytes_get_data(jpeg, &size);
    int sampling = 0, space = 0;

    if (tjDecompressHeader3(handle, bytes, size, &grid->width, &grid->height, &sampling, &space) ||
        sampling < 0 || sampling >= TJ_NUMSAMP)
        return false;
    grid->colours = colours_of(space);
    grid->across = tjMCUWidth[sampling];
    grid->down = tjMCUHeight[sampling];
    return true;
}

bool jpeg_transform_grid(GBytes *jpeg, JpegGrid *grid)
{
    g_auto(tjhandle) handle = tjInitTransform();

    return handle && read_grid(handle, jpeg, grid);
}

JpegGrid jpeg_transform_grid_of(const JpegTransform *how, const JpegGrid *grid)
{
    JpegGrid there = *grid;

    if (how->grey) {
        there.colours = 1;
        there.across = there.down = BLOCK;
    }
    return there;
}

/* ---- the area ---- */

/* Moves the side that leads in the result. */
static void fit_side(int *begin, int *length, int block, bool from_end)
{
    int end = *begin + *length;

    if (from_end)
        end -= end % block;
    else
        *begin = (*begin + block - 1) / block * block;
    *length = MAX(0, end - *begin);
}

VipsRect jpeg_transform_fit(const JpegTransform *how, const JpegGrid *grid)
{
    const TurnKind turn = orientation_turn(how->orientation);
    VipsRect area = how->area;

    fit_side(&area.left, &area.width, grid->across, turn.from_right);
    fit_side(&area.top, &area.height, grid->down, turn.from_bottom);
    return area;
}

/* ---- moving ---- */

typedef struct Work {
    tjhandle handle;
    GBytes *jpeg; /* owned */
    bool damaged;
} Work;

static void work_clear(Work *work)
{
    if (work->handle)
        tjDestroy(work->handle);
    g_clear_pointer(&work->jpeg, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static bool cannot(const Work *work, Error **err)
{
    g_autofree char *text = g_strdup(tjGetErrorStr2(work->handle));

    return error_set(err, ERROR_PICTURE, "use turn, crop and grey, which decode it",
                     "this JPEG cannot be changed without loss: %s", g_strstrip(text));
}

static void free_result(void *bytes)
{
    tjFree(bytes);
}

/* Puts the result in place of what was there. */
static bool move(Work *work, tjtransform how, Error **err)
{
    size_t size = 0;
    const unsigned char *bytes = g_bytes_get_data(work->jpeg, &size);
    unsigned char *out = NULL;
    unsigned long length = 0;

    how.options |= TJXOPT_COPYNONE;
    bool failed = tjTransform(work->handle, bytes, size, 1, &out, &length, &how, TJFLAG_LIMITSCANS);
    bool damaged = failed && tjGetErrorCode(work->handle) == TJERR_WARNING;
    if ((failed && !damaged) || !out || !length) {
        tjFree(out);
        return cannot(work, err);
    }
    work->damaged |= damaged;
    g_bytes_unref(work->jpeg);
    work->jpeg = g_bytes_new_with_free_func(out, length, free_result, out);
    return true;
}

static int operation(int orientation)
{
    static const int operations[] = { TJXOP_NONE,   TJXOP_NONE,       TJXOP_HFLIP,
                                      TJXOP_ROT180, TJXOP_VFLIP,      TJXOP_TRANSPOSE,
                                      TJXOP_ROT90,  TJXOP_TRANSVERSE, TJXOP_ROT270 };

    return operations[CLAMP(orientation, 1, 8)];
}

/* What is cut off before the turn: sides that lead after it, and whole blocks of the others. */
static bool cut(Work *work, const JpegTransform *how, const JpegGrid *grid, VipsRect *left,
                Error **err)
{
    VipsRect whole = { 0, 0, grid->width, grid->height };
    VipsRect area = how->area;

    area.left -= area.left % grid->across;
    area.top -= area.top % grid->down;
    area.width += how->area.left - area.left;
    area.height += how->area.top - area.top;
    *left = area;
    if (vips_rect_equalsrect(&area, &whole))
        return true;
    return move(
        work,
        (tjtransform){ .r = { area.left, area.top, area.width, area.height },
                       .op = TJXOP_NONE,
                       .options = TJXOPT_CROP | (how->progressive ? TJXOPT_PROGRESSIVE : 0) },
        err);
}

/* The rest of the sides that end the result is cut off with it. */
static bool turn(Work *work, const JpegTransform *how, const VipsRect *left, Error **err)
{
    bool sideways = orientation_turn(how->orientation).sideways;
    int width = how->area.width, height = how->area.height;
    bool cuts = width != left->width || height != left->height;
    tjtransform one = { .op = operation(how->orientation),
                        .options = TJXOPT_PERFECT | (cuts ? TJXOPT_CROP : 0) |
                                   (how->progressive ? TJXOPT_PROGRESSIVE : 0) };

    if (cuts)
        one.r = (tjregion){ 0, 0, sideways ? height : width, sideways ? width : height };
    return move(work, one, err);
}

/* The result has the size that was asked for: a JPEG may sample its colours in ways whose blocks
 * are larger than TurboJPEG says. */
static bool check_result(const Work *work, const JpegTransform *how, Error **err)
{
    bool sideways = orientation_turn(how->orientation).sideways;
    JpegGrid made = { 0 };

    if (!read_grid(work->handle, work->jpeg, &made))
        return cannot(work, err);
    return (made.width == (sideways ? how->area.height : how->area.width) &&
            made.height == (sideways ? how->area.width : how->area.height)) ||
           error_set(err, ERROR_PICTURE, "use turn and crop, which decode it",
                     "this JPEG cannot be changed without loss: its blocks are of an unusual size");
}

GBytes *jpeg_transform(GBytes *jpeg, const JpegTransform *how, bool *damaged, Error **err)
{
    g_auto(Work) work = { .handle = tjInitTransform(), .jpeg = g_bytes_ref(jpeg) };
    const int progressive = how->progressive ? TJXOPT_PROGRESSIVE : 0;
    const tjtransform grey = { .op = TJXOP_NONE, .options = TJXOPT_GRAY | progressive };
    const tjtransform again = { .op = TJXOP_NONE, .options = progressive };
    JpegGrid grid = { 0 };
    VipsRect left;

    if (!work.handle || !read_grid(work.handle, jpeg, &grid))
        return cannot(&work, err), NULL;
    if (how->grey && grid.colours > 1 &&
        (!move(&work, grey, err) || !read_grid(work.handle, work.jpeg, &grid)))
        return NULL;
    if (!cut(&work, how, &grid, &left, err))
        return NULL;
    if (how->orientation > 1 ? !turn(&work, how, &left, err)
                             : work.jpeg == jpeg && !move(&work, again, err))
        return NULL;
    if (!check_result(&work, how, err))
        return NULL;
    *damaged = work.damaged;
    return g_steal_pointer(&work.jpeg);
}
