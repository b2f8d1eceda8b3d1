/* conf_grammar.h - the look over configuration text before libConfuse sees it; used by conf.c only.
 */
#pragma once

#include "config/conf.h"

/* Line `line` of the text is line `number` of `file`, and so on from there. */
typedef struct ConfPlace {
    int line;
    char *file;
    int number;
} ConfPlace;

typedef struct ConfScan {
    char *text; /* what libConfuse shall read: comments, mistakes and verbatim sections blanked */
    ConfNode *root; /* the statements left in text, without their values */
    GArray *places; /* of ConfPlace */
} ConfScan;

/* See conf_read(). */
ConfScan *confscan_run(const ConfSection *file_schema, const char *file, const char *text,
                       GHashTable *stated, GPtrArray *mistakes);
void confscan_free(ConfScan *scan); /* root too, unless it was stolen */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfScan, confscan_free)

/* Where a line of the text is from; *file is borrowed. */
void confscan_place(const ConfScan *scan, int line, const char **file, int *number);
