/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/originals/originals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/originals/report.h"
#include "daemon/originals/trash.h"

/* ---- finished ---- */

/* Opens the directory for it in `name`, which is done, failed or trash; makes it where it is
 * missing. *file_name: the last part of its path. -1 with *err set. */
static int open_target(const Original *original, int root_fd, const char *name, char **file_name,
                       Error **err)
{
    g_autofree char *dir = NULL;

    filename_split(original->source, &dir, file_name);
    const char *other = original->as            ? original->as
                        : !strcmp(name, "done") ? original->new_name
                                                : NULL;
    if (other) {
        g_free(*file_name);
        *file_name = g_strdup(other);
    }
    g_autofree char *path = *dir ? filename_join(name, dir) : g_strdup(name);
    return dirs_open_own(root_fd, path, err);
}

static bool is_taken(const Original *original)
{
    return original->as && *original->taken;
}

/* *new_path: its new name; NULL: it was not there to be moved, or its name is taken. */
static bool move_into(const Original *original, int root_fd, int dir_fd, const char *name,
                      char **new_path, Error **err)
{
    Move move = original_move(original, root_fd, dir_fd, name);
    bool moved = false;

    if (!move_file(&move, &moved, new_path, err))
        return false;
    *original->missing = !*new_path && !is_taken(original);
    return true;
}

/* With `again` an earlier try may have moved it. */
static bool is_gone(const Original *original)
{
    struct stat st;

    *original->missing = !original->again && !beneath_stat(original->root, original->source, &st) &&
                         beneath_is_absence(errno);
    return *original->missing;
}

/* An original is not gone because its directory may not be searched, or its disk fails. */
static bool may_look(const Original *original, Error **err)
{
    struct stat st;

    if (beneath_stat(original->root, original->source, &st) || beneath_is_absence(errno))
        return true;
    int code = errno;
    g_autofree char *shown = text_escape(original->source);
    return error_errno(err, code, "cannot look for '%s'", shown);
}

static bool move_below(const Original *original, int root_fd, const char *name, Error **err)
{
    g_autofree char *file_name = NULL, *new_path = NULL;

    if (is_gone(original))
        return true;
    int dir_fd = open_target(original, root_fd, name, &file_name, err);
    if (dir_fd < 0)
        return false;
    bool ok = move_into(original, root_fd, dir_fd, file_name, &new_path, err);
    close(dir_fd);
    return ok;
}

bool originals_move_to_trash(const Original *original, bool *gone, Error **err)
{
    int root_fd = dirs_open_root(original->root, err);

    *original->missing = false;
    *gone = true;
    if (root_fd < 0)
        return false;
    bool ok = may_look(original, err) && (trash_move_original(original, root_fd) ||
                                          move_below(original, root_fd, "trash", err));
    close(root_fd);
    return ok;
}

bool originals_move_below(const Original *original, const char *name, bool *gone, Error **err)
{
    int root_fd = dirs_open_root(original->root, err);

    *original->missing = false;
    *gone = root_fd >= 0 && may_look(original, err) && move_below(original, root_fd, name, err) &&
            !is_taken(original);
    if (root_fd >= 0)
        close(root_fd);
    return *gone || is_taken(original);
}

bool originals_move_finished(const Original *original, bool *gone, Error **err)
{
    *original->missing = *gone = false;
    if (!folder_moves_originals(original->folder))
        return true;
    return original->folder->originals == ORIGINALS_TRASH
               ? originals_move_to_trash(original, gone, err)
               : originals_move_below(original, "done", gone, err);
}

