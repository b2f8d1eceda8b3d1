/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two settings limit the watches of a user, and the lower one counts. A container has a second one
 * of its own; elsewhere both are the same. */
#include "daemon/watch/limit.h"

#include <glib.h>

typedef struct Limit {
    const char *file;
    const char *name; /* for sysctl(8) */
} Limit;

static const Limit limits[] = {
    { "/proc/sys/fs/inotify/max_user_watches", "fs.inotify.max_user_watches" },
    { "/proc/sys/user/max_inotify_watches", "user.max_inotify_watches" },
};

/* G_MAXINT where there is no such limit. */
static int read_limit(const Limit *limit)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents(limit->file, &text, NULL, NULL))
        return G_MAXINT;
    return (int) CLAMP(g_ascii_strtoll(text, NULL, 10), 0, G_MAXINT);
}

/* The limit that is reached, the missing watches, and room to grow. Other programs of the user have
 * watches, too. */
static int advise(int limit, int unwatched)
{
    gint64 needed = (gint64) limit + unwatched;
    gint64 advised = 8192;

    while (advised < needed + needed / 4)
        advised *= 2;
    return (int) MIN(advised, G_MAXINT);
}

/* How directories without a watch are found. */
static const char *instead(int unwatched, int unscanned)
{
    return !unscanned ? "they are scanned every few seconds instead"
           : unscanned == unwatched
               ? "they are not scanned before the next full scan (reconcile), because their folder "
                 "has watch = events"
               : "they are scanned every few seconds instead; those of folders with watch = events "
                 "wait for the next full scan (reconcile)";
}

int watch_limit_present(void)
{
    int limit = G_MAXINT;

    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++)
        limit = MIN(limit, read_limit(&limits[i]));
    return limit;
}

char *watch_limit_fix(int unwatched)
{
    int advised = advise(watch_limit_present(), unwatched), first = read_limit(&limits[0]);
    g_autoptr(GString) raise = g_string_new("raise the limit: sysctl");

    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
        int present = read_limit(&limits[i]);
        if (present < advised && (i == 0 || present != first))
            g_string_append_printf(raise, " %s=%d", limits[i].name, advised);
    }
    return g_strdup(raise->str);
}

char *watch_limit_text(int needed, int unwatched, int unscanned)
{
    return g_strdup_printf("%d of %d directories cannot be watched: this user may have %d watches "
                           "in all programs; %s",
                           unwatched, needed, watch_limit_present(), instead(unwatched, unscanned));
}
