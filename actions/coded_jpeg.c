/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/coded_jpeg.h"

#include <string.h>

#include "formats/jpeg.h"

enum {
    SOF0 = 0xc0, /* baseline, then sequential and progressive, all of Huffman's codes */
    SOF2 = 0xc2,
    DHT = 0xc4,
    SOF_LAST = 0xcf, /* JPG and DAC among them */
    ADOBE = JPEG_APP0 + 14,
    ADOBE_SIZE = 12,
    JFIF_SIZE = 14,
};

/* What decoders go by to tell YCbCr from RGB. */
typedef struct Walk {
    Bytes *bytes;
    CodedJpeg *coded;
    bool jfif, rgb_names, scan;
    CodedRun adobe; /* the segment; its size is 0 where there is none */
} Walk;

static void add_run(CodedJpeg *coded, CodedRun run)
{
    g_array_append_val(coded->runs, run);
    coded->size += run.size;
}

/* Says which kinds we know; the first three colours' names. */
static bool read_frame(Walk *walk, unsigned marker, uint64_t at, unsigned length)
{
    enum { HEAD = 8, EACH = 3, MOST = HEAD + 3 * EACH };
    const unsigned char *head =
        length >= HEAD ? bytes_at(walk->bytes, at, MIN(length, MOST)) : NULL;

    if (!head || marker > SOF2 || (head[7] != 1 && head[7] != 3) ||
        length < (unsigned) (HEAD + head[7] * EACH))
        return false;
    walk->coded->colours = head[7];
    walk->coded->progressive = marker == SOF2;
    walk->rgb_names = head[7] == 3 && head[HEAD] == 'R' && head[HEAD + EACH] == 'G' &&
                      head[HEAD + 2 * EACH] == 'B';
    return true;
}

static void note_colours(Walk *walk, unsigned marker, uint64_t at, unsigned length)
{
    const unsigned char *mark = length >= 2 + ADOBE_SIZE ? bytes_at(walk->bytes, at + 2, 5) : NULL;

    if (mark && marker == JPEG_APP0 && length >= 2 + JFIF_SIZE && memcmp(mark, "JFIF", 5) == 0)
        walk->jfif = true;
    if (mark && marker == ADOBE && memcmp(mark, "Adobe", 5) == 0)
        walk->adobe = (CodedRun){ at - 2, 2U + length };
}

/* The first marker behind the codes of a scan from `at` on; 0 where there is none. */
static uint64_t end_of_scan(Bytes *bytes, uint64_t at)
{
    size_t count = 0;

    for (const unsigned char *p; (p = bytes_from(bytes, at, &count));) {
        const unsigned char *found = memchr(p, JPEG_MARKER, count);
        at += found ? (uint64_t) (found - p) : count;
        const unsigned char *marker = found ? bytes_at(bytes, at, 2) : NULL;
        if (found && !marker)
            return 0;
        if (marker && marker[1] == JPEG_MARKER)
            at++;
        else if (marker && marker[1] != 0 && !(marker[1] >= JPEG_RST0 && marker[1] <= JPEG_RST7))
            return at;
        else if (marker)
            at += 2;
    }
    return 0;
}

/* A segment whose length stands at `at`; *next is where the next marker is. */
static bool read_segment(Walk *walk, unsigned marker, uint64_t at, uint64_t *next)
{
    const unsigned char *head = bytes_at(walk->bytes, at, 2);
    unsigned length = head ? be16(head) : 0;

    if (length < 2 || !bytes_in_file(walk->bytes, at, length))
        return false;
    *next = at + length;
    if ((marker >= JPEG_APP0 && marker <= JPEG_APP15) || marker == JPEG_COM) {
        note_colours(walk, marker, at, length);
        return true;
    }
    if (marker >= SOF0 && marker <= SOF_LAST && marker != DHT &&
        !read_frame(walk, marker, at, length))
        return false;
    if (marker == JPEG_SOS) {
        *next = end_of_scan(walk->bytes, *next);
        walk->scan = *next;
        if (!*next)
            return false;
    }
    add_run(walk->coded, (CodedRun){ at - 2, *next - (at - 2) });
    return true;
}

static bool walk_to_end(Walk *walk)
{
    const unsigned char *head = NULL;
    uint64_t at = 2;

    while ((head = bytes_at(walk->bytes, at, 2)) && head[0] == JPEG_MARKER) {
        unsigned marker = head[1];
        if (marker == JPEG_MARKER) {
            at++;
        } else if (marker == JPEG_EOI) {
            add_run(walk->coded, (CodedRun){ at, 2 });
            return walk->scan && walk->coded->colours;
        } else if (marker == 0 || jpeg_has_no_length(marker) ||
                   !read_segment(walk, marker, at + 2, &at)) {
            return false;
        }
    }
    return false;
}

/* JFIF says YCbCr; without it Adobe's segment says which, and without that the names. */
static bool keep_colours(Walk *walk)
{
    CodedJpeg *coded = walk->coded;

    if (coded->colours == 1)
        return true;
    coded->needs_jfif = walk->jfif && walk->rgb_names;
    coded->refuses_jfif = !walk->jfif && (walk->adobe.size || walk->rgb_names);
    if (walk->jfif || !walk->adobe.size)
        return true;
    coded->size += walk->adobe.size;
    g_array_prepend_val(coded->runs, walk->adobe);
    return walk->adobe.size == 4 + ADOBE_SIZE; /* in a longer one may be anything */
}

bool coded_jpeg_find(Bytes *bytes, CodedJpeg *coded)
{
    Walk walk = { .bytes = bytes, .coded = coded };

    *coded = (CodedJpeg){ .runs = g_array_new(FALSE, FALSE, sizeof(CodedRun)) };
    return walk_to_end(&walk) && keep_colours(&walk);
}

void coded_jpeg_clear(CodedJpeg *coded)
{
    g_clear_pointer(&coded->runs, g_array_unref);
}