/* Opens `path` if it is this file; -1 where it is not. *exists: there is a file. */
static int open_if(const Folder *folder, const char *path, const FileId *file, bool *exists)
{
    struct stat st;
    int fd = -1;

    *exists = beneath_stat(folder->path, path, &st);
    if (*exists && S_ISREG(st.st_mode) && st.st_ino == file->ino)
        fd = beneath_open(folder->path, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -1;
    FileId there = fstat(fd, &st) == 0 ? fileid_of(&st) : (FileId){ 0 };
    if (fileid_same(&there, file))
        return fd;
    close(fd);
    return -1;
}

int originals_open_finished(const Folder *folder, const char *source, const char *new_name,
                            const FileId *file)
{
    g_autofree char *dir = NULL, *name = NULL, *done = NULL;
    bool exists = true;
    int fd = open_if(folder, source, file, &exists);

    filename_split(source, &dir, &name);
    done = *dir ? filename_join("done", dir) : g_strdup("done");
    exists = true;
    for (unsigned number = 0; fd < 0 && exists && number < FILENAME_NUMBERS; number++) {
        g_autofree char *numbered = filename_numbered(new_name ? new_name : name, number);
        g_autofree char *path = filename_join(done, numbered);

        fd = open_if(folder, path, file, &exists);
    }
    return fd;
}

/* ---- failed ---- */

/* The name in the open directory that the original will have there, newly allocated. */
static char *free_name(int dir_fd, const char *name)
{
    struct stat st;

    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        g_autofree char *candidate = filename_numbered(name, number);

        if (fstatat(dir_fd, candidate, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return g_steal_pointer(&candidate);
    }
    return g_strdup(name);
}

/* Relative to the folder, newly allocated. */
static char *path_of_report(const Original *original, const char *text)
{
    g_autofree char *dir = NULL, *name = NULL;

    filename_split(original->source, &dir, &name);
    g_autofree char *below = filename_join(dir, text);
    return filename_join("failed", below);
}

/* The original stays where it is: its report is written all the same, and replaced when the
 * original has moved. *err is why it stays, or why there is no report. Always false. */
static bool report_unmoved(const Original *original, int dir_fd, const char *name,
                           const Failure *failure, Error **err)
{
    g_autoptr(Error) stays = g_steal_pointer(err);
    g_autofree char *expected = free_name(dir_fd, name), *text = NULL;
    const Failure unmoved = { failure->attempts, failure->why, stays };

    if (stays->kind == ERROR_ENVIRONMENT ||
        report_write(dir_fd, expected, original, &unmoved, &text, err))
        *err = g_steal_pointer(&stays);
    if (text && original->report)
        *original->report = path_of_report(original, text);
    return false;
}

static bool move_with_report(const Original *original, int dir_fd, int root_fd, const char *name,
                             const Failure *failure, Error **err)
{
    g_autofree char *new_path = NULL;

    if (!may_look(original, err) || !move_into(original, root_fd, dir_fd, name, &new_path, err))
        return report_unmoved(original, dir_fd, name, failure, err);
    return !new_path || report_write(dir_fd, new_path, original, failure, NULL, err);
}

bool originals_move_failed(const Original *original, int attempts, const Error *why, bool *gone,
                           Error **err)
{
    const Failure failure = { attempts, why, NULL };
    int root_fd = dirs_open_root(original->root, err), dir_fd = -1;
    g_autofree char *file_name = NULL;

    *gone = false;
    if (root_fd < 0)
        return false;
    *gone = is_gone(original);
    if (!*gone && (dir_fd = open_target(original, root_fd, "failed", &file_name, err)) >= 0)
        *gone = move_with_report(original, dir_fd, root_fd, file_name, &failure, err);
    if (dir_fd >= 0)
        close(dir_fd);
    close(root_fd);
    bool ok = *gone;
    *gone = *gone && !is_taken(original);
    return ok;
}

void originals_remove_report(const Folder *folder, const char *report)
{
    g_autofree char *dir = NULL, *text = NULL;

    filename_split(report, &dir, &text);
    int dir_fd = beneath_open(folder->path, dir, O_RDONLY | O_DIRECTORY);
    if (dir_fd < 0)
        return;
    report_remove_unmoved(dir_fd, text);
    close(dir_fd);
}
