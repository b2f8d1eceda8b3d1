/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/last_line.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_BYTES = 400, /* that are kept of a line */
    PART = 64 * 1024,
    PARTS_MAX = 16, /* that are read before the caller looks at anything else */
};

LastLine last_line_new(void)
{
    return (LastLine){ .fd = -1, .last = g_string_new(NULL), .now = g_string_new(NULL) };
}

static void end_line(LastLine *lines)
{
    g_strstrip(lines->now->str);
    lines->now->len = strlen(lines->now->str);
    if (lines->now->len)
        g_string_assign(lines->last, lines->now->str);
    g_string_truncate(lines->now, 0);
}

static void take_bytes(LastLine *lines, const char *bytes, ssize_t size)
{
    for (ssize_t i = 0; i < size; i++)
        if (bytes[i] == '\n' || bytes[i] == '\r')
            end_line(lines);
        else if (bytes[i] && lines->now->len < LINE_BYTES)
            g_string_append_c(lines->now, bytes[i]);
}

bool last_line_read(LastLine *lines)
{
    g_autofree char *part = g_malloc(PART);

    for (int i = 0; i < PARTS_MAX; i++) {
        ssize_t got = read(lines->fd, part, PART);
        if (got < 0)
            return errno == EAGAIN || errno == EINTR;
        if (got == 0)
            return false;
        take_bytes(lines, part, got);
    }
    return true;
}

char *last_line_end(LastLine *lines)
{
    if (lines->fd >= 0) {
        last_line_read(lines);
        close(lines->fd);
    }
    lines->fd = -1;
    end_line(lines);
    g_string_free(lines->now, TRUE);
    return g_string_free(lines->last, FALSE);
}
