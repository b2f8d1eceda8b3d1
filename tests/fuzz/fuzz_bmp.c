/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a BMP: it is read to its last pixel, the same twice, or an error of kind PICTURE;
 * and the reader and the probe agree whether the file is complete. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/image.h"
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

/* A sum of all pixels; -1 when it is no picture, -2 when that is for its size. */
static double sum_of(const uint8_t *data, size_t size)
{
    static const Limits limits = { .accept = FORMAT_BIT(FORMAT_BMP), .max_pixels = 0.3 };
    g_autoptr(Error) error = NULL;
    g_autoptr(Image) image = image_open(file_of(data, size), &limits, NULL, NULL, &error);
    double mean = 0;

    if (!image || !image_to_memory(image, &error)) {
        demand(error && error->kind == ERROR_PICTURE);
        return strstr(error->what, "max_pixels") ? -2 : -1;
    }
    demand(vips_avg(image_pixels(image, &error), &mean, NULL) == 0);
    return mean;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    g_autoptr(Error) error = NULL;
    Probe probe = { 0 };
    int fd = file_of(data, size);

    if (!begun)
        demand(libvips_start("fuzz_bmp", &error));
    begun = true;
    demand(probe_file(fd, &probe));
    close(fd);
    if (probe.format != FORMAT_BMP)
        return 0;
    double sum = sum_of(data, size);
    demand(sum == sum_of(data, size));
    demand(sum == -2 || probe.complete == COMPLETE_UNKNOWN ||
           (sum >= 0) == (probe.complete == COMPLETE_YES));
    return 0;
}
