/* picture.h - a small whole picture in memory, for what wants a real one. */
#pragma once

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vips/vips.h>

/* A new descriptor of a PNG of 24 x 16 pixels; the caller's. */
static inline int picture_open(void)
{
    static void *bytes;
    static size_t size;
    VipsImage *black = NULL;
    int fd = memfd_create("picture", MFD_CLOEXEC);

    if (!bytes && (vips_black(&black, 24, 16, "bands", 3, NULL) ||
                   vips_pngsave_buffer(black, &bytes, &size, NULL)))
        abort();
    g_clear_object(&black);
    if (write(fd, bytes, size) != (ssize_t) size || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}
