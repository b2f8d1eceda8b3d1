/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/imports_document.h"

#include <string.h>

#include "config/conf_text.h"

/* As a text in quotes; newly allocated. */
static char *quoted(const char *text)
{
    GString *out = g_string_new("\"");

    for (; *text; text++) {
        if (g_ascii_iscntrl(*text))
            g_string_append_printf(out, "\\x%02x", (unsigned) *text);
        else
            g_string_append_printf(out, "%s%c", strchr("\"\\$", *text) ? "\\" : "", *text);
    }
    return g_string_free(g_string_append_c(out, '"'), FALSE);
}

/* A line `name = "text"`; none where it is NULL. */
static void add_text(GString *document, const char *name, const char *text)
{
    g_autofree char *value = text ? quoted(text) : NULL;

    if (text)
        g_string_append_printf(document, "    %s = %s\n", name, value);
}

static void add_line(GString *document, const char *file, int line)
{
    g_autofree char *position = file ? conftext_line(file, line) : NULL;

    g_string_append(document, position ? position : "");
}

/* The line before a section, and its first one. A title is as it is written, without escapes. */
static void add_head(GString *document, const char *section, const char *title, const char *file,
                     int line)
{
    add_line(document, file, line);
    g_string_append_printf(document, "%s \"%s\" {\n", section, title);
}

static void add_import_text(GString *document, const Import *import)
{
    add_head(document, "import", import->name, import->file, import->line);
    g_string_append_printf(document, "    day_starts = %d\n", import->day_starts);
    add_line(document, import->file, import->name_line);
    add_text(document, "name", import->pattern);
    if (import->when)
        add_line(document, import->file, import->when_line);
    add_text(document, "when", import->when);
    g_string_append(document, "}\n");
}

char *imports_document(const GPtrArray *imports, const GPtrArray *cameras)
{
    GString *document = g_string_new(NULL);

    for (guint i = 0; i < cameras->len; i++) {
        const Camera *camera = cameras->pdata[i];
        add_head(document, "camera", camera->name, camera->file, camera->line);
        add_text(document, "serial", camera->serial);
        add_text(document, "clock", camera->clock);
        add_text(document, "owner", camera->owner);
        g_string_append(document, "}\n");
    }
    for (guint i = 0; i < imports->len; i++)
        add_import_text(document, imports->pdata[i]);
    return g_string_free(document, FALSE);
}
