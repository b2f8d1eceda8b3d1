/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/draft.h"

#include <string.h>

#include "base/text.h"
#include "config/conf_text.h"

enum { NAMES_MAX = 256 }; /* profiles among which a similar name is looked for */

Draft *draft_new(const char *file, GPtrArray *errors)
{
    Draft *draft = g_new0(Draft, 1);

    draft->settings = settings_new(file);
    draft->shipped_errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    draft->shipped = settings_files_new(draft->shipped_errors);
    draft->used_profiles = g_ptr_array_new();
    draft->reads = g_string_new(NULL);
    draft->feedback = g_array_new(FALSE, TRUE, sizeof(FeedbackFolder));
    draft->errors = errors;
    draft->errors_before = errors->len;
    return draft;
}

void draft_free(Draft *draft)
{
    if (!draft)
        return;
    settings_unref(draft->settings);
    settings_files_free(draft->files);
    settings_files_free(draft->shipped);
    g_ptr_array_unref(draft->shipped_errors);
    g_ptr_array_unref(draft->used_profiles);
    g_string_free(draft->reads, TRUE);
    g_array_unref(draft->feedback);
    g_free(draft);
}

/* What to do about a missing profile; newly allocated. */
static char *profile_advice(const Settings *settings, const char *name)
{
    const char *names[NAMES_MAX + 1] = { NULL };
    g_autofree char *all = NULL;
    guint count = MIN(settings->profiles->len, NAMES_MAX);
    const char *meant = NULL;

    for (guint i = 0; i < count; i++)
        names[i] = ((const ProfileText *) settings->profiles->pdata[i])->name;
    meant = text_closest(name, names);
    if (meant)
        return g_strdup_printf("did you mean %s?", meant);
    if (!count)
        return g_strdup_printf("write profile \"%s\" { ... }", name);
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < count; i++)
        g_string_append_printf(list, "%s%s", i ? ", " : "", names[i]);
    all = g_string_free(list, FALSE);
    return g_strdup_printf("choose one of: %s", all);
}

void draft_use_profile(Draft *draft, const ProfileText *profile)
{
    if (!g_ptr_array_find(draft->used_profiles, profile, NULL))
        g_ptr_array_add(draft->used_profiles, (gpointer) (guintptr) profile);
}

/* Appends what was wrong in the shipped files: one of them may have had the missing profile. */
static void report_shipped(Draft *draft)
{
    while (draft->shipped_errors->len)
        g_ptr_array_add(draft->errors, g_ptr_array_steal_index(draft->shipped_errors, 0));
}

const ProfileText *draft_find_profile(Draft *draft, const char *name, const ConfNode *from)
{
    const ProfileText *profile = settings_find_profile(draft->settings, name);
    g_autofree char *key = g_strdup_printf("profile \"%s\"", name);
    g_autofree char *shown = text_value(name, 60);
    g_autofree char *advice = NULL;
    Error *error = NULL;

    if (profile)
        draft_use_profile(draft, profile);
    if (profile || g_hash_table_contains(draft->files->set_at, key))
        return profile;
    advice = profile_advice(draft->settings, name);
    error_set(&error, ERROR_CONFIG, advice, "%s%s: no such profile", from ? "profile = " : "",
              shown);
    if (from) {
        g_autofree char *file = text_escape(from->file);
        error_set_where(&error, "%s:%d", file, from->line);
    }
    g_ptr_array_add(draft->errors, error);
    report_shipped(draft);
    return NULL;
}

void draft_require_formats(Draft *draft, const ConfNode *accept, unsigned formats)
{
    g_autofree char *position = accept ? conftext_line(accept->file, accept->line) : NULL;
    g_autofree char *list = format_words(formats);

    if (position && *list && !strstr(draft->reads->str, position))
        g_string_append_printf(draft->reads, "%sreads { accept = { %s } }\n", position, list);
}

const ConfNode *draft_place(const ConfNode *node, const char *setting)
{
    const ConfNode *statement = conf_find(node, setting);

    return statement ? statement : node;
}

void draft_refuse(Draft *draft, const ConfNode *node, const char *setting, const char *fix,
                  const char *format, ...)
{
    const ConfNode *at = draft_place(node, setting);
    va_list args;

    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    conf_add_error(draft->errors, at->file, at->line, fix, "%s%s%s", at == node ? "" : setting,
                   at == node ? "" : " = ", what);
}

void draft_advise(Draft *draft, const ConfNode *at, const char *fix, const char *what)
{
    g_autofree char *file = text_escape(at->file);
    Error *advice = NULL;

    error_set(&advice, ERROR_CONFIG, fix, "%s", what);
    error_set_where(&advice, "%s:%d", file, at->line);
    g_ptr_array_add(draft->settings->advice, advice);
}
