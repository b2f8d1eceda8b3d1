/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/folders/status_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "daemon/files/beneath.h"
#include "daemon/files/dirs.h"
#include "daemon/files/rename.h"
#include "daemon/files/rights.h"
#include "daemon/files/textfile.h"
#include "daemon/settings/ignore.h"

/* By it we know our own file, also that of an older version: it never changes. */
#define HEAD "hotfolder writes this file: it says what becomes of the pictures in this folder.\n"
#define TEMP HIDDEN_PREFIX "status-file"

static int open_folder(const char *path, Error **err)
{
    int root = dirs_open_root(path, err);
    int fd = root < 0 ? -1 : dirs_open(root, "", false, err);

    if (root >= 0)
        close(root);
    return fd;
}

static bool is_foreign(Error **err)
{
    return error_set(err, ERROR_CONFIG,
                     "rename that file, or write `status_file = no` into the configuration of the "
                     "folder",
                     "'" STATUS_FILE "' is there, and hotfolder did not write it");
}

/* Whether a file of ours is there, *ours, or none. */
static bool look(int folder, bool *ours, Error **err)
{
    struct stat st;

    *ours = textfile_begins_with(folder, STATUS_FILE, HEAD);
    return *ours || fstatat(folder, STATUS_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0 || is_foreign(err);
}

/* Gives the whole text its name. */
static bool name_text(int folder, bool ours, Error **err)
{
    if (ours)
        return renameat(folder, TEMP, folder, STATUS_FILE) == 0 ||
               rights_error(err, errno, folder, "cannot replace '" STATUS_FILE "'");
    if (rename_to_free_name(folder, TEMP, folder, STATUS_FILE) == 0)
        return true;
    return errno == EEXIST ? is_foreign(err)
                           : rights_error(err, errno, folder, "cannot make '" STATUS_FILE "'");
}

bool status_file_write(const char *path, const char *text, Error **err)
{
    g_autofree char *whole = g_strconcat(HEAD "\n", text, NULL);
    int folder = open_folder(path, err);

    bool ours = false;

    if (folder < 0)
        return false;
    bool ok = look(folder, &ours, err) &&
              (textfile_write_shared(folder, TEMP, whole) ||
               rights_error(err, errno, folder, "cannot write '" STATUS_FILE "'")) &&
              name_text(folder, ours, err);
    if (!ok) /* also one that a crash left */
        unlinkat(folder, TEMP, 0);
    close(folder);
    return ok;
}

bool status_file_remove(const char *path, Error **err)
{
    struct stat st;

    if (stat(path, &st) < 0 && beneath_is_absence(errno))
        return true;
    int folder = open_folder(path, err);
    if (folder < 0)
        return false;
    bool ok = !textfile_begins_with(folder, STATUS_FILE, HEAD) ||
              unlinkat(folder, STATUS_FILE, 0) == 0 || errno == ENOENT ||
              rights_error(err, errno, folder, "cannot remove '" STATUS_FILE "'");
    close(folder);
    return ok;
}
