/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/damage.h"

#include <glib.h>
#include <stdint.h>

static char *sentence; /* atomic */
static char *remedy;   /* atomic; of the sentence; never freed */
static int of_source;  /* atomic */

static char *sentence_of(const char *format, DamageKind kind, int scan, double share)
{
    const char *ends = kind == DAMAGE_END ? "ends early" : "is missing or damaged";
    int percent = (int) (share * 100);

    if (kind == DAMAGE_HOLE)
        return g_strdup_printf("the %s is damaged: a part of its data is only zeros", format);
    if (kind == DAMAGE_FIT)
        return g_strdup_printf("the %s is damaged: its data does not fit its rows", format);
    if (scan)
        return g_strdup_printf("the %s is incomplete: its data %s in scan %d, after %d %% of the "
                               "rows",
                               format, ends, scan, percent);
    return g_strdup_printf("the %s is incomplete: its data %s after %d %% of its rows", format,
                           ends, percent);
}

void damage_refuse(char *what, const char *fix)
{
    if (g_atomic_pointer_compare_and_exchange(&sentence, NULL, what))
        g_atomic_pointer_set(&remedy, (char *) (uintptr_t) fix);
    else
        g_free(what); /* what follows comes of the first */
}

void damage_report(const char *format, DamageKind kind, int scan, double share)
{
    damage_refuse(sentence_of(format, kind, scan, share),
                  "copy or export it again from where it came");
}

void damage_note_source(void)
{
    g_atomic_int_set(&of_source, 1);
}

bool damage_is_of_source(void)
{
    return g_atomic_int_get(&of_source);
}

char *damage_take(const char **fix)
{
    char *text = g_atomic_pointer_get(&sentence);

    *fix = g_atomic_pointer_get(&remedy);
    g_atomic_pointer_set(&sentence, NULL);
    return text;
}

void damage_forget(void)
{
    const char *fix = NULL;

    g_free(damage_take(&fix));
    g_atomic_int_set(&of_source, 0);
}
