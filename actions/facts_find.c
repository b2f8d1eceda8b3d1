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

static const Fact *table_of(FactsOf of)
{
    return of == FACTS_OF_MEDIA ? medium_facts : facts;
}

/* A card has nothing but files yet: what their names and their metadata say. Its names are the same
 * when it is imported again. */
static bool is_of_imports(const Fact *fact)
{
    bool of_folder = fact->flags & FACT_NOT_OF_PICTURE && !(fact->flags & FACT_IS_NAME);

    return fact->flags & FACT_OF_IMPORT ||
           (fact->scope != FACT_OF_STEP && !of_folder && !(fact->flags & FACT_OF_CONTENT));
}

static bool is_of(FactsOf of, const Fact *fact)
{
    return of == FACTS_OF_PICTURES  ? !(fact->flags & FACT_OF_IMPORT)
           : of == FACTS_OF_IMPORTS ? is_of_imports(fact)
                                    : true;
}

static char *meant_by(FactsOf of, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (const Fact *fact = table_of(of); fact->name; fact++)
        if (is_of(of, fact))
            g_ptr_array_add(names, g_strdup(fact->name));
    if (of != FACTS_OF_MEDIA)
        fact_raw_names(names);
    return closest(name, names);
}

static void unknown(FactsOf of, const char *name, Error **err)
{
    g_autofree char *meant = meant_by(of, name), *shown = text_shorten(name, SHOWN);
    g_autofree char *fix = meant ? g_strdup_printf("did you mean %s?", meant) : NULL;
    const char *list = of == FACTS_OF_MEDIA ? "choose label, uuid, maker, size or removable"
                       : fact_is_raw(name)
                           ? "write it as `exiftool -s -G` does, as in exif.LensModel, "
                             "iptc.By-line or, with its namespace, xmp.dc.title"
                           : "choose one that `hotfolder values` lists";

    error_set(err, ERROR_CONFIG, fix ? fix : list, "unknown value '%s'", shown);
}

static void misplaced(FactsOf of, const Fact *fact, Error **err)
{
    if (of == FACTS_OF_PICTURES)
        error_set(err, ERROR_CONFIG, "write it in the `name` of an import, or leave it out",
                  "{%s} is for names of imports", fact->name);
    else
        error_set(err, ERROR_CONFIG,
                  g_str_has_prefix(fact->name, "seq")
                      ? "write {seq.card}, the number of the shot on its card"
                      : "use what names of files and their metadata say, or leave it out",
                  "{%s} is not known when a card is imported", fact->name);
}

const Fact *fact_find(FactsOf of, const char *name, Error **err)
{
    const Fact *raw = of != FACTS_OF_MEDIA && fact_is_raw(name) ? fact_raw(name) : NULL;

    for (const Fact *fact = table_of(of); fact->name && !raw; fact++)
        if (!g_ascii_strcasecmp(fact->name, name))
            return is_of(of, fact) ? fact : (misplaced(of, fact, err), NULL);
    if (!raw)
        unknown(of, name, err);
    return raw;
}
