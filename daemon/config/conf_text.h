/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conf_text.h - configuration text on its way to libConfuse, and which line of which file each of
 * its lines is from. */
#pragma once

#include "config/conf_node.h"

/* Line `line` of the text is line `number` of `file`, and so on from there. */
typedef struct ConfPosition {
    int line;
    char *file;
    int number;
} ConfPosition;

typedef struct ConfText {
    char *text;        /* what libConfuse reads: comments, errors and verbatim sections blanked */
    ConfNode *root;    /* the statements left in text, without their values */
    GArray *positions; /* of ConfPosition, by line; the first is line 1 */
} ConfText;

/* A copy of `text`, the content of `file`, without a root yet. Where `line_directives` is set, its
 * `#line` lines say where the lines after them are from. Newly allocated. */
ConfText *conftext_new(const char *file, const char *text, bool line_directives);
void conftext_free(ConfText *conftext); /* root too, unless it was stolen */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfText, conftext_free)

/* Sets the file and line that a line of the text is from; *file is borrowed. */
void conftext_position(const ConfText *conftext, int line, const char **file, int *number);

/* `#line N "FILE"` with its newline, newly allocated: see ConfSection.line_directives. */
char *conftext_line(const char *file, int line);
