/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/damage.h"

#include <glib.h>

static char *sentence; /* atomic */

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

void damage_report(const char *format, DamageKind kind, int scan, double share)
{
    char *text = sentence_of(format, kind, scan, share);

    if (!g_atomic_pointer_compare_and_exchange(&sentence, NULL, text))
        g_free(text); /* what follows comes of the first */
}

char *damage_take(void)
{
    char *text = g_atomic_pointer_get(&sentence);

    g_atomic_pointer_set(&sentence, NULL);
    return text;
}

void damage_forget(void)
{
    g_free(damage_take());
}
