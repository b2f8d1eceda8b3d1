/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_texts.h"

GStrv texts_joined(const char *const *old, const char *const *texts)
{
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();

    for (const char *const *text = old; text && *text; text++)
        g_strv_builder_add(all, *text);
    for (; *texts; texts++)
        if (!old || !g_strv_contains(old, *texts))
            g_strv_builder_add(all, *texts);
    return g_strv_builder_end(all);
}

static bool is_blank(const char *text)
{
    while (g_ascii_isspace(*text))
        text++;
    return !*text;
}

GStrv texts_said(const char *const *texts, bool list)
{
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
    bool any = false;

    for (; texts && *texts && (list || !any); texts++) {
        g_autofree char *valid = g_utf8_make_valid(*texts, -1);
        if (is_blank(valid))
            continue;
        any = true;
        g_strv_builder_add(kept, valid);
    }
    return g_strv_builder_end(kept);
}
