/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/page_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COLOURS = 3, STRIP_ROWS = 64, HEADER = 8 };

/* ---- the TIFF: all its numbers before its pixels ---- */

enum { TYPE_SHORT = 3, TYPE_LONG = 4 };

typedef struct Entry {
    uint16_t tag, type;
    uint32_t count, value; /* or the offset of values */
} Entry;

static void put(GByteArray *bytes, uint32_t value, int size)
{
    for (int i = 0; i < size; i++) {
        guint8 byte = (guint8) (value >> (8 * i));
        g_byte_array_append(bytes, &byte, 1);
    }
}

static void put_entry(GByteArray *bytes, const Entry *entry)
{
    put(bytes, entry->tag, 2);
    put(bytes, entry->type, 2);
    put(bytes, entry->count, 4);
    put(bytes, entry->value, 4);
}

/* The number of strips is that of `height`; the pixels begin where the header ends. */
static GByteArray *header_of(int width, int height)
{
    enum { ENTRIES = 10, TABLE = HEADER + 2 + ENTRIES * 12 + 4, DEPTHS = 6 };
    uint32_t strips = (uint32_t) ((height + STRIP_ROWS - 1) / STRIP_ROWS);
    uint32_t row = (uint32_t) width * COLOURS, offsets = TABLE + DEPTHS;
    uint32_t counts = offsets + 4 * strips, pixels = counts + 4 * strips;
    const Entry entries[ENTRIES] = {
        { 256, TYPE_LONG, 1, (uint32_t) width },
        { 257, TYPE_LONG, 1, (uint32_t) height },
        { 258, TYPE_SHORT, COLOURS, TABLE },
        { 259, TYPE_SHORT, 1, 1 }, /* not compressed */
        { 262, TYPE_SHORT, 1, 2 }, /* RGB */
        { 273, TYPE_LONG, strips, strips > 1 ? offsets : pixels },
        { 277, TYPE_SHORT, 1, COLOURS },
        { 278, TYPE_LONG, 1, STRIP_ROWS },
        { 279, TYPE_LONG, strips, strips > 1 ? counts : row * (uint32_t) height },
        { 284, TYPE_SHORT, 1, 1 },
    };
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_append(bytes, (const guint8 *) "II*", 4);
    put(bytes, HEADER, 4);
    put(bytes, ENTRIES, 2);
    for (int i = 0; i < ENTRIES; i++)
        put_entry(bytes, &entries[i]);
    put(bytes, 0, 4);
    for (int i = 0; i < COLOURS; i++)
        put(bytes, 8, 2);
    for (uint32_t i = 0; i < strips; i++)
        put(bytes, pixels + i * row * STRIP_ROWS, 4);
    for (uint32_t i = 0; i < strips; i++)
        put(bytes, row * MIN(STRIP_ROWS, (uint32_t) height - i * STRIP_ROWS), 4);
    return bytes;
}

static bool write_all(int fd, const void *bytes, size_t size, off_t at, Error **err)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = pwrite(fd, (const char *) bytes + done, size - done, at + (off_t) done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return error_errno(err, errno, "cannot write a page");
        done += (size_t) put;
    }
    return true;
}

static bool write_page(PageFile *page, unsigned char value, Error **err)
{
    g_autoptr(GByteArray) header = header_of(page->width, page->height);
    size_t size = (size_t) page->width * COLOURS;
    g_autofree char *row = g_malloc(size);
    bool ok = write_all(page->fd, header->data, header->len, 0, err);

    page->pixels = header->len;
    memset(row, value, size);
    for (int y = 0; ok && y < page->height; y++)
        ok = write_all(page->fd, row, size, page->pixels + (off_t) size * y, err);
    return ok;
}

bool page_file_new(const char *path, int width, int height, unsigned char value, PageFile *page,
                   Error **err)
{
    *page = (PageFile){ .fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
                        .width = width,
                        .height = height };
    if (page->fd < 0)
        return error_errno(err, errno, "cannot make '%s'", path);
    if (write_page(page, value, err))
        return true;
    page_file_close(page);
    return false;
}

void page_file_close(PageFile *page)
{
    if (page->fd >= 0)
        close(page->fd);
    page->fd = -1;
}

/* ---- a cell ---- */

static bool read_all(int fd, void *bytes, size_t size, off_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(fd, (char *) bytes + done, size - done, at + (off_t) done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t) got;
    }
    return true;
}

/* Whether it begins as the area's PPM does, and has as many bytes. */
static bool is_cell(int fd, const char *head, size_t pixels)
{
    char start[64] = "";
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_size == (off_t) (strlen(head) + pixels) &&
           read_all(fd, start, strlen(head), 0) && !strcmp(start, head);
}

static bool copy_row(const PageFile *page, int cell, const PageArea *area, int y, size_t head,
                     char *row, Error **err)
{
    size_t size = (size_t) area->width * COLOURS;
    off_t to = page->pixels + ((off_t) (area->y + y) * page->width + area->x) * COLOURS;

    return read_all(cell, row, size, (off_t) head + (off_t) size * y)
               ? write_all(page->fd, row, size, to, err)
               : error_errno(err, errno, "cannot read a cell");
}

static bool lay(const PageFile *page, int cell, const PageArea *area, Error **err)
{
    g_autofree char *head = g_strdup_printf("P6\n%d %d\n255\n", area->width, area->height);
    size_t size = (size_t) area->width * COLOURS;
    g_autofree char *row = g_malloc(size);
    bool ok = is_cell(cell, head, size * (size_t) area->height) ||
              error_set(err, ERROR_INTERNAL, NULL, "a worker has made a cell of another size");

    for (int y = 0; ok && y < area->height; y++)
        ok = copy_row(page, cell, area, y, strlen(head), row, err);
    return ok;
}

bool page_file_lay(const PageFile *page, const char *cell, const PageArea *area, Error **err)
{
    int fd = open(cell, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool ok = fd >= 0 ? lay(page, fd, area, err) : error_errno(err, errno, "cannot read a cell");

    if (fd >= 0)
        close(fd);
    return ok;
}
