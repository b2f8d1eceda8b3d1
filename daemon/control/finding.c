/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/finding.h"

#include <stdarg.h>

#include "base/text.h"

static void finding_free(void *data)
{
    Finding *finding = data;

    g_free(finding->folder);
    g_free(finding->where);
    g_free(finding->what);
    g_free(finding->fix);
    g_free(finding);
}

GPtrArray *finding_list_new(void)
{
    return g_ptr_array_new_with_free_func(finding_free);
}

static char *place_of(const Folder *folder)
{
    g_autofree char *file = text_escape(folder->file);

    return g_strdup_printf("%s:%d", file, folder->line);
}

void finding_add_at(GPtrArray *list, FindingLevel level, const Folder *folder, const char *where,
                    const char *fix, const char *what)
{
    Finding *finding = g_new0(Finding, 1);

    finding->level = level;
    finding->folder = folder ? g_strdup(folder->name) : NULL;
    finding->where = !where && folder && level != FINDING_OK ? place_of(folder) : g_strdup(where);
    finding->what = text_escape(what);
    finding->fix = fix ? text_escape(fix) : NULL;
    g_ptr_array_add(list, finding);
}

void finding_add(GPtrArray *list, FindingLevel level, const Folder *folder, const char *fix,
                 const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    finding_add_at(list, level, folder, NULL, fix, what);
}

void finding_add_error(GPtrArray *list, FindingLevel level, const Folder *folder,
                       const Error *error)
{
    g_autofree char *what =
        error->where ? g_strdup_printf("%s: %s", error->where, error->what) : g_strdup(error->what);

    finding_add_at(list, level, folder, NULL, error->fix, what);
}

unsigned finding_problems(const GPtrArray *list, unsigned from)
{
    unsigned problems = 0;

    for (guint i = from; i < list->len; i++) {
        const Finding *finding = list->pdata[i];
        problems += finding->level == FINDING_PROBLEM;
    }
    return problems;
}

const char *finding_word(FindingLevel level)
{
    static const char *const words[] = { "ok", "note", "problem" };

    return words[level];
}

/* Its texts are safe already. */
static cJSON *finding_json(const Finding *finding)
{
    cJSON *object = cJSON_CreateObject();
    const char *const names[] = { "folder", "where", "what", "fix" };
    const char *const texts[] = { finding->folder, finding->where, finding->what, finding->fix };

    cJSON_AddStringToObject(object, "level", finding_word(finding->level));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (texts[i])
            cJSON_AddStringToObject(object, names[i], texts[i]);
    return object;
}

cJSON *finding_list_json(const GPtrArray *list)
{
    cJSON *array = cJSON_CreateArray();

    for (guint i = 0; i < list->len; i++)
        cJSON_AddItemToArray(array, finding_json(list->pdata[i]));
    return array;
}
