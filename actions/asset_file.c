/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/asset_file.h"

/* Every worker keeps a picture in memory, 4 bytes a pixel: 200 MB. */
enum { PIXELS_MAX = 50 * 1000 * 1000 };

static const Limits limits = { .accept = FORMATS_TRUSTED,
                               .max_pages = 100,
                               .max_metadata = 16 << 20 };

/* Checks its header, before it is decoded. */
static bool is_small_enough(const Image *image, Error **err)
{
    int64_t pixels = (int64_t) image_width(image) * image_height(image);

    return pixels <= PIXELS_MAX ||
           error_set(err, ERROR_CONFIG, "make it smaller",
                     "%d x %d pixels are more than the %d MP that it may have", image_width(image),
                     image_height(image), PIXELS_MAX / 1000000);
}

Image *asset_file_open(int fd, Error **err)
{
    g_autoptr(Image) image = image_open(fd, &limits, NULL, NULL, err);

    return image && is_small_enough(image, err) ? g_steal_pointer(&image) : NULL;
}
