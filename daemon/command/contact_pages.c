/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/contact_pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "command/sheet_layout.h"
#include "daemon/files/provenance.h"
#include "daemon/files/rename.h"
#include "daemon/files/sync.h"
#include "formats/format.h"

const char *pages_format(const char *output)
{
    const char *slash = strrchr(output, '/'), *dot = strrchr(slash ? slash : output, '.');
    Format format = dot ? format_from_extension(dot + 1) : FORMAT_NONE;
    bool ours = format == FORMAT_JPEG || format == FORMAT_PNG || format == FORMAT_TIFF;

    return ours ? format_word(format) : NULL;
}

/* ---- names that are taken ---- */

static bool refuse_taken(const char *path, Error **err)
{
    g_autofree char *shown = text_escape(path);

    return error_set(err, ERROR_CONFIG, "name another file with --output, or add --replace",
                     "'%s' is there already", shown);
}

static bool is_free(const char *path, Error **err)
{
    return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0 || refuse_taken(path, err);
}

bool page_may_replace(const char *path, Error **err)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    bool ours =
        fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && provenance_is_ours(fd, &st);
    bool missing = fd < 0 && errno == ENOENT;
    g_autofree char *shown = text_escape(path);

    if (fd >= 0)
        close(fd);
    return missing || ours ||
           error_set(err, ERROR_CONFIG, "name another file with --output, or remove it",
                     "'%s' is there already, and is no sheet that hotfolder has made", shown);
}

static bool may_place(const char *path, bool replace, Error **err)
{
    return replace ? page_may_replace(path, err) : is_free(path, err);
}

bool pages_may_be_placed(const char *output, bool replace, Error **err)
{
    g_autofree char *first = sheet_name(output, 1, 2);

    return may_place(output, replace, err) && may_place(first, replace, err);
}

/* ---- all of them ---- */

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *files_in(const char *directory)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) listing = g_dir_open(directory, 0, NULL);
    const char *name = NULL;

    while (listing && (name = g_dir_read_name(listing)))
        g_ptr_array_add(files, g_build_filename(directory, name, NULL));
    g_ptr_array_sort(files, by_name);
    return files;
}

static bool place(const char *from, const char *to, bool replace, Error **err)
{
    int failed = replace ? rename(from, to) : rename_to_free_name(AT_FDCWD, from, AT_FDCWD, to);

    if (!failed)
        return true;
    return errno == EEXIST ? refuse_taken(to, err)
                           : error_errno(err, errno, "cannot make '%s'", to);
}

/* They are on disk then, as their contents are. */
static void sync_directory(const char *output)
{
    g_autofree char *directory = g_path_get_dirname(output);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    sync_together(fd);
    close(fd);
}

static bool may_all_be_placed(const char *output, unsigned count, bool replace, Error **err)
{
    for (unsigned page = 1; page <= count; page++) {
        g_autofree char *path = sheet_name(output, page, count);
        if (!may_place(path, replace, err))
            return false;
    }
    return true;
}

bool pages_place(const char *from, const char *output, unsigned count, bool replace,
                 GPtrArray *names, Error **err)
{
    g_autoptr(GPtrArray) files = files_in(from);
    bool ok =
        (files->len == count || error_set(err, ERROR_INTERNAL, NULL, "not every page was made")) &&
        may_all_be_placed(output, count, replace, err);

    for (unsigned page = 1; ok && page <= count; page++) {
        g_autofree char *path = sheet_name(output, page, count);
        ok = place(files->pdata[page - 1], path, replace, err);
        if (ok)
            g_ptr_array_add(names, g_steal_pointer(&path));
    }
    sync_directory(output);
    return ok;
}
