/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/sources.h"

#include <glob.h>
#include <string.h>

#include "daemon/settings/identity.h"

struct Sources {
    GPtrArray *paths; /* of char * */
    GString *key;     /* of all of them, in that order */
};

Sources *sources_new(void)
{
    Sources *sources = g_new0(Sources, 1);

    sources->paths = g_ptr_array_new_with_free_func(g_free);
    sources->key = g_string_new(NULL);
    return sources;
}

void sources_free(Sources *sources)
{
    if (!sources)
        return;
    g_ptr_array_unref(sources->paths);
    g_string_free(sources->key, TRUE);
    g_free(sources);
}

void sources_add(Sources *sources, const char *path)
{
    g_ptr_array_add(sources->paths, g_strdup(path));
    identity_append_one(sources->key, path);
}

static void add_directories(Sources *sources, const char *pattern)
{
    glob_t found = { 0 };

    /* one that is missing is the pattern itself */
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): unsafe only with GLOB_TILDE */
    if (!glob(pattern, GLOB_NOSORT | GLOB_NOCHECK, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++)
            sources_add(sources, found.gl_pathv[i]);
    globfree(&found);
}

void sources_add_pattern(Sources *sources, const char *pattern)
{
    g_autofree char *above = g_strdup(pattern);

    while (strpbrk(above, "*?[")) { /* the level above has what may match it */
        char *next = g_path_get_dirname(above);
        g_free(above);
        above = next;
        add_directories(sources, above);
    }
}

bool sources_have_changed(const Sources *sources)
{
    g_autoptr(GString) now = g_string_sized_new(sources->key->len);

    for (guint i = 0; i < sources->paths->len; i++)
        identity_append_one(now, sources->paths->pdata[i]);
    return !g_string_equal(now, sources->key);
}
