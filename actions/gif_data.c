/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/gif_data.h"

#include <string.h>

#include "actions/damage.h"
#include "formats/gif.h"

enum { CODES = 4096, BITS_MAX = 12 };

/* The codes of a picture, read bit by bit through its chain of blocks. */
typedef struct Codes {
    Bytes *bytes;
    uint64_t at;
    unsigned left; /* bytes of the block */
    uint32_t buffer;
    unsigned held; /* bits in it */
    unsigned size; /* bits of the next code */
} Codes;

/* The next byte of the chain, or -1 at its end. */
static int next_byte(Codes *codes)
{
    const unsigned char *byte = NULL;

    if (!codes->left) {
        byte = bytes_at(codes->bytes, codes->at, 1);
        if (!byte || !*byte)
            return -1;
        codes->left = *byte;
        codes->at++;
    }
    byte = bytes_at(codes->bytes, codes->at, 1);
    if (!byte)
        return -1;
    codes->at++;
    codes->left--;
    return *byte;
}

static int next_code(Codes *codes)
{
    while (codes->held < codes->size) {
        int byte = next_byte(codes);
        if (byte < 0)
            return -1;
        codes->buffer |= (uint32_t) byte << codes->held;
        codes->held += 8;
    }
    int code = (int) (codes->buffer & ((1U << codes->size) - 1));
    codes->buffer >>= codes->size;
    codes->held -= codes->size;
    return code;
}

/* How many pixels the codes stand for, at most `most`: a code is a string of pixels, one longer
 * than an earlier one. */
static uint64_t count_pixels(Codes *codes, unsigned least, uint64_t most)
{
    uint16_t lengths[CODES];
    int clear = 1 << least, end = clear + 1, next = end + 1, last = -1, code = 0;
    uint64_t pixels = 0;

    for (int i = 0; i < clear; i++)
        lengths[i] = 1;
    codes->size = least + 1;
    while (pixels < most && (code = next_code(codes)) >= 0 && code != end) {
        if (code == clear) {
            codes->size = least + 1;
            next = end + 1;
            last = -1;
            continue;
        }
        if (code > next || (code == next && (last < 0 || next == CODES)))
            break; /* no code */
        if (last >= 0 && next < CODES) {
            lengths[next++] = (uint16_t) (lengths[last] + 1);
            if (next == 1 << codes->size && codes->size < BITS_MAX)
                codes->size++;
        }
        pixels += lengths[code];
        last = code;
    }
    return MIN(pixels, most);
}

/* What is there beside pictures. */
typedef struct Seen {
    bool end;   /* the end mark */
    bool loops; /* how often an animation is repeated */
} Seen;

static bool says_loops(Bytes *bytes, uint64_t at)
{
    static const char head[] = "!\xff\x0bNETSCAPE2.0";
    const unsigned char *extension = bytes_at(bytes, at, sizeof(head) - 1);

    return extension && memcmp(extension, head, sizeof(head) - 1) == 0;
}

/* Where the next picture begins, from `at` on; 0: nowhere. */
static uint64_t find_picture(Bytes *bytes, uint64_t at, Seen *seen)
{
    const unsigned char *block = NULL;

    while (at && (block = bytes_at(bytes, at, 1))) {
        unsigned kind = *block;
        if (kind == GIF_PICTURE)
            return at;
        seen->end |= kind == GIF_END;
        if (kind != GIF_EXTENSION && kind != 0)
            return 0;
        seen->loops |= kind == GIF_EXTENSION && says_loops(bytes, at);
        at = kind == GIF_EXTENSION ? gif_skip_chain(bytes, at + 2) : at + 1;
    }
    return 0;
}

/* Where the blocks behind the header and its table begin. */
static uint64_t first_block(Bytes *bytes)
{
    const unsigned char *header = bytes_at(bytes, 0, GIF_HEADER);

    return header ? GIF_HEADER + gif_table_size(header[10]) : 0;
}

typedef struct Extent {
    uint64_t all, found; /* pixels, of the size that is said, and of the codes */
    uint64_t data;       /* where the codes begin */
} Extent;

/* Measures the picture that begins at `at`. False where nothing is to be judged: it has no size, or
 * no codes. */
static bool measure(Bytes *bytes, uint64_t at, Extent *extent)
{
    const unsigned char *head = bytes_at(bytes, at, 10);

    if (!head)
        return false;
    extent->all = (uint64_t) le16(head + 5) * le16(head + 7);
    at += 10 + gif_table_size(head[9]);
    head = bytes_at(bytes, at, 1);
    unsigned least = head ? *head : 0;
    extent->data = at + 1;
    if (!extent->all || least < 1 || least >= BITS_MAX)
        return false;
    Codes codes = { .bytes = bytes, .at = extent->data };
    extent->found = count_pixels(&codes, least, extent->all);
    return true;
}

static bool report_missing(const Extent *extent)
{
    if (extent->found < extent->all)
        damage_report("GIF", DAMAGE_END, 0, (double) extent->found / (double) extent->all);
    return extent->found >= extent->all;
}

bool gif_data_is_whole(int fd)
{
    Bytes bytes;
    Extent extent;
    Seen seen = { 0 };
    uint64_t at =
        bytes_begin(&bytes, fd, UINT64_MAX) ? find_picture(&bytes, first_block(&bytes), &seen) : 0;

    bytes.read_size = BYTES_WINDOW;
    return !at || !measure(&bytes, at, &extent) || report_missing(&extent);
}

static bool refuse_open_end(int frames)
{
    damage_refuse(g_strdup_printf("the GIF is incomplete: it ends after %d frame%s, without an end "
                                  "mark",
                                  frames, frames == 1 ? "" : "s"),
                  "copy or export it again from where it came, or set pages = first");
    return false;
}

bool gif_frames_are_whole(int fd, int *frames)
{
    Bytes bytes;
    Extent extent;
    Seen seen = { 0 };

    *frames = 0;
    if (!bytes_begin(&bytes, fd, UINT64_MAX))
        return true;
    bytes.read_size = BYTES_WINDOW;
    for (uint64_t at = first_block(&bytes); (at = find_picture(&bytes, at, &seen));) {
        ++*frames;
        extent = (Extent){ .all = 1 }; /* where no size can be read, a pixel is missing */
        measure(&bytes, at, &extent);
        if (!report_missing(&extent))
            return false;
        at = gif_skip_chain(&bytes, extent.data);
    }
    bool single = *frames <= 1 && !seen.loops;
    return seen.end || single || refuse_open_end(*frames);
}
