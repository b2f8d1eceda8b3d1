#include "config/conf_text.h"

#include <string.h>

char *conf_line(const char *file, int line)
{
    g_autofree char *escaped = g_uri_escape_string(file, "/ ", FALSE);

    return g_strdup_printf("#line %d \"%s\"\n", line, escaped);
}

/* Notes `#line N "FILE"` at `c`, line `line` of the text; anything less exact is a comment. */
static void read_position(ConfScan *scan, const char *c, int line)
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
    ConfPlace position = { line + 1, g_steal_pointer(&file), (int) number };
    g_array_append_val(scan->positions, position);
}

static void read_positions(ConfScan *scan, const char *text)
{
    int line = 1;

    for (const char *c = text; c && *c; line++) {
        if (g_str_has_prefix(c, "#line "))
            read_position(scan, c, line);
        c = strchr(c, '\n');
        c = c ? c + 1 : NULL;
    }
}

ConfScan *conftext_new(const char *file, const char *text, bool line_directives)
{
    ConfPlace first = { .line = 1, .file = g_strdup(file), .number = 1 };
    ConfScan *scan = g_new0(ConfScan, 1);

    scan->positions = g_array_new(FALSE, FALSE, sizeof(ConfPlace));
    scan->text = g_strdup(text);
    g_array_append_val(scan->positions, first);
    if (line_directives)
        read_positions(scan, text);
    return scan;
}

void confscan_free(ConfScan *scan)
{
    if (!scan)
        return;
    for (guint i = 0; i < scan->positions->len; i++)
        g_free(g_array_index(scan->positions, ConfPlace, i).file);
    g_array_unref(scan->positions);
    conf_free(scan->root);
    g_free(scan->text);
    g_free(scan);
}

void confscan_place(const ConfScan *scan, int line, const char **file, int *number)
{
    const ConfPlace *position = &g_array_index(scan->positions, ConfPlace, 0);

    for (guint i = 1; i < scan->positions->len; i++) {
        const ConfPlace *next = &g_array_index(scan->positions, ConfPlace, i);
        if (next->line > line)
            break;
        position = next;
    }
    *file = position->file;
    *number = position->number + line - position->line;
}
