/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/facts.h"

#include "base/text.h"

enum {
    SHOWN = 60,      /* characters of a name that a message quotes */
    NAMES_MAX = 128, /* for the list that a guess is made from */
};

/* What was most likely meant. */
static bool unknown(const char *name, Error **err)
{
    const char *names[NAMES_MAX] = { NULL };
    g_autofree char *shown = text_shorten(name, SHOWN);
    g_autofree char *fix = NULL;

    for (size_t i = 0; i + 1 < NAMES_MAX && facts[i].name; i++)
        names[i] = facts[i].name;
    const char *meant = text_closest(name, names);
    fix = meant ? g_strdup_printf("did you mean %s?", meant)
                : g_strdup("choose one that `hotfolder values` lists");
    return error_set(err, ERROR_CONFIG, fix, "unknown value '%s'", shown);
}

const Fact *fact_find(const char *name, Error **err)
{
    for (const Fact *fact = facts; fact->name; fact++)
        if (!g_ascii_strcasecmp(fact->name, name))
            return fact;
    unknown(name, err);
    return NULL;
}
