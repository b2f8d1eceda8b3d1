/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as the XMP file beside a picture, and as the XMP of the picture, with a zero between
 * them: both together are read, and what is not about the photo stays out. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/sidecar.h"
#include "actions/xmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Sidecar *read_bytes(const uint8_t *data, size_t size)
{
    g_autoptr(Error) error = NULL;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t) size)
        abort();
    Sidecar *sidecar = sidecar_read(fd, "IMG_1.xmp", 0, &error);
    close(fd);
    if (!sidecar == !error || (error && error->kind != ERROR_PICTURE))
        abort();
    return sidecar;
}

/* By their namespaces: a prefix may be that of another one. */
static void develops_nothing(Metadata *metadata)
{
    GBytes *packet = metadata_blocks(metadata)->xmp;
    g_autoptr(Xmp) xmp = packet ? xmp_new(packet) : NULL;
    g_autofree char *crop =
        xmp ? xmp_text(xmp, "http://ns.adobe.com/camera-raw-settings/1.0/", "HasCrop") : NULL;
    g_autofree char *orientation = xmp ? xmp_text(xmp, XMP_TIFF, "Orientation") : NULL;

    if (crop || orientation)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started = false;
    g_autoptr(Error) error = NULL;
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    size_t length = zero ? (size_t) (zero - data) : size;

    if (!started && !metadata_start(&error))
        abort();
    started = true;
    g_autoptr(Sidecar) sidecar = read_bytes(data, length);
    if (!sidecar)
        return 0;
    MetadataBlocks blocks = { .xmp = zero ? g_bytes_new(zero + 1, size - length - 1) : NULL };
    g_autoptr(Metadata) both = sidecar_apply(sidecar, &blocks);
    g_free(metadata_value(both, "title"));
    g_free(metadata_value(both, "rating"));
    if (!zero)
        develops_nothing(both);
    return 0;
}
