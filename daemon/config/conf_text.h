/* conf_text.h - configuration text on its way to libConfuse, and which line of which file each of
 * its lines is from. */
#pragma once

#include "config/conf_node.h"

/* Line `line` of the text is line `number` of `file`, and so on from there. */
typedef struct ConfPlace {
    int line;
    char *file;
    int number;
} ConfPlace;

typedef struct ConfScan {
    char *text;        /* what libConfuse reads: comments, errors and verbatim sections blanked */
    ConfNode *root;    /* the statements left in text, without their values */
    GArray *positions; /* of ConfPlace, by line; the first is line 1 */
} ConfScan;

/* A copy of `text`, the content of `file`, without a root yet. Where `line_directives` is set, its
 * `#line` lines say where the lines after them are from. Newly allocated. */
ConfScan *conftext_new(const char *file, const char *text, bool line_directives);
void confscan_free(ConfScan *scan); /* root too, unless it was stolen */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfScan, confscan_free)

/* Sets the file and line that a line of the text is from; *file is borrowed. */
void confscan_place(const ConfScan *scan, int line, const char **file, int *number);

/* `#line N "FILE"` with its newline, newly allocated: see ConfSection.line_directives. */
char *conf_line(const char *file, int line);
