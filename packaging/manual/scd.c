/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scd.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

char *scd_text(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *c = text; *c; c++) {
        if (*c == '`') {
            g_string_append_c(out, '*');
            continue;
        }
        if (strchr("\\*_#|[]+~", *c))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *c);
    }
    return g_string_free(out, FALSE);
}

char *scd_sentence(const char *text)
{
    g_autofree char *escaped = scd_text(text);
    const char *end = g_str_has_suffix(escaped, ".") ? "" : ".";

    *escaped = g_ascii_toupper(*escaped);
    return g_strconcat(escaped, end, NULL);
}

void scd_literal(const char *text, const char *indent)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    printf("%s```\n", indent);
    for (char **line = lines; *line; line++)
        if (**line || line[1])
            printf("%s%s\n", indent, *line);
    printf("%s```\n", indent);
}
