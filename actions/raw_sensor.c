/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/raw_sensor.h"

#include <errno.h>
#include <libraw/libraw.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "actions/damage.h"
#include "actions/libvips.h"
#include "actions/spaces.h"

/* ---- LibRaw with a file ---- */

typedef struct Opened {
    libraw_data_t *raw;
    void *map;
    size_t size;
    int code;         /* LibRaw's error; 0: none */
    bool ended, lost; /* its data ends early; a part of it is no code */
} Opened;

static void opened_clear(Opened *opened)
{
    if (opened->raw)
        libraw_close(opened->raw);
    if (opened->map)
        munmap(opened->map, opened->size);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Opened, opened_clear)

/* LibRaw counts what it cannot decode, and goes on. */
static void on_lost(void *user, const char *file G_GNUC_UNUSED, const int offset)
{
    Opened *opened = user;

    opened->ended |= offset < 0;
    opened->lost = true;
}

/* As the flags -w, -a, -H, -b, -o, -6 and -h of dcraw. */
static void set_up(libraw_data_t *raw, const RawSettings *settings)
{
    static const int highlights[] = { [RAW_CLIP] = 0, [RAW_BLEND] = 2, [RAW_REBUILD] = 5 };
    enum { SRGB = 1, ADOBE = 2, PROPHOTO = 4 };
    libraw_output_params_t *how = &raw->params;

    how->use_camera_wb = settings->white == RAW_WHITE_CAMERA;
    how->use_auto_wb = settings->white == RAW_WHITE_AUTO;
    how->highlight = highlights[settings->highlight];
    how->bright = (float) settings->bright;
    how->output_bps = settings->depth;
    how->output_color = settings->space == SPACE_ADOBE_RGB  ? ADOBE
                        : settings->space == SPACE_PROPHOTO ? PROPHOTO
                                                            : SRGB;
}

/* The file stays mapped, and is never copied, as libvips does with a WebP: one that is cut
 * meanwhile costs this worker. False with errno set where it cannot be read. */
