/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/log.h"

#include <glib.h>
#include <string.h>

#include "actions/warnings.h"
#include "worker/exit_note.h"

static const char *field(const GLogField *fields, gsize count, const char *key)
{
    for (gsize i = 0; i < count; i++)
        if (!strcmp(fields[i].key, key) && fields[i].length < 0)
            return fields[i].value;
    return NULL;
}

static bool is_fatal(GLogLevelFlags level)
{
    return level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR);
}

/* Drops warnings about unusual pictures: what matters returns as an error; the rest must neither
 * fill the journal nor wait for it. */
static GLogWriterOutput drop_warnings(GLogLevelFlags level, const GLogField *fields, gsize count,
                                      gpointer user)
{
    if (is_fatal(level))
        return g_log_writer_standard_streams(level, fields, count, user);
    return G_LOG_WRITER_HANDLED;
}

/* Reports a fatal message, after which GLib ends the process: mostly, memory ran out. */
static GLogWriterOutput report_to_daemon(GLogLevelFlags level, const GLogField *fields, gsize count,
                                         gpointer user G_GNUC_UNUSED)
{
    const char *message = field(fields, count, "MESSAGE");
    const char *const texts[] = { message, NULL };

    if (is_fatal(level) && message)
        exit_note_send("", texts);
    else if (message && level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL))
        warnings_keep(field(fields, count, "GLIB_DOMAIN"), message);
    return G_LOG_WRITER_HANDLED;
}

void log_redirect(bool serves)
{
    g_log_set_writer_func(serves ? report_to_daemon : drop_warnings, NULL, NULL);
}
