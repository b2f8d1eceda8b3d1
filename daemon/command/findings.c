/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/findings.h"

#include <string.h>

#include "command/json.h"
#include "command/terminal.h"

/* Where a text that begins so is collected. */
static struct {
    const char *beginning, *list;
    cJSON *found; /* NULL: they are written as lines */
} kinds[] = { { "", "errors", NULL },
              { "warning: ", "warnings", NULL },
              { "note: ", "notes", NULL } };

enum { ERRORS, LAST = G_N_ELEMENTS(kinds) - 1 };

void findings_collect(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        kinds[i].found = cJSON_CreateArray();
}

static void add_if(cJSON *object, const char *name, const char *text)
{
    if (text)
        json_add_text(object, name, text);
}

static void collect(const char *where, const char *folder, const char *what, const char *fix)
{
    cJSON *object = cJSON_CreateObject();
    size_t kind = LAST;

    while (!g_str_has_prefix(what, kinds[kind].beginning))
        kind--;
    add_if(object, "where", where);
    add_if(object, "folder", folder);
    json_add_text(object, "what", what + strlen(kinds[kind].beginning));
    add_if(object, "fix", fix);
    cJSON_AddItemToArray(kinds[kind].found, object);
}

static void write_line(const char *where, const char *folder, const char *what, const char *fix)
{
    g_autofree char *named = folder ? g_strdup_printf("folder \"%s\": ", folder) : g_strdup("");

    terminal_error("%s%s%s%s%s%s", where ? where : "", where ? ": " : "", named, what,
                   fix ? "; " : "", fix ? fix : "");
}

void findings_add(const char *where, const char *folder, const char *what, const char *fix)
{
    if (kinds[ERRORS].found)
        collect(where, folder, what, fix);
    else
        write_line(where, folder, what, fix);
}

void findings_add_errors(const GPtrArray *errors)
{
    for (guint i = 0; i < errors->len; i++) {
        const Error *error = errors->pdata[i];
        findings_add(error->where, NULL, error->what, error->fix);
    }
}

void findings_add_to(cJSON *json)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        cJSON_AddItemToObject(json, kinds[i].list, g_steal_pointer(&kinds[i].found));
}

void findings_print(const char *configuration, const FindingCounts *counts)
{
    cJSON *json = cJSON_CreateObject();

    json_add_text(json, "configuration", configuration);
    cJSON_AddBoolToObject(json, "ok", cJSON_GetArraySize(kinds[ERRORS].found) == 0);
    if (counts) {
        cJSON_AddNumberToObject(json, "folders", counts->folders);
        cJSON_AddNumberToObject(json, "imports", counts->imports);
        cJSON_AddNumberToObject(json, "profiles", counts->profiles);
        cJSON_AddNumberToObject(json, "workers", counts->workers);
    }
    findings_add_to(json);
    json_print(json);
}
