/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/outputs/place.h"

#include <errno.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/mounts.h"

/* The real paths of the output directory and of `dir` below it, newly allocated; *real is NULL
 * where `dir` is not there: then the output is missing, which is said of it later. */
static bool find_real(const Folder *folder, const char *dir, char **top, char **real, Error **err)
{
    g_autoptr(Error) why = NULL;
    int root_fd = dirs_open_root(folder->output, err);

    if (root_fd < 0)
        return false;
    int fd = dirs_open_with(root_fd, dir, true, NULL, &why), code = errno;
    *top = beneath_path_of(root_fd);
    *real = fd >= 0 ? beneath_path_of(fd) : NULL;
    close(root_fd);
    if (fd >= 0)
        close(fd);
    if ((*top && *real) || (fd < 0 && beneath_is_absence(code)))
        return true;
    if (why)
        *err = g_steal_pointer(&why);
    else
        error_set(err, ERROR_TRANSIENT, NULL, "cannot find the directory '%s'", dir);
    return false;
}

bool place_of_output(const Folder *folder, const char *path, char **root, char **inside,
                     Error **err)
{
    g_autofree char *dir = NULL, *name = NULL, *top = NULL, *real = NULL;

    filename_split(path, &dir, &name);
    if (folder->output_links && *dir && !find_real(folder, dir, &top, &real, err))
        return false;
    bool outside = real && !mounts_below(real, top);
    *root = outside ? g_steal_pointer(&real) : g_strdup(folder->output);
    *inside = outside ? g_steal_pointer(&name) : g_strdup(path);
    return true;
}
