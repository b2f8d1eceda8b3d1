#include "worker/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "worker/profile.h"

enum { DOCUMENT_MAX = 16 * 1024 * 1024 };

/* All of standard input, newly allocated; NULL with errno set. */
static char *read_document(void)
{
    GString *document = g_string_new(NULL);
    char buffer[16384];
    ssize_t got = 0;

    while ((got = read(STDIN_FILENO, buffer, sizeof(buffer))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || document->len > DOCUMENT_MAX) {
            errno = got < 0 ? errno : EFBIG;
            g_string_free(document, TRUE);
            return NULL;
        }
        g_string_append_len(document, buffer, got);
    }
    return g_string_free(document, FALSE);
}

static void print_mistake(const Error *mistake)
{
    g_autofree char *where = text_escape(mistake->where);
    g_autofree char *what = text_escape(mistake->what);
    g_autofree char *fix = text_escape(mistake->fix ? mistake->fix : "");

    printf("%s\x1f%s\x1f%s\n", where, what, fix);
}

int worker_check(void)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(GPtrArray) profiles = NULL;
    g_autoptr(Error) error = NULL;
    g_autofree char *document = read_document();

    if (!document) {
        fprintf(stderr, "hotfolder-worker: cannot read the profiles: %s\n", g_strerror(errno));
        return 2;
    }
    if (!image_start("hotfolder-worker", &error)) {
        fprintf(stderr, "hotfolder-worker: %s\n", error->what);
        return 2;
    }
    profiles = profiles_read(document, mistakes);
    profiles_prepare(profiles, mistakes);
    for (guint i = 0; i < mistakes->len; i++)
        print_mistake(mistakes->pdata[i]);
    g_clear_pointer(&profiles, g_ptr_array_unref);
    image_stop();
    if (fflush(stdout) != 0)
        return 2;
    return mistakes->len ? 1 : 0;
}
