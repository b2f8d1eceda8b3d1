/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/process/sandbox_report.h"

#include <pthread.h>
#include <string.h>

#include "daemon/journal/journal.h"

/* Workers of an instrumented build cannot have a sandbox, and exist only to be tested. */
#ifdef HOTFOLDER_INSTRUMENTED
static const bool instrumented = true;
#else
static const bool instrumented = false;
#endif

static struct {
    pthread_mutex_t lock;
    char *lacks;
} report = { .lock = PTHREAD_MUTEX_INITIALIZER };

void sandbox_report_set(const char *lacks)
{
    pthread_mutex_lock(&report.lock);
    bool changed = *lacks && g_strcmp0(report.lacks, lacks) != 0;
    g_free(report.lacks);
    report.lacks = g_strdup(lacks);
    pthread_mutex_unlock(&report.lock);
    if (changed)
        journal_event(EVENT_SANDBOX, .reason = lacks);
}

char *sandbox_report_missing(void)
{
    pthread_mutex_lock(&report.lock);
    char *lacks = g_strdup(report.lacks);
    pthread_mutex_unlock(&report.lock);
    return lacks;
}

bool sandbox_report_is_incomplete(void)
{
    g_autofree char *lacks = sandbox_report_missing();

    return !instrumented && lacks && *lacks;
}

/* Formats whose decoders are small, old and well examined. */
static bool is_plain(Format format)
{
    return format == FORMAT_JPEG || format == FORMAT_PNG || format == FORMAT_GIF ||
           format == FORMAT_WEBP;
}

/* Fonts are opened through an exception of landlock; without landlock there are none. */
static bool needs_fonts(Format format)
{
    return format == FORMAT_SVG || format == FORMAT_PDF;
}

bool sandbox_allows(const Folder *folder, Format format, const char *lacks, Error **err)
{
    if (instrumented || !lacks || !*lacks)
        return true;
    if (needs_fonts(format) && strstr(lacks, "landlock"))
        return error_set(err, ERROR_CONFIG, "use a kernel that has it, or send the picture as PNG",
                         "the workers' sandbox lacks %s, without which text cannot be drawn",
                         lacks);
    if (folder->sandbox == SANDBOX_BEST)
        return true;
    if (folder->sandbox == SANDBOX_REQUIRED)
        return error_set(err, ERROR_ENVIRONMENT,
                         "use a kernel that has it and let the service use it, or set sandbox = "
                         "best to continue without it",
                         "the workers' sandbox lacks %s", lacks);
    if (is_plain(format))
        return true;
    return error_set(
        err, ERROR_CONFIG,
        "use a kernel that has it, send JPEG, PNG, GIF or WebP, or set sandbox = best "
        "for the folder",
        "the workers' sandbox lacks %s, without which this format's decoder is not run", lacks);
}

bool sandbox_report_allows(const Folder *folder, Format format, Error **err)
{
    g_autofree char *lacks = sandbox_report_missing();

    return sandbox_allows(folder, format, lacks, err);
}
