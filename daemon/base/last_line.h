/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* last_line.h - the last line that another program writes into a pipe: most programs say there why
 * they failed. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct LastLine {
    int fd;        /* of the pipe, ours; it does not block. -1: none */
    GString *last; /* the last whole line that is not blank, cut, with bytes of any kind */
    GString *now;  /* the one that has begun */
} LastLine;

/* One without a pipe. */
LastLine last_line_new(void);

/* Reads what is there; false when no more will come. */
bool last_line_read(LastLine *lines);

/* Reads the rest, closes the pipe and returns the last line, newly allocated. */
char *last_line_end(LastLine *lines);
