/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "formats/bytes.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool bytes_begin(Bytes *bytes, int fd, uint64_t budget)
{
    struct stat st;

    if (fstat(fd, &st))
        return false;
    bytes->fd = fd;
    bytes->memory = NULL;
    bytes->size = (uint64_t) MAX(st.st_size, 0);
    bytes->budget = budget;
    bytes->read_size = BYTES_MAX_READ;
    bytes->exhausted = false;
    bytes->error = 0;
    bytes->at = 0;
    bytes->have = 0; /* fill() fills the window itself */
    return true;
}

void bytes_begin_memory(Bytes *bytes, const void *memory, size_t size)
{
    bytes->fd = -1;
    bytes->memory = memory;
    bytes->size = size;
    bytes->exhausted = false;
    bytes->error = 0;
    bytes->at = 0;
    bytes->have = size; /* the window is all of it */
}

bool bytes_in_file(const Bytes *bytes, uint64_t at, uint64_t length)
{
    return at <= bytes->size && length <= bytes->size - at;
}

/* Fills the window from `at`; false when it got no byte. */
static bool fill(Bytes *bytes, uint64_t at, size_t want)
{
    size_t length = MAX(want, bytes->read_size);
    ssize_t got = 0;

    bytes->have = 0;
    if (bytes->budget == 0) {
        bytes->exhausted = true;
        return false;
    }
    do
        got = pread(bytes->fd, bytes->window, length, (off_t) at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        bytes->error = errno;
    if (got <= 0)
        return false;
    bytes->at = at;
    bytes->have = (size_t) got;
    bytes->budget -= MIN(bytes->budget, MAX((uint64_t) got, (uint64_t) BYTES_MAX_READ));
    return true;
}

static bool in_window(const Bytes *bytes, uint64_t at, size_t want)
{
    return at >= bytes->at && at - bytes->at <= bytes->have &&
           want <= bytes->have - (size_t) (at - bytes->at);
}

const unsigned char *bytes_at(Bytes *bytes, uint64_t at, size_t want)
{
    if (want > BYTES_MAX_READ || !bytes_in_file(bytes, at, want) || bytes->error)
        return NULL;
    if (!in_window(bytes, at, want) && (!fill(bytes, at, want) || !in_window(bytes, at, want)))
        return NULL;
    return (bytes->memory ? bytes->memory : bytes->window) + (at - bytes->at);
}

const unsigned char *bytes_from(Bytes *bytes, uint64_t at, size_t *count)
{
    const unsigned char *first = bytes_at(bytes, at, 1);

    if (first)
        *count = bytes->have - (size_t) (at - bytes->at);
    return first;
}

bool bytes_copy(Bytes *bytes, uint64_t at, void *to, size_t length)
{
    unsigned char *end = to;
    size_t have = 0;

    if (!bytes_in_file(bytes, at, length))
        return false;
    for (size_t done = 0; done < length; done += have) {
        const unsigned char *run = bytes_from(bytes, at + done, &have);
        if (!run)
            return false;
        have = MIN(have, length - done);
        memcpy(end + done, run, have);
    }
    return true;
}

bool box_read(Bytes *bytes, uint64_t at, Box *box)
{
    const unsigned char *head = bytes_at(bytes, at, 8);

    *box = (Box){ .at = at, .header = 8 };
    if (!head)
        return false;
    memcpy(box->type, head + 4, 4);
    box->length = be32(head);
    for (int i = 0; i < 4; i++)
        if (box->type[i] < ' ' || box->type[i] > '~')
            return false;
    if (box->length == 0) {
        box->open = true;
        box->length = bytes->size - at;
    } else if (box->length == 1) {
        head = bytes_at(bytes, at, 16);
        if (!head)
            return false;
        box->length = be64(head + 8);
        box->header = 16;
    }
    return box->length >= box->header;
}
