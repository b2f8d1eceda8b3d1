/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/warnings.h"

#include <glib.h>

typedef enum Domain { PANGO, VIPS, OBJECT, DOMAIN_COUNT } Domain;

static char *first_messages[DOMAIN_COUNT]; /* atomic */

void warnings_keep(const char *domain, const char *message)
{
    static const char *const domains[] = {
        [PANGO] = "Pango", [VIPS] = "VIPS", [OBJECT] = "GLib-GObject"
    };

    for (Domain domain_id = PANGO; domain_id < DOMAIN_COUNT; domain_id++) {
        if (g_strcmp0(domain, domains[domain_id]) != 0)
            continue;
        char *copy = g_strdup(message);
        if (!g_atomic_pointer_compare_and_exchange(&first_messages[domain_id], NULL, copy))
            g_free(copy); /* the first one is closest to the cause */
    }
}

static char *take(Domain domain_id)
{
    char *copy = g_atomic_pointer_get(&first_messages[domain_id]);

    g_atomic_pointer_set(&first_messages[domain_id], NULL);
    return copy;
}

void warnings_forget(void)
{
    for (Domain domain_id = PANGO; domain_id < DOMAIN_COUNT; domain_id++)
        g_free(take(domain_id));
}

char *warnings_take_text(void)
{
    return take(PANGO);
}

char *warnings_take_decoder(void)
{
    return take(VIPS);
}

char *warnings_take_size(void)
{
    return take(OBJECT);
}
