/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/identity.h"

#include <inttypes.h>
#include <sys/stat.h>

bool identity_append_one(GString *key, const char *path)
{
    struct stat st = { 0 };

    stat(path, &st); /* what is missing is the same while it is missing */
    g_string_append_printf(
        key, "%s %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 ".%09ld %" PRId64 ".%09ld\n", path,
        (uint64_t) st.st_dev, (uint64_t) st.st_ino, (int64_t) st.st_size,
        (int64_t) st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (int64_t) st.st_ctim.tv_sec,
        st.st_ctim.tv_nsec);
    return S_ISDIR(st.st_mode);
}

/* The directory's own times do not change with what is written into its files. */
void identity_append(GString *key, const char *path)
{
    g_autoptr(GDir) listing = identity_append_one(key, path) ? g_dir_open(path, 0, NULL) : NULL;
    const char *name = NULL;

    while (listing && (name = g_dir_read_name(listing))) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        if (*name != '.')
            identity_append_one(key, inside);
    }
}

char *identity_of_tracks(const Settings *settings)
{
    GString *key = settings->tracks->len ? g_string_new(NULL) : NULL;

    for (guint i = 0; i < settings->tracks->len; i++)
        identity_append(key, settings->tracks->pdata[i]);
    return key ? g_string_free(key, FALSE) : NULL;
}
