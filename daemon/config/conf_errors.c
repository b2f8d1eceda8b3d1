/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/conf_errors.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void conf_add_error(GPtrArray *errors, const char *file, int line, const char *fix,
                    const char *format, ...)
{
    Error *error = g_new0(Error, 1);
    g_autofree char *file_shown = text_escape(file);
    va_list args;

    va_start(args, format);
    error->kind = ERROR_CONFIG;
    error->what = g_strdup_vprintf(format, args);
    error->where = g_strdup_printf("%s:%d", file_shown, line);
    error->fix = g_strdup(fix);
    va_end(args);
    g_ptr_array_add(errors, error);
}

/* What an error is sorted by. */
typedef struct Rank {
    guint file; /* its index among the files; unknown files come last */
    char *name;
    long line;
} Rank;

static Rank rank(const Error *error, const GPtrArray *files)
{
    const char *where = error->where ? error->where : "";
    const char *colon = strrchr(where, ':');
    Rank rank = { .line = colon ? strtol(colon + 1, NULL, 10) : 0,
                  .name = colon ? g_strndup(where, (size_t) (colon - where)) : g_strdup(where) };

    for (rank.file = 0; rank.file < files->len; rank.file++) {
        g_autofree char *shown = text_escape(files->pdata[rank.file]);
        if (!strcmp(shown, rank.name))
            break;
    }
    return rank;
}

static gint compare(gconstpointer a, gconstpointer b, gpointer files)
{
    Rank first = rank(*(const Error *const *) a, files);
    Rank second = rank(*(const Error *const *) b, files);
    int order = (first.file > second.file) - (first.file < second.file);

    if (!order)
        order = strcmp(first.name, second.name);
    if (!order)
        order = (first.line > second.line) - (first.line < second.line);
    g_free(first.name);
    g_free(second.name);
    return order;
}

void conf_sort_errors(GPtrArray *errors, const GPtrArray *files)
{
    /* a stable sort: two errors of one line stay in the order they were found */
    g_qsort_with_data(errors->pdata, (gint) errors->len, sizeof(gpointer), compare,
                      (gpointer) (guintptr) files);
}
