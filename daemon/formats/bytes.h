/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bytes.h - reads the bytes of an untrusted file, or of a part of it that is in memory.
 *
 * Every read is checked against the file's size and charged to one budget: no file, however it was
 * made, costs more than a fraction of a second. A reader belongs to one thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    BYTES_WINDOW = 64 * 1024,
    BYTES_MAX_READ = 4096, /* read at once while skipping from marker to marker */
};

typedef struct Bytes {
    int fd;
    const unsigned char *memory; /* NULL: bytes of the file */
    uint64_t size;
    uint64_t budget;
    size_t read_size; /* BYTES_MAX_READ, or BYTES_WINDOW to read everything in order */
    bool exhausted;   /* the budget is spent: nothing more is known */
    int error;        /* errno of a read that failed, else 0 */
    uint64_t at;      /* where the window's content begins in the file */
    size_t have;      /* bytes in the window */
    unsigned char window[BYTES_WINDOW];
} Bytes;

/* Begins to read fd (borrowed), at most `budget` bytes of it; false with errno set. */
bool bytes_begin(Bytes *bytes, int fd, uint64_t budget);

/* Begins to read `size` bytes of memory (borrowed), all of them as often as one likes. */
void bytes_begin_memory(Bytes *bytes, const void *memory, size_t size);

/* Whether `length` bytes from `at` lie inside the file. */
bool bytes_in_file(const Bytes *bytes, uint64_t at, uint64_t length);

/* `want` (1 to BYTES_MAX_READ) bytes from `at`, valid until the next call; NULL when the file ends
 * before them, a read failed (`error`), or the budget is spent (`exhausted`). */
const unsigned char *bytes_at(Bytes *bytes, uint64_t at, size_t want);

/* The bytes from `at`, valid until the next call; *count is how many, at least 1. NULL as above. */
const unsigned char *bytes_from(Bytes *bytes, uint64_t at, size_t *count);

/* Copies `length` bytes from `at`; false as above, and then `to` is undefined. */
bool bytes_copy(Bytes *bytes, uint64_t at, void *to, size_t length);

static inline uint16_t be16(const unsigned char *p)
{
    return (uint16_t) (p[0] << 8 | p[1]);
}

static inline uint32_t be32(const unsigned char *p)
{
    return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

static inline uint64_t be64(const unsigned char *p)
{
    return (uint64_t) be32(p) << 32 | be32(p + 4);
}

static inline uint16_t le16(const unsigned char *p)
{
    return (uint16_t) (p[1] << 8 | p[0]);
}

static inline uint32_t le32(const unsigned char *p)
{
    return (uint32_t) p[3] << 24 | (uint32_t) p[2] << 16 | (uint32_t) p[1] << 8 | p[0];
}

/* A box of an ISO media file, of JPEG 2000 or JPEG XL. */
typedef struct Box {
    uint64_t at, length; /* with its header */
    uint64_t header;
    char type[5];
    bool open; /* it extends to the end of the file, wherever that will be */
} Box;

/* Reads the header of the box at `at`. False when it is cut off, or is none: its type is not
 * printable. */
bool box_read(Bytes *bytes, uint64_t at, Box *box);
