/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/filename.h"

#include <glib.h>
#include <string.h>

#include "base/hidden.h"
#include "base/text.h"

enum { LONGEST_EXTENSION = 16 };

void filename_split(const char *path, char **dir, char **name)
{
    const char *slash = strrchr(path, '/');

    *dir = slash ? g_strndup(path, (gsize) (slash - path)) : g_strdup("");
    *name = g_strdup(slash ? slash + 1 : path);
}

bool filename_is_plain(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strlen(name) <= FILENAME_BYTES && !g_str_has_prefix(name, HIDDEN_PREFIX);
}

char *filename_join(const char *dir, const char *name)
{
    return *dir ? g_strdup_printf("%s/%s", dir, name) : g_strdup(name);
}

/* Where the extension begins, with its dot; the end where there is none. */
static const char *extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot != name && strlen(dot) <= LONGEST_EXTENSION ? dot : name + strlen(name);
}

static char *cut_before(const char *name, size_t length, const char *tail, size_t most)
{
    size_t room = most - strlen(tail), cut = length > room ? text_cut(name, room) : length;

    return g_strdup_printf("%.*s%s", (int) cut, name, tail);
}

char *filename_with_tail(const char *name, size_t length, const char *tail)
{
    return cut_before(name, length, tail, FILENAME_BYTES);
}

char *filename_shorten(const char *name, size_t most)
{
    const char *extension = extension_of(name);

    return cut_before(name, (size_t) (extension - name), extension, most);
}

char *filename_numbered(const char *name, unsigned number)
{
    const char *extension = extension_of(name);

    if (!number)
        return g_strdup(name);
    g_autofree char *tail = g_strdup_printf("-%u%s", number, extension);
    return filename_with_tail(name, (size_t) (extension - name), tail);
}
