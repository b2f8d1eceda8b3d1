/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The values that names, texts and formulas have of a picture. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "actions/facts.h"
#include "document.h"
#include "scd.h"

static void print_row(const char *word, const char *example, const char *help)
{
    g_autofree char *name = scd_text(word), *shown = scd_text(example), *text = scd_text(help);

    printf("|  %s\n:  %s\n:  %s\n", name, shown, text);
}

/* A table for each group: of pictures, or of what is called `about`, the medium of an import. */
bool part_values(const char *about)
{
    const Fact *table = *about ? medium_facts : facts;

    if (*about && strcmp(about, table->group) != 0)
        return false;
    for (const Fact *fact = table; fact->name; fact++) {
        g_autofree char *word = *about ? g_strdup(fact->name) : g_strdup_printf("{%s}", fact->name);
        bool first = fact == table || strcmp(fact[-1].group, fact->group) != 0;
        if (first)
            printf("%s|[ *%s*\n:[ *example*\n:[ *what it is*\n", fact == table ? "" : "\n",
                   fact->group);
        print_row(word, fact->example, fact->help);
    }
    putchar('\n');
    return true;
}