static bool open_file(Opened *opened, int fd, const RawSettings *settings, bool half)
{
    struct stat st;

    if (fstat(fd, &st) || st.st_size == 0)
        return false;
    opened->size = (size_t) st.st_size;
    opened->map = mmap(NULL, opened->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (opened->map == MAP_FAILED)
        opened->map = NULL;
    opened->raw = opened->map ? libraw_init(0) : NULL;
    if (!opened->raw)
        return false;
    libraw_set_dataerror_handler(opened->raw, on_lost, opened);
    set_up(opened->raw, settings);
    opened->raw->params.half_size = half;
    opened->code = libraw_open_buffer(opened->raw, opened->map, opened->size);
    return true;
}

/* ---- the header ---- */

/* Without the colours of the camera its pixels mean nothing. A DNG says them itself, and a sensor
 * without colours needs none. */
static bool has_colours(const libraw_data_t *raw)
{
    return raw->idata.dng_version || raw->idata.is_foveon || raw->idata.colors == 1 ||
           raw->color.cam_xyz[0][0] != 0 || raw->color.cmatrix[0][0] != 0;
}

static RawState state_of(const Opened *opened)
{
    libraw_decoder_info_t decoder = { 0 };

    if (opened->code == LIBRAW_IO_ERROR || opened->code == LIBRAW_DATA_ERROR)
        return RAW_DAMAGED;
    if (opened->code || libraw_get_decoder_info(opened->raw, &decoder) || !decoder.decoder_name)
        return RAW_UNKNOWN;
    return has_colours(opened->raw) ? RAW_KNOWN : RAW_UNKNOWN;
}

/* As the EXIF tag has it: LibRaw's bits say whether to swap columns, rows, and both with each
 * other. */
static int orientation_of(int flip)
{
    static const int orientations[] = { 1, 2, 4, 3, 5, 8, 6, 7 };

    return flip >= 0 && flip < (int) G_N_ELEMENTS(orientations) ? orientations[flip] : 1;
}

static char *camera_of(const libraw_iparams_t *camera)
{
    g_autofree char *make = g_strndup(camera->make, sizeof(camera->make));
    g_autofree char *model = g_strndup(camera->model, sizeof(camera->model));
    g_autofree char *both = g_strdup_printf("%s %s", make, model);

    return *g_strstrip(both) ? g_utf8_make_valid(both, -1) : NULL;
}

/* Measured with 6 and 24 megapixels, as the worker's peak: the mosaic, or all colours of a file
 * that has no mosaic; four numbers of two bytes for each pixel, twice where they are put straight
 * or stretched; the result; and tables. */
static double memory_of(const libraw_data_t *raw, const RawSettings *settings, bool half)
{
    enum { NUMBER = 2, COLOURS = 4, TABLES = 24 * 1024 * 1024 };
    const libraw_image_sizes_t *sizes = &raw->sizes;
    bool mosaic = raw->idata.filters || raw->idata.colors == 1;
    double sensor = (double) MAX(sizes->raw_width, sizes->width) *
                    MAX(sizes->raw_height, sizes->height) * NUMBER * (mosaic ? 1 : COLOURS);
    double pixels = (double) sizes->iwidth * sizes->iheight;
    bool twice = sizes->iwidth != (sizes->width + half) >> half;

    return sensor + pixels * NUMBER * COLOURS * (twice ? 2 : 1) +
           pixels * raw->idata.colors * settings->depth / 8 + TABLES;
}

/* Of a file that was opened for it. */
static RawSize size_of(libraw_data_t *raw, const RawSettings *settings, bool half)
{
    raw->params.user_flip = 0;
    libraw_adjust_sizes_info_only(raw);
    return (RawSize){ raw->sizes.iwidth, raw->sizes.iheight, memory_of(raw, settings, half) };
}

/* LibRaw makes sides even where it halves them. */
static RawSize half_size(int fd, const RawSettings *settings)
{
    g_auto(Opened) opened = { 0 };

    if (!open_file(&opened, fd, settings, true) || opened.code)
        return (RawSize){ 0 };
    return size_of(opened.raw, settings, true);
}

static bool is_size(const RawSize *size)
{
    return size->width > 0 && size->height > 0;
}

static void read_sizes(Opened *opened, int fd, const RawSettings *settings, RawSensor *sensor)
{
    libraw_data_t *raw = opened->raw;

    sensor->orientation = orientation_of(raw->sizes.flip);
    sensor->colours = raw->idata.colors == 1 ? 1 : 3;
    if (sensor->state != RAW_KNOWN)
        return;
    sensor->full = size_of(raw, settings, false);
    sensor->half = half_size(fd, settings);
    if (!is_size(&sensor->full) || !is_size(&sensor->half))
        sensor->state = RAW_DAMAGED;
}

void raw_sensor_read(int fd, const RawSettings *settings, RawSensor *sensor)
{
    g_auto(Opened) opened = { 0 };

    *sensor = (RawSensor){ .state = RAW_DAMAGED };
    if (!open_file(&opened, fd, settings, false))
        return;
    sensor->state = state_of(&opened);
    sensor->camera = camera_of(&opened.raw->idata);
    if (!opened.code)
        read_sizes(&opened, fd, settings, sensor);
}

void raw_sensor_clear(RawSensor *sensor)
{
    g_clear_pointer(&sensor->camera, g_free);
}

/* ---- developing ---- */

/* LibRaw 0.20 has no P3: what makes sRGB of the camera's colours makes P3 of them instead. Both
 * have the same white. LibRaw takes its colours from what it has unpacked. */
static void aim_at_p3(libraw_data_t *raw)
{
    static const double p3_of_srgb[3][3] = { { 0.8224619688, 0.1775380312, 0 },
                                             { 0.0331941989, 0.9668058011, 0 },
                                             { 0.0170826307, 0.0723974407, 0.9105199286 } };
    float(*rgb_cam)[4] = raw->rawdata.color.rgb_cam;
    float srgb_cam[3][4];

    memcpy(srgb_cam, rgb_cam, sizeof(srgb_cam));
    for (int to = 0; to < 3; to++)
        for (int colour = 0; colour < 4; colour++) {
            double sum = 0;
            for (int from = 0; from < 3; from++)
                sum += p3_of_srgb[to][from] * srgb_cam[from][colour];
            rgb_cam[to][colour] = (float) sum;
        }
}

#define COPY_AGAIN "copy it again from where it came"

static bool report(const Opened *opened)
{
    if (opened->code == LIBRAW_UNSUFFICIENT_MEMORY || opened->code == LIBRAW_TOO_BIG) {
        vips_error_system(ENOMEM, "raw", "cannot develop it");
        return false;
    }
    damage_note_source();
    if (opened->ended || opened->code == LIBRAW_IO_ERROR)
        damage_refuse(g_strdup("the camera RAW is incomplete: its data ends early"), COPY_AGAIN);
    else if (opened->lost || opened->code == LIBRAW_DATA_ERROR)
        damage_refuse(g_strdup("the camera RAW is damaged: a part of its data is no code of its "
                               "format"),
                      COPY_AGAIN);
    vips_error("raw", "%s: %s", raw_sensor_library(),
               opened->code ? libraw_strerror(opened->code) : "a part of its data is damaged");
    return false;
}

static bool develop(Opened *opened, const RawSettings *settings)
{
    libraw_data_t *raw = opened->raw;

    raw->params.user_flip = 0;
    if (!opened->code)
        opened->code = libraw_unpack(raw);
    if (!opened->code && settings->space == SPACE_P3)
        aim_at_p3(raw);
    if (!opened->code && !opened->lost)
        opened->code = libraw_dcraw_process(raw);
    return (!opened->code && !opened->lost) || report(opened);
}

bool raw_sensor_develop(int fd, const RawSettings *settings, bool half, RawPixels *pixels)
{
    g_auto(Opened) opened = { 0 };

    if (!open_file(&opened, fd, settings, half)) {
        vips_error_system(errno, "raw", "cannot read the file");
        return false;
    }
    if (!develop(&opened, settings))
        return false;
    libraw_processed_image_t *made = libraw_dcraw_make_mem_image(opened.raw, &opened.code);
    if (!made)
        return report(&opened);
    *pixels = (RawPixels){ made->width, made->height, made->colors, made->data, made };
    return true;
}

void raw_pixels_clear(RawPixels *pixels)
{
    if (pixels->owner)
        libraw_dcraw_clear_mem(pixels->owner);
    *pixels = (RawPixels){ 0 };
}

const char *raw_sensor_library(void)
{
    static char name[32];

    if (!*name)
        g_snprintf(name, sizeof(name), "LibRaw %.*s", (int) strcspn(libraw_version(), "-"),
                   libraw_version());
    return name;
}
