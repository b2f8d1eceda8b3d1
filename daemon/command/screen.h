/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* screen.h - what `hotfolder status --watch` shows: the daemon's answer as the lines of a terminal.
 * Nothing is drawn here. */
#pragma once

#include <cjson/cJSON.h>

#include "command/terminal.h"

typedef struct ScreenLine {
    char *text;  /* no wider than the screen */
    Paint paint; /* of the whole line */
} ScreenLine;

/* At most `rows` lines (of ScreenLine, which the array frees) of at most `columns`: the daemon, the
 * cards that are read, the folders, those that need a person first, and what the workers do. What
 * has no room is counted. status: NULL while the daemon has not answered; `note`, which may be
 * NULL, is shown above all. */
GArray *screen_lines(const cJSON *status, const char *note, int rows, int columns);

/* A text that takes at most `columns` on a terminal, without its middle where it is longer; newly
 * allocated. */
char *screen_shorten(const char *text, int columns);

/* How many columns it takes; letters of Chinese take two. */
int screen_width(const char *text);
