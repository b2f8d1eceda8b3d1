/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/asset_file.h"
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/pixels.h"
#include "actions/resample.h"
#include "base/text.h"

/* The sandbox leaves a worker few descriptors, all of lower numbers. */
enum { DESCRIPTORS_FROM = 128, COLOURS = 3 };

typedef struct Tile {
    char *name;
    int fd; /* -1: it is read */
    VipsImage *picture;
    double mean[COLOURS];
} Tile;

struct Tiles {
    bool in_directory;
    GPtrArray *all; /* of Tile */
};

static void tile_free(void *data)
{
    Tile *tile = data;

    if (tile->fd >= 0)
        close(tile->fd);
    g_clear_object(&tile->picture);
    g_free(tile->name);
    g_free(tile);
}

void tiles_free(Tiles *tiles)
{
    if (!tiles)
        return;
    g_ptr_array_unref(tiles->all);
    g_free(tiles);
}

/* ---- files ---- */

static bool add_file(Tiles *tiles, int directory, const char *name, Error **err)
{
    g_autofree char *shown = text_escape(name);
    int low = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int fd = low >= 0 ? fcntl(low, F_DUPFD_CLOEXEC, DESCRIPTORS_FROM) : -1;
    int code = errno;

    if (low >= 0)
        close(low);
    if (fd < 0)
        return error_errno(err, code, "cannot open '%s'", shown);
    Tile *tile = g_new0(Tile, 1);
    tile->name = g_strdup(name);
    tile->fd = fd;
    g_ptr_array_add(tiles->all, tile);
    return true;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    const char *const *one = a, *const *other = b;

    return strcmp(*one, *other);
}

/* Sorted names of what may be files. */
static GPtrArray *names_in(const char *path, Error **err)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) listing = g_dir_open(path, 0, &error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name = NULL;

    if (!listing) {
        error_set(err, ERROR_CONFIG, "give a directory that the service may read", "%s",
                  error->message);
        return NULL;
    }
    while ((name = g_dir_read_name(listing)))
        if (*name != '.')
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return g_steal_pointer(&names);
}

static bool is_file(int directory, const char *name)
{
    struct stat st;

    return fstatat(directory, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static bool add_files(Tiles *tiles, int directory, const char *path, Error **err)
{
    g_autoptr(GPtrArray) names = names_in(path, err);

    for (guint i = 0; names && i < names->len; i++) {
        if (!is_file(directory, names->pdata[i]))
            continue;
        if (tiles->all->len == TILES_MAX)
            return error_set(err, ERROR_CONFIG, "take some out",
                             "the directory has more than %d files", TILES_MAX);
        if (!add_file(tiles, directory, names->pdata[i], err))
            return false;
    }
    return names && (tiles->all->len ||
                     error_set(err, ERROR_CONFIG, "put pictures into it, or name a picture",
                               "the directory has no files"));
}

Tiles *tiles_open(const char *path, Error **err)
{
    g_autoptr(Tiles) tiles = g_new0(Tiles, 1);
    int directory = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

    tiles->all = g_ptr_array_new_with_free_func(tile_free);
    tiles->in_directory = directory >= 0;
    bool done = tiles->in_directory ? add_files(tiles, directory, path, err)
                                    : add_file(tiles, AT_FDCWD, path, err);
    if (directory >= 0)
        close(directory);
    return done ? g_steal_pointer(&tiles) : NULL;
}

/* ---- pictures ---- */

static void take_mean(Tile *tile)
{
    size_t count = (size_t) tile->picture->Xsize * (size_t) tile->picture->Ysize;
    const uint8_t *pixels = VIPS_IMAGE_ADDR(tile->picture, 0, 0);
    uint64_t sums[COLOURS] = { 0 };

    for (size_t i = 0; i < count * COLOURS; i++)
        sums[i % COLOURS] += pixels[i];
    for (int band = 0; band < COLOURS; band++)
        tile->mean[band] = (double) sums[band] / (double) count;
}

/* At most so large that all of them have their share. */
static VipsImage *small_one(VipsImage *pixels, double share)
{
    double scale = sqrt(share / ((double) pixels->Xsize * pixels->Ysize));

    if (scale >= 1)
        return g_object_ref(pixels);
    return resample_all(pixels, (int) MAX(1, pixels->Xsize * scale),
                        (int) MAX(1, pixels->Ysize * scale));
}

static VipsImage *as_tile(VipsImage *pixels, double share)
{
    static const double white[] = { 255, 255, 255 };
    g_autoptr(VipsImage) little = small_one(pixels, share);
    g_autoptr(VipsImage) srgb = little ? colour_srgb(little) : NULL;
    g_autoptr(VipsImage) bytes = srgb ? pixels_in_format(srgb, VIPS_FORMAT_UCHAR) : NULL;
    g_autoptr(VipsImage) flat = bytes ? pixels_flattened(bytes, white) : NULL;

    return flat ? vips_image_copy_memory(flat) : NULL;
}

static bool read_tile(Tile *tile, double share, Error **err)
{
    g_autoptr(Image) image = asset_file_open(g_steal_fd(&tile->fd), err);
    VipsImage *pixels = image ? image_pixels(image, err) : NULL;

    if (!pixels)
        return false;
    tile->picture = as_tile(pixels, share);
    if (!tile->picture)
        return libvips_error(err, "read it");
    take_mean(tile);
    return true;
}

static bool name_tile(const Tile *tile, Error **err)
{
    g_autofree char *what = (*err)->what;
    g_autofree char *shown = text_escape(tile->name);

    (*err)->what = g_strdup_printf("'%s': %s", shown, what);
    return false;
}

bool tiles_read(Tiles *tiles, Error **err)
{
    double share = (double) TILES_PIXELS / tiles->all->len;

    for (guint i = 0; i < tiles->all->len; i++) {
        Tile *tile = tiles->all->pdata[i];
        if (tile->fd >= 0 && !read_tile(tile, share, err))
            return tiles->in_directory ? name_tile(tile, err) : false;
    }
    return true;
}

/* ---- what is there ---- */

int tiles_count(const Tiles *tiles)
{
    return (int) tiles->all->len;
}

static const Tile *tile_at(const Tiles *tiles, int number)
{
    return tiles->all->pdata[number];
}

VipsImage *tiles_picture(const Tiles *tiles, int number)
{
    return tile_at(tiles, number)->picture;
}

const double *tiles_mean(const Tiles *tiles, int number)
{
    return tile_at(tiles, number)->mean;
}
