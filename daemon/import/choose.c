/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which import takes a card. */
#include <fnmatch.h>

#include "base/text.h"
#include "daemon/import/import.h"

static bool matches(const char *pattern, const char *name)
{
    return name && *name && fnmatch(pattern, name, 0) == 0;
}

static bool is_ignored(const Import *import, const Medium *medium)
{
    for (char **pattern = import->ignore; pattern && *pattern; pattern++)
        if (matches(*pattern, medium->uuid) || matches(*pattern, medium->label))
            return true;
    return false;
}

static bool ask_when(Settings *settings, Process *worker, const Import *import,
                     const Medium *medium, bool *fits, Error **err)
{
    const NameWords words = { .card = "" };
    Namer *namer = namer_new(settings, import, &words, worker);
    bool ok = namer_fits(namer, medium, fits, err);

    namer_free(namer);
    return ok;
}

/* Why an import does not take the card, newly allocated; NULL: it does. False: it cannot be said.
 */
static bool refusal(Settings *settings, Process *worker, const Import *import, const char *root,
                    const Medium *medium, char **why, Error **err)
{
    bool fits = false;

    *why = NULL;
    if (import->from == IMPORT_FROM_PTP) {
        *why = g_strdup("it takes cameras");
    } else if (import->from == IMPORT_FROM_PATH) {
        if (g_strcmp0(import->path, root))
            *why = g_strdup_printf("it takes '%s'", import->path);
    } else if (is_ignored(import, medium)) {
        *why = g_strdup("its `ignore` names this medium");
    } else if (!import->when && !card_is_of_camera(root)) {
        *why = g_strdup("there is no DCIM, PRIVATE, MP_ROOT or M4ROOT");
    } else {
        if (!ask_when(settings, worker, import, medium, &fits, err))
            return false;
        if (!fits)
            *why = g_strdup(import->when ? "its `when` does not fit" : "it is no removable medium");
    }
    return true;
}

bool import_choose(Settings *settings, Process *worker, const char *root, const Medium *medium,
                   const Import **import, char **why, Error **err)
{
    GString *refused = g_string_new(NULL);
    bool ok = true;

    *import = NULL;
    for (guint i = 0; ok && !*import && i < settings->imports->len; i++) {
        const Import *one = settings->imports->pdata[i];
        g_autofree char *text = NULL;
        ok = refusal(settings, worker, one, root, medium, &text, err);
        if (ok && !text)
            *import = one;
        else if (ok)
            g_string_append_printf(refused, "%simport '%s': %s", refused->len ? "; " : "",
                                   one->name, text);
    }
    if (!refused->len)
        g_string_append(refused, "there is no import");
    *why = !ok || *import ? NULL : g_strdup(refused->str);
    g_string_free(refused, TRUE);
    return ok;
}
