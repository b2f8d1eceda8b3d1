#include "actions/complaint.h"

#include <glib.h>

typedef enum Who { PANGO, VIPS, OBJECT, WHO_COUNT } Who;

static char *said[WHO_COUNT]; /* atomic */

void complaint_note(const char *domain, const char *message)
{
    static const char *const domains[] = {
        [PANGO] = "Pango", [VIPS] = "VIPS", [OBJECT] = "GLib-GObject"
    };

    for (Who who = PANGO; who < WHO_COUNT; who++) {
        if (g_strcmp0(domain, domains[who]) != 0)
            continue;
        char *mine = g_strdup(message);
        if (!g_atomic_pointer_compare_and_exchange(&said[who], NULL, mine))
            g_free(mine); /* the first one says it best */
    }
}

static char *take(Who who)
{
    char *mine = g_atomic_pointer_get(&said[who]);

    g_atomic_pointer_set(&said[who], NULL);
    return mine;
}

void complaint_forget(void)
{
    for (Who who = PANGO; who < WHO_COUNT; who++)
        g_free(take(who));
}

char *complaint_of_text(void)
{
    return take(PANGO);
}

char *complaint_of_decoder(void)
{
    return take(VIPS);
}

char *complaint_of_size(void)
{
    return take(OBJECT);
}
