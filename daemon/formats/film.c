/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "formats/film.h"

#include <string.h>

#include "formats/bytes.h"

enum {
    BUDGET = 4 * 1024 * 1024, /* bytes that are read */
    BOXES_MAX = 4096,         /* that are looked at in one box; fragments come after the header */
    KEYS_MAX = 256,
};

/* From 1904 on, as QuickTime counts, to 1970. */
static const int64_t epoch_s = INT64_C(2082844800);

static const char creation_key[] = "com.apple.quicktime.creationdate";

/* The first box of this type between `at` and `end`. */
static bool find(Bytes *bytes, uint64_t at, uint64_t end, const char *type, Box *box)
{
    for (int i = 0; i < BOXES_MAX && at < end && box_read(bytes, at, box); i++) {
        if (!memcmp(box->type, type, 4))
            return box->length <= end - at;
        if (box->length > end - at)
            return false;
        at += box->length;
    }
    return false;
}

static uint64_t inside(const Box *box)
{
    return box->at + box->header;
}

static uint64_t end_of(const Box *box)
{
    return box->at + box->length;
}

/* ---- the movie header ---- */

static void read_header(Bytes *bytes, const Box *movie, FilmDate *date)
{
    enum { VERSION = 4 }; /* and flags */
    Box header;

    if (!find(bytes, inside(movie), end_of(movie), "mvhd", &header) ||
        header.length < header.header + VERSION + 8)
        return;
    const unsigned char *said = bytes_at(bytes, inside(&header), VERSION + 8);
    if (!said)
        return;
    uint64_t since_1904 = said[0] == 1 ? be64(said + VERSION) : be32(said + VERSION);
    if (since_1904 > (uint64_t) epoch_s && since_1904 < (uint64_t) epoch_s + UINT32_MAX)
        date->utc_s = (int64_t) since_1904 - epoch_s;
}

/* ---- Apple's keys ---- */

/* The number of the key, from 1; 0: there is none. */
static uint32_t find_key(Bytes *bytes, const Box *keys)
{
    enum { HEAD = 8, ENTRY = 8 };
    const size_t length = sizeof(creation_key) - 1;
    uint64_t at = inside(keys) + HEAD, end = end_of(keys);

    for (uint32_t number = 1; number <= KEYS_MAX && at < end && end - at >= ENTRY; number++) {
        const unsigned char *entry = bytes_at(bytes, at, ENTRY);
        uint32_t size = entry ? be32(entry) : 0;
        if (size < ENTRY || size > end - at)
            return 0;
        if (size == ENTRY + length) {
            entry = bytes_at(bytes, at, ENTRY + length);
            if (entry && !memcmp(entry + 4, "mdta", 4) &&
                !memcmp(entry + ENTRY, creation_key, length))
                return number;
        }
        at += size;
    }
    return 0;
}

/* The item that has the number as its type, which is no text: box_read() would refuse it. */
static bool find_item(Bytes *bytes, const Box *list, uint32_t number, uint64_t *at, uint64_t *end)
{
    enum { HEAD = 8 };

    *at = inside(list);
    for (int i = 0; i < KEYS_MAX && *at < end_of(list) && end_of(list) - *at >= HEAD; i++) {
        const unsigned char *head = bytes_at(bytes, *at, HEAD);
        uint32_t size = head ? be32(head) : 0;
        if (size < HEAD || size > end_of(list) - *at)
            return false;
        *end = *at + size;
        if (be32(head + 4) == number) {
            *at += HEAD;
            return true;
        }
        *at = *end;
    }
    return false;
}

static void read_item(Bytes *bytes, uint64_t at, uint64_t end, FilmDate *date)
{
    enum { HEAD = 8 }; /* the type of the value, and its language */
    Box data;

    if (!find(bytes, at, end, "data", &data) || data.length < data.header + HEAD + 1)
        return;
    uint64_t length = data.length - data.header - HEAD;
    if (length >= FILM_DATE_BYTES ||
        !bytes_copy(bytes, inside(&data) + HEAD, date->text, (size_t) length))
        memset(date->text, 0, FILM_DATE_BYTES);
}

/* QuickTime's box has no version before its boxes, that of MP4 has one. */
static void read_keys(Bytes *bytes, const Box *movie, FilmDate *date)
{
    Box meta, keys, list;
    uint64_t at = 0, end = 0;

    if (!find(bytes, inside(movie), end_of(movie), "meta", &meta))
        return;
    uint64_t first = inside(&meta);
    if (!find(bytes, first, end_of(&meta), "keys", &keys)) {
        first += 4;
        if (!find(bytes, first, end_of(&meta), "keys", &keys))
            return;
    }
    uint32_t number = find_key(bytes, &keys);
    if (number && find(bytes, first, end_of(&meta), "ilst", &list) &&
        find_item(bytes, &list, number, &at, &end))
        read_item(bytes, at, end, date);
}

bool film_read_date(int fd, FilmDate *date)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    Box movie;

    *date = (FilmDate){ .utc_s = 0 };
    if (!bytes_begin(bytes, fd, BUDGET) || !find(bytes, 0, bytes->size, "moov", &movie))
        return false;
    read_keys(bytes, &movie, date);
    read_header(bytes, &movie, date);
    return *date->text || date->utc_s;
}
