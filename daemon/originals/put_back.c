/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/originals/put_back.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/lease.h"
#include "daemon/files/move.h"
#include "daemon/files/rename.h"
#include "daemon/files/rights.h"
#include "daemon/originals/report.h"
#include "daemon/originals/trash.h"

/* What people read; the names of directories in root, too. */
static const char *const spot_names[SPOT_KINDS] = {
    [SPOT_OWN] = "its place",
    [SPOT_DONE] = "done",
    [SPOT_FAILED] = "failed",
    [SPOT_TRASH] = "trash",
    [SPOT_MOUNT_TRASH] = "the trash of its disk",
};

void spot_clear(Spot *spot)
{
    g_clear_pointer(&spot->path, g_free);
}

/* ---- directories ---- */

/* The open directory of a place, and the name in it. */
typedef struct OpenSpot {
    int dir;
    Trash trash; /* of SPOT_MOUNT_TRASH; else -1 */
    char *name;
} OpenSpot;

static void close_spot(OpenSpot *at)
{
    if (at->trash.files >= 0)
        trash_close(&at->trash);
    else if (at->dir >= 0)
        close(at->dir);
    g_clear_pointer(&at->name, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OpenSpot, close_spot)
#define NOT_OPEN                                                                                   \
    {                                                                                              \
        .dir = -1, .trash = { -1, -1 }                                                             \
    }

/* Opens the directory of `path` below root; *at has no directory where it does not exist. */
static bool open_below(const char *root, const char *path, bool make, OpenSpot *at, Error **err)
{
    g_autofree char *dir = NULL;
    g_autoptr(Error) why = NULL;
    int root_fd = dirs_open_root(root, err);

    if (root_fd < 0)
        return false;
    filename_split(path, &dir, &at->name);
    at->dir = dirs_open(root_fd, dir, make, &why);
    int code = errno;
    close(root_fd);
    if (at->dir >= 0 || (!make && beneath_is_absence(code)))
        return true;
    *err = g_steal_pointer(&why);
    return false;
}

static bool open_own(const Belonging *it, bool make, OpenSpot *at, Error **err)
{
    return open_below(it->root, it->path, make, at, err);
}

static bool open_spot(const Belonging *it, const Spot *spot, OpenSpot *at, Error **err)
{
    if (spot->kind != SPOT_MOUNT_TRASH)
        return open_below(it->root, spot->path, false, at, err);
    at->name = g_strdup(spot->path);
    if (trash_open(it->root, &at->trash))
        at->dir = at->trash.files;
    else
        at->trash = (Trash){ -1, -1 };
    return true;
}

/* ---- find ---- */

/* The names that a move gives: the first, or with a number; they have no gap, unless a person made
 * one. */
static char *find_by_name(int dir, const char *name, const FileId *file)
{
    struct stat st;

    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        g_autofree char *candidate = filename_numbered(name, number);

        if (fstatat(dir, candidate, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return NULL;
        if (move_is_file(dir, candidate, file))
            return g_steal_pointer(&candidate);
    }
    return NULL;
}

/* A person may have renamed it there; the trash shortens names. */
static char *find_by_number(int dir, const FileId *file)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry = NULL;
    char *name = NULL;

    if (!list && fd >= 0)
        close(fd);
    /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
    while (list && !name && (entry = readdir(list)))
        if (entry->d_ino == file->ino && fileid_is_at(file, dir, entry->d_name))
            name = g_strdup(entry->d_name);
    if (list)
        closedir(list);
    return name;
}

static char *find_in(const OpenSpot *at, SpotKind kind, const FileId *file)
{
    if (at->dir < 0)
        return NULL;
    if (kind == SPOT_OWN)
        return fileid_is_at(file, at->dir, at->name) ? g_strdup(at->name) : NULL;
    char *name = find_by_name(at->dir, at->name, file);
    return name ? name : find_by_number(at->dir, file);
}

/* The place with the name that a move would try first. */
static Spot first_of(const Belonging *it, SpotKind kind)
{
    g_autofree char *dir = NULL, *name = NULL;

    filename_split(it->path, &dir, &name);
    if (kind == SPOT_OWN)
        return (Spot){ kind, g_strdup(it->path) };
    if (kind == SPOT_MOUNT_TRASH)
        return (Spot){ kind, g_steal_pointer(&name) };
    if (kind != SPOT_DONE || !it->new_name)
        return (Spot){ kind, filename_join(spot_names[kind], it->path) };
    g_autofree char *below = filename_join(dir, it->new_name);
    return (Spot){ kind, filename_join(spot_names[kind], below) };
}

/* *spot is where it lies, if in `kind`. */
static bool look_in(const Belonging *it, SpotKind kind, Spot *spot, Error **err)
{
    g_auto(Spot) first = first_of(it, kind);
    g_auto(OpenSpot) at = NOT_OPEN;
    g_autofree char *dir = NULL, *unused = NULL;

    if (!open_spot(it, &first, &at, err))
        return false;
    g_autofree char *name = find_in(&at, kind, it->file);
    if (!name)
        return true;
    filename_split(first.path, &dir, &unused);
    *spot = (Spot){ kind, filename_join(dir, name) };
    return true;
}

/* Its path where it belongs, for people; newly allocated. */
static char *shown_path(const Belonging *it)
{
    g_autofree char *path = beneath_path(it->root, it->path);

    return text_escape(path);
}

/* "done/ or the trash of its disk", newly allocated. */
static char *names_of(unsigned kinds)
{
    GString *names = g_string_new(NULL);

    for (SpotKind kind = SPOT_DONE; kind < SPOT_KINDS; kind++)
        if (kinds & SPOT_BIT(kind))
            g_string_append_printf(names, "%s%s%s", names->len ? " or " : "", spot_names[kind],
                                   kind == SPOT_MOUNT_TRASH ? "" : "/");
    return g_string_free(names, FALSE);
}

static bool refuse_missing(const Belonging *it, unsigned kinds, Error **err)
{
    g_autofree char *shown = shown_path(it), *names = names_of(kinds);

    if (!*names)
        return error_set(err, ERROR_CONFIG, NULL,
                         "'%s' was changed, renamed or removed since it was processed", shown);
    return error_set(err, ERROR_CONFIG, "if you have a copy of it, copy it into the folder",
                     "'%s' as it was processed is no longer in %s: it was changed, renamed or "
                     "removed",
                     shown, names);
}

bool put_back_find(const Belonging *it, unsigned kinds, Spot *spot, Error **err)
{
    bool ok = true;

    *spot = (Spot){ 0 };
    for (SpotKind kind = SPOT_OWN; ok && !spot->path && kind < SPOT_KINDS; kind++)
        if (kinds & SPOT_BIT(kind))
            ok = look_in(it, kind, spot, err);
    return ok && (spot->path || refuse_missing(it, kinds, err));
}

/* ---- open ---- */

static int open_file(const OpenSpot *at)
{
    return openat(at->dir, at->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Whether the open file is what has the name, which may have been given to another one since. */
static bool is_open(const OpenSpot *at, int fd)
{
    struct stat open, named;

    return fstat(fd, &open) == 0 && fstatat(at->dir, at->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

int put_back_open(const Belonging *it, unsigned kinds, Error **err)
{
    g_auto(OpenSpot) at = NOT_OPEN;
    g_auto(Spot) spot = { 0 };

    if (!put_back_find(it, kinds, &spot, err) || !open_spot(it, &spot, &at, err))
        return -1;
    int fd = at.dir >= 0 ? open_file(&at) : -1;
    int code = errno;
    if (fd >= 0 && move_is_file(at.dir, at.name, it->file) && is_open(&at, fd))
        return fd;
    if (fd >= 0)
        close(fd);
    g_autofree char *shown = shown_path(it);
    if (at.dir >= 0 && fd < 0 && !beneath_is_absence(code))
        error_errno(err, code, "cannot open '%s'", shown);
    else
        refuse_missing(it, SPOT_BIT(spot.kind), err);
    return -1;
}

/* ---- move ---- */

static bool refuse_taken(const Belonging *it, Error **err)
{
    g_autofree char *shown = shown_path(it);

    return error_set(err, ERROR_CONFIG, "rename that file, and try again",
                     "another file has the name '%s' now", shown);
}

static bool refuse_other_disk(const Belonging *it, const Spot *spot, Error **err)
{
    g_autofree char *path = beneath_path(it->root, spot->path), *lies = text_escape(path);
    g_autofree char *shown = shown_path(it);

    return error_set(err, ERROR_CONFIG, "move it yourself",
                     "'%s' lies on another disk than '%s', where it belongs", lies, shown);
}

static bool is_written(const OpenSpot *at)
{
    int fd = open_file(at);
    bool written = fd >= 0 && lease_test(fd) == LEASE_WRITER;

    if (fd >= 0)
        close(fd);
    return written;
}

static bool is_there(const OpenSpot *at)
{
    struct stat st;

    return at->dir >= 0 && fstatat(at->dir, at->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool put_back_is_replaced(const Belonging *it, unsigned kinds)
{
    bool replaced = false;

    for (SpotKind kind = SPOT_OWN; !replaced && kind < SPOT_MOUNT_TRASH; kind++) {
        g_auto(Spot) first = first_of(it, kind);
        g_auto(OpenSpot) at = NOT_OPEN;
        g_autoptr(Error) ignored = NULL;
        replaced = kinds & SPOT_BIT(kind) && open_spot(it, &first, &at, &ignored) && is_there(&at);
    }
    return replaced;
}

static bool is_on_disk_of(const char *root, const OpenSpot *at)
{
    struct stat top, st;

    return stat(root, &top) < 0 || fstat(at->dir, &st) < 0 || top.st_dev == st.st_dev;
}

bool put_back_check(const Belonging *it, const Spot *spot, Error **err)
{
    g_autofree char *shown = shown_path(it);
    g_auto(OpenSpot) from = NOT_OPEN, own = NOT_OPEN;

    if (!open_spot(it, spot, &from, err) || !open_own(it, false, &own, err))
        return false;
    if (from.dir < 0 || !move_is_file(from.dir, from.name, it->file))
        return refuse_missing(it, SPOT_BIT(spot->kind), err);
    if (is_written(&from))
        return error_set(err, ERROR_TRANSIENT, NULL, "a program has '%s' open for writing", shown);
    if (spot->kind == SPOT_OWN)
        return true;
    if (is_there(&own))
        return refuse_taken(it, err);
    return is_on_disk_of(it->root, &from) || refuse_other_disk(it, spot, err);
}

static bool identify(const OpenSpot *at, FileId *there)
{
    struct stat st;

    if (at->dir < 0 || fstatat(at->dir, at->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    *there = fileid_of(&st);
    return true;
}

/* Some file systems give a file another inode with another name. */
static bool has_arrived(const OpenSpot *to, const FileId *before, FileId *there)
{
    return identify(to, there) && there->size == before->size &&
           there->mtime_ns == before->mtime_ns;
}

static bool sync_both(const OpenSpot *from, const OpenSpot *to, const Belonging *it, Error **err)
{
    return dirs_sync(to->dir, it->path, err) &&
           (from->dir < 0 || dirs_sync(from->dir, it->path, err));
}

/* Another file got the old name between the check and the rename: it goes back. */
static bool return_other(const OpenSpot *from, const OpenSpot *to, const Belonging *it, Error **err)
{
    g_autofree char *shown = shown_path(it);

    if (rename_to_free_name(to->dir, to->name, from->dir, from->name) < 0)
        return error_errno(err, errno, "cannot rename a new file back that has the name of '%s'",
                           shown);
    return sync_both(to, from, it, err) && refuse_missing(it, 0, err);
}

static bool cannot_move(const OpenSpot *to, const Belonging *it, int code, Error **err)
{
    g_autofree char *shown = shown_path(it);

    return rights_error(err, code, to->dir, "cannot move '%s' back", shown);
}

/* From `from` to exactly `to`. */
static bool move_exactly(const Belonging *it, const Spot *spot, const OpenSpot *from,
                         const OpenSpot *to, FileId *there, Error **err)
{
    FileId before = { 0 };
    bool is_at_from = identify(from, &before) && move_is_file(from->dir, from->name, it->file);

    if (!is_at_from && has_arrived(to, it->file, there) && there->ino == it->file->ino)
        return sync_both(from, to, it, err);
    if (!is_at_from)
        return refuse_missing(it, SPOT_BIT(spot->kind), err);
    if (rename_to_free_name(from->dir, from->name, to->dir, to->name) == 0)
        return has_arrived(to, &before, there) ? sync_both(from, to, it, err)
                                               : return_other(from, to, it, err);
    int code = errno;
    if (code == EEXIST)
        return refuse_taken(it, err);
    return code == EXDEV ? refuse_other_disk(it, spot, err) : cannot_move(to, it, code, err);
}

bool put_back_move(const Belonging *it, const Spot *spot, FileId *there, Error **err)
{
    g_auto(OpenSpot) from = NOT_OPEN, own = NOT_OPEN;
    FileId ignored;

    if (!there)
        there = &ignored;
    *there = *it->file;
    return spot->kind == SPOT_OWN ||
           (open_spot(it, spot, &from, err) && open_own(it, true, &own, err) &&
            move_exactly(it, spot, &from, &own, there, err));
}

bool put_back_revert(const Belonging *it, const Spot *spot, Error **err)
{
    g_auto(OpenSpot) own = NOT_OPEN, to = NOT_OPEN;
    FileId ignored = { 0 };

    if (spot->kind == SPOT_OWN)
        return true;
    if (!open_own(it, false, &own, err) || !open_spot(it, spot, &to, err))
        return false;
    return to.dir < 0 ? refuse_missing(it, 0, err)
                      : move_exactly(it, spot, &own, &to, &ignored, err);
}

/* ---- clean ---- */

void put_back_clean(const Belonging *it, const Spot *spot)
{
    g_auto(OpenSpot) at = NOT_OPEN;
    g_autoptr(Error) ignored = NULL;

    if ((spot->kind != SPOT_FAILED && spot->kind != SPOT_MOUNT_TRASH) ||
        !open_spot(it, spot, &at, &ignored) || at.dir < 0 || is_there(&at))
        return;
    if (spot->kind == SPOT_FAILED)
        report_remove(at.dir, at.name, it->path);
    else
        trash_remove_info(&at.trash, at.name);
}
