/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts by their names, and what was meant where there is no such. */
#include "actions/facts.h"
#include "actions/facts_raw.h"
#include "base/text.h"

enum { SHOWN = 60 }; /* characters of a name that a message quotes */

/* In lower case, since case does not matter. */
static char *closest(const char *name, const GPtrArray *names)
{
    g_autoptr(GPtrArray) lower = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *wanted = g_ascii_strdown(name, -1);

    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(lower, g_ascii_strdown(names->pdata[i], -1));
    g_ptr_array_add(lower, NULL);
    const char *meant = text_closest(wanted, (const char *const *) lower->pdata);
    for (guint i = 0; meant && i < names->len; i++)
        if (!g_ascii_strcasecmp(names->pdata[i], meant))
            return g_strdup(names->pdata[i]);
    return NULL;
}

static char *meant_by(const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (const Fact *fact = facts; fact->name; fact++)
        g_ptr_array_add(names, g_strdup(fact->name));
    fact_raw_names(names);
    return closest(name, names);
}

static void unknown(const char *name, Error **err)
{
    g_autofree char *meant = meant_by(name), *shown = text_shorten(name, SHOWN);
    g_autofree char *fix = meant ? g_strdup_printf("did you mean %s?", meant) : NULL;
    const char *list = fact_is_raw(name)
                           ? "write it as `exiftool -s -G` does, as in exif.LensModel, "
                             "iptc.By-line or, with its namespace, xmp.dc.title"
                           : "choose one that `hotfolder values` lists";

    error_set(err, ERROR_CONFIG, fix ? fix : list, "unknown value '%s'", shown);
}

const Fact *fact_find(const char *name, Error **err)
{
    const Fact *raw = fact_is_raw(name) ? fact_raw(name) : NULL;

    for (const Fact *fact = facts; fact->name && !raw; fact++)
        if (!g_ascii_strcasecmp(fact->name, name))
            return fact;
    if (!raw)
        unknown(name, err);
    return raw;
}
