#include "config/conf_text.h"

#include <string.h>

char *conf_line(const char *file, int line)
{
    g_autofree char *escaped = g_uri_escape_string(file, "/ ", FALSE);

    return g_strdup_printf("#line %d \"%s\"\n", line, escaped);
}

/* Takes in `#line N "FILE"` at `c`, line `line` of the text; what is not quite that is a comment.
 */
static void read_place(ConfScan *scan, const char *c, int line)
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
    ConfPlace place = { line + 1, g_steal_pointer(&file), (int) number };
    g_array_append_val(scan->places, place);
}

static void read_places(ConfScan *scan, const char *text)
{
    int line = 1;

    for (const char *c = text; c && *c; line++) {
        if (g_str_has_prefix(c, "#line "))
            read_place(scan, c, line);
        c = strchr(c, '\n');
        c = c ? c + 1 : NULL;
    }
}

ConfScan *conftext_new(const char *file, const char *text, bool placed)
{
    ConfPlace first = { .line = 1, .file = g_strdup(file), .number = 1 };
    ConfScan *scan = g_new0(ConfScan, 1);

    scan->places = g_array_new(FALSE, FALSE, sizeof(ConfPlace));
    scan->text = g_strdup(text);
    g_array_append_val(scan->places, first);
    if (placed)
        read_places(scan, text);
    return scan;
}

void confscan_free(ConfScan *scan)
{
    if (!scan)
        return;
    for (guint i = 0; i < scan->places->len; i++)
        g_free(g_array_index(scan->places, ConfPlace, i).file);
    g_array_unref(scan->places);
    conf_free(scan->root);
    g_free(scan->text);
    g_free(scan);
}

void confscan_place(const ConfScan *scan, int line, const char **file, int *number)
{
    const ConfPlace *place = &g_array_index(scan->places, ConfPlace, 0);

    for (guint i = 1; i < scan->places->len; i++) {
        const ConfPlace *next = &g_array_index(scan->places, ConfPlace, i);
        if (next->line > line)
            break;
        place = next;
    }
    *file = place->file;
    *number = place->number + line - place->line;
}
