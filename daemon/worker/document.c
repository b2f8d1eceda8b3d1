/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/document.h"

#include <errno.h>
#include <glib.h>
#include <unistd.h>

enum { DOCUMENT_MAX = 16 * 1024 * 1024, CHUNK = 16 * 1024 };

char *document_read(void)
{
    g_autoptr(GString) document = g_string_new(NULL);
    char buffer[CHUNK];
    ssize_t got = 0;

    while ((got = read(STDIN_FILENO, buffer, sizeof(buffer))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return NULL;
        if (document->len > DOCUMENT_MAX) {
            errno = EFBIG;
            return NULL;
        }
        g_string_append_len(document, buffer, got);
    }
    return g_string_free(g_steal_pointer(&document), FALSE);
}
