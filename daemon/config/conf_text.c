/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/conf_text.h"

#include <string.h>

char *conftext_line(const char *file, int line)
{
    g_autofree char *escaped = g_uri_escape_string(file, "/ ", FALSE);

    return g_strdup_printf("#line %d \"%s\"\n", line, escaped);
}

/* Records `#line N "FILE"` at `c`, line `line` of the text; anything less exact is a comment. */
static void read_position(ConfText *conftext, const char *c, int line)
{
    g_auto(GStrv) parts = NULL;
    g_autofree char *text = g_strndup(c, strcspn(c, "\n"));
    g_autofree char *file = NULL;
    guint64 number = 0;

    parts = g_strsplit(text, "\"", 3);
    if (g_strv_length(parts) != 3 || *parts[2] || !g_str_has_prefix(parts[0], "#line "))
        return;
    g_strchomp(parts[0]);
    if (!g_ascii_string_to_unsigned(parts[0] + strlen("#line "), 10, 1, INT_MAX / 2, &number, NULL))
        return;
    file = g_uri_unescape_string(parts[1], NULL);
    if (!file)
        return;
    ConfPosition position = { line + 1, g_steal_pointer(&file), (int) number };
    g_array_append_val(conftext->positions, position);
}

static void read_positions(ConfText *conftext, const char *text)
{
    int line = 1;

    for (const char *c = text; c && *c; line++) {
        if (g_str_has_prefix(c, "#line "))
            read_position(conftext, c, line);
        c = strchr(c, '\n');
        c = c ? c + 1 : NULL;
    }
}

ConfText *conftext_new(const char *file, const char *text, bool line_directives)
{
    ConfPosition first = { .line = 1, .file = g_strdup(file), .number = 1 };
    ConfText *conftext = g_new0(ConfText, 1);

    conftext->positions = g_array_new(FALSE, FALSE, sizeof(ConfPosition));
    conftext->text = g_strdup(text);
    g_array_append_val(conftext->positions, first);
    if (line_directives)
        read_positions(conftext, text);
    return conftext;
}

void conftext_free(ConfText *conftext)
{
    if (!conftext)
        return;
    for (guint i = 0; i < conftext->positions->len; i++)
        g_free(g_array_index(conftext->positions, ConfPosition, i).file);
    g_array_unref(conftext->positions);
    conf_free(conftext->root);
    g_free(conftext->text);
    g_free(conftext);
}

void conftext_position(const ConfText *conftext, int line, const char **file, int *number)
{
    const ConfPosition *position = &g_array_index(conftext->positions, ConfPosition, 0);

    for (guint i = 1; i < conftext->positions->len; i++) {
        const ConfPosition *next = &g_array_index(conftext->positions, ConfPosition, i);
        if (next->line > line)
            break;
        position = next;
    }
    *file = position->file;
    *number = position->number + line - position->line;
}
