/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/tiles.h"

#include <math.h>

#include "actions/asset_file.h"
#include "actions/asset_files.h"
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/pixels.h"
#include "actions/resample.h"

enum { COLOURS = 3 };

typedef struct Tile {
    VipsImage *picture; /* NULL: it is not read yet */
    double mean[COLOURS];
} Tile;

struct Tiles {
    AssetFiles files;
    Tile *all; /* one for each file */
};

void tiles_free(Tiles *tiles)
{
    if (!tiles)
        return;
    for (int i = 0; tiles->all && i < tiles_count(tiles); i++)
        g_clear_object(&tiles->all[i].picture);
    asset_files_clear(&tiles->files);
    g_free(tiles->all);
    g_free(tiles);
}

Tiles *tiles_open(const char *path, Error **err)
{
    g_autoptr(Tiles) tiles = g_new0(Tiles, 1);

    if (!asset_files_open(path, NULL, TILES_MAX, &tiles->files, err))
        return NULL;
    if (!tiles->files.all->len) {
        error_set(err, ERROR_CONFIG, "put pictures into it, or name a picture",
                  "the directory has no files");
        return NULL;
    }
    tiles->all = g_new0(Tile, tiles->files.all->len);
    return g_steal_pointer(&tiles);
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

    return flat ? pixels_in_memory(flat) : NULL;
}

static bool read_tile(Tile *tile, AssetFile *file, double share, Error **err)
{
    g_autoptr(Image) image = asset_file_open(g_steal_fd(&file->fd), err);
    VipsImage *pixels = image ? image_pixels(image, err) : NULL;

    if (!pixels)
        return false;
    tile->picture = as_tile(pixels, share);
    if (!tile->picture)
        return libvips_error(err, "read it");
    take_mean(tile);
    return true;
}

bool tiles_read(Tiles *tiles, Error **err)
{
    double share = (double) TILES_PIXELS / tiles_count(tiles);

    for (int i = 0; i < tiles_count(tiles); i++) {
        AssetFile *file = tiles->files.all->pdata[i];
        if (file->fd >= 0 && !read_tile(&tiles->all[i], file, share, err))
            return asset_files_name(&tiles->files, file, err);
    }
    return true;
}

/* ---- what is there ---- */

int tiles_count(const Tiles *tiles)
{
    return (int) tiles->files.all->len;
}

VipsImage *tiles_picture(const Tiles *tiles, int number)
{
    return tiles->all[number].picture;
}

const double *tiles_mean(const Tiles *tiles, int number)
{
    return tiles->all[number].mean;
}
