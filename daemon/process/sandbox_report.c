#include "daemon/process/sandbox_report.h"

#include <pthread.h>
#include <string.h>

#include "daemon/journal/journal.h"

/* Workers of such a build can't have a sandbox, and are here to be tested. */
#ifdef HOTFOLDER_INSTRUMENTED
static const bool instrumented = true;
#else
static const bool instrumented = false;
#endif

static struct {
    pthread_mutex_t lock;
    char *lacks;
} told = { .lock = PTHREAD_MUTEX_INITIALIZER };

void sandbox_told(const char *lacks)
{
    pthread_mutex_lock(&told.lock);
    bool news = *lacks && g_strcmp0(told.lacks, lacks) != 0;
    g_free(told.lacks);
    told.lacks = g_strdup(lacks);
    pthread_mutex_unlock(&told.lock);
    if (news)
        journal_event(EVENT_SANDBOX, .reason = lacks);
}

char *sandbox_lacks(void)
{
    pthread_mutex_lock(&told.lock);
    char *lacks = g_strdup(told.lacks);
    pthread_mutex_unlock(&told.lock);
    return lacks;
}

/* Formats whose decoders are small, old and looked at by everybody. */
static bool is_plain(Format format)
{
    return format == FORMAT_JPEG || format == FORMAT_PNG || format == FORMAT_GIF ||
           format == FORMAT_WEBP;
}

/* Fonts are opened past landlock, and past nothing: without it there are none. */
static bool needs_fonts(Format format)
{
    return format == FORMAT_SVG || format == FORMAT_PDF;
}

bool sandbox_allows(const Folder *folder, Format format, Error **err)
{
    g_autofree char *lacks = sandbox_lacks();

    if (instrumented || !lacks || !*lacks)
        return true;
    if (needs_fonts(format) && strstr(lacks, "landlock"))
        return error_set(err, ERROR_CONFIG, "use a kernel that has it, or save it as PNG before",
                         "the workers' sandbox lacks %s, and text can't be drawn without", lacks);
    if (folder->sandbox == SANDBOX_BEST)
        return true;
    if (folder->sandbox == SANDBOX_REQUIRED)
        return error_set(err, ERROR_ENVIRONMENT,
                         "use a kernel that has it and let the service use it, or say sandbox = "
                         "best to work with what there is",
                         "the workers' sandbox lacks %s", lacks);
    if (is_plain(format))
        return true;
    return error_set(err, ERROR_CONFIG,
                     "use a kernel that has it, send JPEG, PNG, GIF or WebP, or say sandbox = best "
                     "for the folder",
                     "the workers' sandbox lacks %s, and this format's decoder is not run without",
                     lacks);
}
