/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/originals/trash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/move.h"
#include "daemon/files/rename.h"
#include "daemon/files/textfile.h"

char *trash_top(const char *path)
{
    g_autofree char *top = g_strdup(path);
    struct stat here, above;

    while (strcmp(top, "/") && stat(top, &here) == 0) {
        g_autofree char *parent = g_path_get_dirname(top);
        if (stat(parent, &above) < 0 || above.st_dev != here.st_dev)
            break;
        g_free(top);
        top = g_steal_pointer(&parent);
    }
    return g_steal_pointer(&top);
}

/* A directory of ours below `parent`; with `make`, made where it is missing. -1 where that fails,
 * or where other users could change what is in it: a name alone is not enough to trust it with an
 * original. */
static int own_directory(int parent, const char *name, bool make)
{
    g_autoptr(Error) ignored = NULL;
    struct stat st;

    if (parent < 0)
        return -1;
    if (make &&
        (mkdirat(parent, name, 0700) < 0 ? errno != EEXIST : !dirs_sync(parent, name, &ignored)))
        return -1;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* $top/.Trash where root or we made it, sticky; else -1. */
static int shared_trash(int top)
{
    struct stat st;
    int fd = openat(top, ".Trash", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_ISVTX) &&
        (st.st_uid == 0 || st.st_uid == geteuid()))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

void trash_close(const Trash *trash)
{
    if (trash->files >= 0)
        close(trash->files);
    if (trash->info >= 0)
        close(trash->info);
}

/* $top/.Trash/$uid where there is a shared one, else $top/.Trash-$uid. False where neither can be
 * used. */
static bool open_trash(const char *path, bool make, Trash *trash)
{
    g_autofree char *uid = g_strdup_printf("%u", geteuid());
    g_autofree char *own = g_strdup_printf(".Trash-%u", geteuid());
    int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int shared = shared_trash(top);
    int home = shared >= 0 ? own_directory(shared, uid, make) : own_directory(top, own, make);

    const int parents[] = { top, shared, home };
    *trash = (Trash){ own_directory(home, "files", make), own_directory(home, "info", make) };
    for (unsigned i = 0; i < G_N_ELEMENTS(parents); i++)
        if (parents[i] >= 0)
            close(parents[i]);
    if (trash->files >= 0 && trash->info >= 0)
        return true;
    trash_close(trash);
    return false;
}

bool trash_open(const char *path, Trash *trash)
{
    g_autofree char *top = trash_top(path);

    return open_trash(top, false, trash);
}

void trash_remove_info(const Trash *trash, const char *name)
{
    g_autofree char *info = g_strdup_printf("%s.trashinfo", name);

    unlinkat(trash->info, info, 0);
}

static bool is_there(int dir_fd, const char *name)
{
    struct stat st;

    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The numbered name, so short that the information beside it has a name too. */
static char *name_in_trash(const char *name, unsigned number)
{
    g_autofree char *numbered = filename_numbered(name, number);

    return filename_shorten(numbered, FILENAME_BYTES - strlen(".trashinfo"));
}

/* The .trashinfo file comes first, exclusively: it reserves the name in files/. One without its
 * file was made for this original by an interrupted try; and an interrupted move may have left the
 * original at both paths. */
static char *reserve_name(const Trash *trash, const char *temp, const char *head, int root_fd,
                          const char *source)
{
    g_autofree char *dir = NULL, *name = NULL;

    filename_split(source, &dir, &name);
    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        g_autofree char *used = name_in_trash(name, number);
        g_autofree char *info = g_strdup_printf("%s.trashinfo", used);
        if ((!is_there(trash->files, used) && textfile_begins_with(trash->info, info, head)) ||
            rename_is_half_done(root_fd, source, trash->files, used)) {
            unlinkat(trash->info, temp, 0);
            return g_steal_pointer(&used);
        }
        if (rename_to_free_name(trash->info, temp, trash->info, info) == 0)
            return g_steal_pointer(&used);
        if (errno != EEXIST)
            return NULL;
    }
    return NULL;
}

/* Gives the information reserved as `name` to the picture, wherever that is now: as `new_name` (an
 * earlier try may have moved it, with its information), or (NULL) not in the trash at all. */
static void finish_info(const Trash *trash, const char *name, const char *new_name)
{
    g_autofree char *info = g_strdup_printf("%s.trashinfo", name);
    g_autofree char *wanted = new_name ? g_strdup_printf("%s.trashinfo", new_name) : NULL;

    if (!wanted || (strcmp(wanted, info) != 0 &&
                    rename_to_free_name(trash->info, info, trash->info, wanted) < 0))
        unlinkat(trash->info, info, 0);
}

/* After a power cut, a picture in files/ must have its information. */
static bool sync_reserved(const Trash *trash, const char *name)
{
    g_autoptr(Error) ignored = NULL;

    if (dirs_sync(trash->info, "info", &ignored))
        return true;
    if (!is_there(trash->files, name))
        finish_info(trash, name, NULL);
    return false;
}

/* The name in the trash, newly allocated; NULL where none can be had. */
static char *reserve(const Original *original, const Trash *trash, int root_fd, const char *top)
{
    g_autofree char *path_of_original = filename_join(original->root, original->source);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
    const char *below = path_of_original + strlen(top) + (strcmp(top, "/") ? 1 : 0);
    g_autofree char *path = g_uri_escape_string(below, "/", FALSE);
    g_autofree char *head = g_strdup_printf("[Trash Info]\nPath=%s\n", path);
    g_autofree char *text = g_strdup_printf("%sDeletionDate=%s\n", head, date);

    char *name = textfile_write(trash->info, original->temp, 0600, text)
                     ? reserve_name(trash, original->temp, head, root_fd, original->source)
                     : NULL;
    if (!name)
        unlinkat(trash->info, original->temp, 0);
    else if (!sync_reserved(trash, name))
        g_clear_pointer(&name, g_free);
    return name;
}

bool trash_move_original(const Original *original, int root_fd)
{
    g_autofree char *top = trash_top(original->root);
    g_autoptr(Error) ignored = NULL;
    bool ok = false, moved = false;
    Trash trash;

    if (!open_trash(top, true, &trash))
        return false;
    g_autofree char *name = reserve(original, &trash, root_fd, top), *new_name = NULL;
    if (name) {
        Move move = original_move(original, root_fd, trash.files, name);
        ok = move_file(&move, &moved, &new_name, &ignored);
        *original->missing = ok && !new_name;
    }
    /* a picture that is in the trash keeps its information, though a sync failed */
    if (name && (ok || !is_there(trash.files, name)))
        finish_info(&trash, name, new_name);
    trash_close(&trash);
    return ok;
}
