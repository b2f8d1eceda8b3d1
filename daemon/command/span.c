/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/span.h"

#include <glib.h>

char *span_text(double seconds)
{
    int minutes = (int) (seconds / 60 + 0.5);

    if (seconds < 90)
        return g_strdup_printf("%.0f s", seconds);
    return minutes < 90 ? g_strdup_printf("%d min", minutes)
                        : g_strdup_printf("%d h %d min", minutes / 60, minutes % 60);
}
