/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/asset_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* The sandbox leaves a worker few descriptors, all of lower numbers. */
enum { DESCRIPTORS_FROM = 128 };

static void file_free(void *data)
{
    AssetFile *file = data;

    if (file->fd >= 0)
        close(file->fd);
    g_free(file->name);
    g_free(file);
}

static bool add_file(AssetFiles *files, int directory, const char *name, Error **err)
{
    g_autofree char *shown = text_escape(name);
    int low = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int fd = low >= 0 ? fcntl(low, F_DUPFD_CLOEXEC, DESCRIPTORS_FROM) : -1;
    int code = errno;

    if (low >= 0)
        close(low);
    if (fd < 0)
        return error_errno(err, code, "cannot open '%s'", shown);
    AssetFile *file = g_new0(AssetFile, 1);
    file->name = g_strdup(name);
    file->fd = fd;
    g_ptr_array_add(files->all, file);
    return true;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    const char *const *one = a, *const *other = b;

    return strcmp(*one, *other);
}

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), behind = ending ? strlen(ending) : 0;

    return !ending || (length > behind && !g_ascii_strcasecmp(name + length - behind, ending));
}

/* Sorted names of what may be files. */
static GPtrArray *names_in(const char *path, const char *ending, Error **err)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) listing = g_dir_open(path, 0, &error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name = NULL;

    if (!listing) {
        error_set(err, ERROR_CONFIG, "give a directory that the service may read", "%s",
                  error->message);
        return NULL;
    }
    while ((name = g_dir_read_name(listing)))
        if (*name != '.' && ends_in(name, ending))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return g_steal_pointer(&names);
}

static bool is_file(int directory, const char *name)
{
    struct stat st;

    return fstatat(directory, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static bool add_files(AssetFiles *files, int directory, const GPtrArray *names, guint most,
                      Error **err)
{
    for (guint i = 0; i < names->len; i++) {
        if (!is_file(directory, names->pdata[i]))
            continue;
        if (files->all->len == most)
            return error_set(err, ERROR_CONFIG, "take some out",
                             "the directory has more than %u files", most);
        if (!add_file(files, directory, names->pdata[i], err))
            return false;
    }
    return true;
}

bool asset_files_open(const char *path, const char *ending, guint most, AssetFiles *files,
                      Error **err)
{
    int directory = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    bool done = false;

    *files = (AssetFiles){ directory >= 0, g_ptr_array_new_with_free_func(file_free) };
    if (directory < 0)
        return add_file(files, AT_FDCWD, path, err);
    g_autoptr(GPtrArray) names = names_in(path, ending, err);
    done = names && add_files(files, directory, names, most, err);
    close(directory);
    return done;
}

void asset_files_clear(AssetFiles *files)
{
    g_clear_pointer(&files->all, g_ptr_array_unref);
}

bool asset_files_name(const AssetFiles *files, const AssetFile *file, Error **err)
{
    if (!files->in_directory)
        return false;
    g_autofree char *what = (*err)->what, *shown = text_escape(file->name);
    (*err)->what = g_strdup_printf("'%s': %s", shown, what);
    return false;
}
