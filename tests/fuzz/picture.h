/* SPDX-License-Identifier: LGPL-2.1-or-later */
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

/* A new descriptor of a JPEG of 8 x 8 pixels that says it was taken at `date`, which is `size`
 * bytes of anything: EXIF as a camera writes it. */
static inline int picture_taken(const void *date, size_t size)
{
    enum { START = 2, HEAD = 12, TIFF = 44, MOST = 60000 };
    static void *bytes;
    static size_t length;
    unsigned char head[HEAD + TIFF] = "\xff\xd8\xff\xe1..Exif\0\0II*\0\10\0\0\0"
                                      "\1\0\x69\x87\4\0\1\0\0\0\x1a\0\0\0\0\0\0\0"
                                      "\1\0\3\x90\2\0....\x2c\0\0\0\0\0\0\0";
    VipsImage *black = NULL;
    int fd = memfd_create("picture", MFD_CLOEXEC);

    size = MIN(size, MOST);
    if (!bytes && (vips_black(&black, 8, 8, "bands", 3, NULL) ||
                   vips_jpegsave_buffer(black, &bytes, &length, "strip", TRUE, NULL)))
        abort();
    g_clear_object(&black);
    size_t segment = sizeof(head) - 2 * START + size;
    head[4] = (unsigned char) (segment >> 8);
    head[5] = (unsigned char) segment;
    head[44] = (unsigned char) size; /* of the text, low byte first */
    head[45] = (unsigned char) (size >> 8);
    head[46] = head[47] = 0;
    if (write(fd, head, sizeof(head)) != (ssize_t) sizeof(head) ||
        write(fd, date, size) != (ssize_t) size ||
        write(fd, (char *) bytes + START, length - START) != (ssize_t) (length - START) ||
        lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}
