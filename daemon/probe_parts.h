/* probe_parts.h - what the parts of the probe share: bytes of a file, read with care.
 *
 * Only probe*.c include it. Every read is checked against the file's size and charged to one
 * budget, so that no file, however it was made, costs more than a fraction of a second. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/probe.h"

enum {
    BYTES_WINDOW = 64 * 1024,
    BYTES_STRIDE = 4096,             /* read at once while hopping from mark to mark */
    BYTES_BUDGET = 64 * 1024 * 1024, /* a JPEG without its end mark is read up to here */
};

typedef struct Bytes {
    int fd;
    uint64_t size;
    uint64_t spent;
    size_t stride; /* BYTES_STRIDE, or BYTES_WINDOW to read on and on */
    bool tired;    /* the budget is spent: nothing can be said */
    int error;     /* errno of a read that failed, 0 else */
    uint64_t at;   /* what the window holds */
    size_t have;
    unsigned char window[BYTES_WINDOW];
} Bytes;

/* Whether `length` bytes from `at` lie inside the file. */
bool bytes_inside(const Bytes *bytes, uint64_t at, uint64_t length);

/* `want` (1 to BYTES_STRIDE) bytes from `at`, valid until the next call; NULL when they aren't
 * there or can't be read: bytes_lack() then says what that means. */
const unsigned char *bytes_at(Bytes *bytes, uint64_t at, size_t want);

/* At least one byte from `at`, and how many more are at hand. */
const unsigned char *bytes_run(Bytes *bytes, uint64_t at, size_t *count);

/* After a NULL: COMPLETE_NO when the file ended, COMPLETE_UNKNOWN when the budget did. */
Complete bytes_lack(const Bytes *bytes);

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

static inline uint32_t le32(const unsigned char *p)
{
    return (uint32_t) p[3] << 24 | (uint32_t) p[2] << 16 | (uint32_t) p[1] << 8 | p[0];
}

/* Each fills probe->complete and, with COMPLETE_NO, probe->missing; the TIFF and box readers also
 * settle the format and the kind, since a camera's RAW shares their magic. */
void probe_jpeg(Bytes *bytes, Probe *probe);
void probe_png(Bytes *bytes, Probe *probe);
void probe_gif(Bytes *bytes, Probe *probe);
void probe_webp(Bytes *bytes, Probe *probe);
void probe_boxes(Bytes *bytes, Probe *probe);
void probe_tiff(Bytes *bytes, Probe *probe);
