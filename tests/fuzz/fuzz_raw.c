/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a camera's RAW: its previews lie in the file and are JPEG, it is read to its last
 * pixel in each way, or an error of kind PICTURE says why not. What would take much memory is not
 * developed: the daemon would not let it. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/image.h"
#include "actions/raw_previews.h"
#include "formats/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static int file_of(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    demand(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t) size);
    return fd;
}

static void find_previews(const uint8_t *data, size_t size)
{
    static Bytes bytes;

    bytes_begin_memory(&bytes, data, size);
    g_autoptr(GArray) previews = raw_previews_find(&bytes);
    for (guint i = 0; i < previews->len; i++) {
        const RawPreview *preview = &g_array_index(previews, RawPreview, i);
        demand(preview->at < size && preview->length <= size - preview->at);
        demand(preview->width > 0 && preview->height > 0);
        demand(data[preview->at] == 0xff && data[preview->at + 1] == 0xd8);
    }
}

static void read_as(const uint8_t *data, size_t size, RawUse use)
{
    static const Limits limits = { .accept = FORMAT_BIT(FORMAT_RAW), .max_pixels = 0.3 };
    static const double most = 64e6;
    RawSettings settings = raw_plain;
    g_autoptr(Error) error = NULL;

    settings.use = use;
    g_autoptr(Image) image =
        image_open_raw(file_of(data, size), &settings, &limits, NULL, NULL, &error);
    bool small = image && image_decoder_memory(image, 1) < most;
    bool read = small && image_metadata(image, &error) && image_to_memory(image, &error);
    demand(read || (image && !small) || (error && error->kind == ERROR_PICTURE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    g_autoptr(Error) error = NULL;
    Probe probe = { 0 };
    int fd = file_of(data, size);

    if (!begun)
        demand(libvips_start("fuzz_raw", &error) && metadata_start(&error));
    begun = true;
    demand(probe_file(fd, &probe));
    close(fd);
    find_previews(data, size);
    if (probe.format != FORMAT_RAW)
        return 0;
    for (RawUse use = RAW_AUTO; use <= RAW_FULL; use++)
        read_as(data, size, use);
    return 0;
}
