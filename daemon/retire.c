#include "daemon/retire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/beneath.h"
#include "daemon/look.h"
#include "daemon/move.h"
#include "daemon/tree.h"

enum { MOST_NUMBERS = 100000 };

/* ---- the trash: freedesktop.org Trash specification 1.0 ---- */

/* The top directory of the mount that `path` lies on, newly allocated. */
static char *mount_top(const char *path)
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

/* A trash can: its directories, open. */
typedef struct Trash {
    int files, info;
} Trash;

/* A directory of ours below `parent`, made where it is missing; -1 where it can't be had, and where
 * somebody else could change what is in it: a name is not enough to put an original there. */
static int own_directory(int parent, const char *name)
{
    struct stat st;

    if (parent < 0 || (mkdirat(parent, name, 0700) < 0 ? errno != EEXIST : fsync(parent) < 0))
        return -1;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* $top/.Trash where an administrator made it, or we, sticky; -1 else. */
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

static void close_all(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* $top/.Trash/$uid where there is a shared one, else $top/.Trash-$uid. False when it can't be had.
 */
static bool open_trash(const char *path, Trash *trash)
{
    g_autofree char *uid = g_strdup_printf("%u", geteuid());
    g_autofree char *own = g_strdup_printf(".Trash-%u", geteuid());
    int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int shared = shared_trash(top);
    int home = shared >= 0 ? own_directory(shared, uid) : own_directory(top, own);

    *trash = (Trash){ own_directory(home, "files"), own_directory(home, "info") };
    close_all((int[]){ top, shared, home }, 3);
    if (trash->files >= 0 && trash->info >= 0)
        return true;
    close_all((int[]){ trash->files, trash->info }, 2);
    return false;
}

static bool write_whole(int fd, const char *text)
{
    size_t length = strlen(text), done = 0;

    while (done < length) {
        ssize_t wrote = write(fd, text + done, length - done);
        if (wrote < 0 && errno != EINTR)
            return false;
        done += (size_t) MAX(wrote, 0);
    }
    return fsync(fd) == 0;
}

/* Whether the whole text is on disk, under a name that only this picture uses. Whatever has it
 * already was left by a try that was cut off, or put there by somebody else. */
static bool write_temp(int dir_fd, const char *temp, mode_t mode, const char *text)
{
    unlinkat(dir_fd, temp, 0);
    int fd = openat(dir_fd, temp, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, mode);
    bool ok = fd >= 0 && write_whole(fd, text);
    int code = errno;

    if (fd >= 0)
        close(fd);
    errno = code;
    return ok;
}

static bool begins_with(int dir_fd, const char *name, const char *text)
{
    size_t length = strlen(text);
    g_autofree char *there = g_malloc0(length + 1);
    int fd = beneath_openat(dir_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    bool is = fd >= 0 && pread(fd, there, length, 0) == (ssize_t) length && !strcmp(there, text);

    if (fd >= 0)
        close(fd);
    return is;
}

static bool is_there(int dir_fd, const char *name)
{
    struct stat st;

    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The .trashinfo file is placed first, exclusively: it is what reserves the name in files/. One
 * that is there without its file was made for this original by a try that was cut off; and a move
 * that was cut off may have left the original at both places. */
static char *reserve_as(const Trash *trash, const char *temp, const char *begins, int root_fd,
                        const char *source)
{
    g_autofree char *dir = NULL, *name = NULL;

    tree_split(source, &dir, &name);
    for (unsigned number = 0; number < MOST_NUMBERS; number++) {
        g_autofree char *used = tree_numbered(name, number);
        g_autofree char *info = g_strdup_printf("%s.trashinfo", used);
        if ((!is_there(trash->files, used) && begins_with(trash->info, info, begins)) ||
            tree_is_twin(root_fd, source, trash->files, used)) {
            unlinkat(trash->info, temp, 0);
            return g_steal_pointer(&used);
        }
        if (tree_rename(trash->info, temp, trash->info, info) == 0)
            return g_steal_pointer(&used);
        if (errno != EEXIST)
            return NULL;
    }
    return NULL;
}

/* What was reserved as `name` belongs to the picture wherever that lies now: as `placed` (an earlier
 * try may have brought it there, with its information), or (NULL) not in the trash at all. */
static void settle_info(const Trash *trash, const char *name, const char *placed)
{
    g_autofree char *info = g_strdup_printf("%s.trashinfo", name);
    g_autofree char *wanted = placed ? g_strdup_printf("%s.trashinfo", placed) : NULL;

    if (!wanted || (strcmp(wanted, info) != 0 &&
                    tree_rename(trash->info, info, trash->info, wanted) < 0))
        unlinkat(trash->info, info, 0);
}

/* A picture that is in files/ after a power cut has its information, too. */
static bool sync_reserved(const Trash *trash, const char *name)
{
    g_autoptr(Error) ignored = NULL;

    if (tree_sync(trash->info, "info", &ignored))
        return true;
    settle_info(trash, name, NULL);
    return false;
}

/* The name in the trash, newly allocated; NULL when it can't be had. */
static char *reserve(const Retiring *retiring, const Trash *trash, int root_fd, const char *top)
{
    g_autofree char *original = tree_join(retiring->folder->path, retiring->source);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
    const char *below = original + strlen(top) + (strcmp(top, "/") ? 1 : 0);
    g_autofree char *path = g_uri_escape_string(below, "/", FALSE);
    g_autofree char *begins = g_strdup_printf("[Trash Info]\nPath=%s\n", path);
    g_autofree char *text = g_strdup_printf("%sDeletionDate=%s\n", begins, date);

    char *name = write_temp(trash->info, retiring->temp, 0600, text)
                     ? reserve_as(trash, retiring->temp, begins, root_fd, retiring->source)
                     : NULL;
    if (!name)
        unlinkat(trash->info, retiring->temp, 0);
    else if (!sync_reserved(trash, name))
        g_clear_pointer(&name, g_free);
    return name;
}

static Move move_of(const Retiring *retiring, int root_fd, int to_root_fd, const char *to_path)
{
    return (Move){ .root_fd = root_fd,
                   .path = retiring->source,
                   .file = retiring->file,
                   .to_root_fd = to_root_fd,
                   .to_path = to_path,
                   .temp = retiring->temp,
                   .again = retiring->again };
}

/* Whether it went to the trash of its mount. */
static bool to_mount_trash(const Retiring *retiring, int root_fd)
{
    g_autofree char *top = mount_top(retiring->folder->path);
    g_autoptr(Error) ignored = NULL;
    bool ok = false, moved = false;
    Trash trash;

    if (!open_trash(top, &trash))
        return false;
    g_autofree char *name = reserve(retiring, &trash, root_fd, top), *placed = NULL;
    if (name) {
        Move move = move_of(retiring, root_fd, trash.files, name);
        ok = move_file(&move, &moved, &placed, &ignored);
    }
    if (name)
        settle_info(&trash, name, ok ? placed : NULL);
    close_all((int[]){ trash.files, trash.info }, 2);
    return ok;
}

/* ---- finished ---- */

/* Where it belongs in `name`, which is done, failed or trash: made where it is missing. *original:
 * the last part of its path. -1 with *err set. */
static int open_own(const Retiring *retiring, int root_fd, const char *name, char **original,
                    Error **err)
{
    g_autofree char *dir = NULL;

    tree_split(retiring->source, &dir, original);
    g_autofree char *path = *dir ? tree_join(name, dir) : g_strdup(name);
    int fd = tree_dir_own(root_fd, path, err);
    if (fd < 0)
        error_where(err, "%s", retiring->folder->path);
    return fd;
}

/* *placed (may be NULL): its name there now; NULL: nothing was moved. */
static bool move_within(const Retiring *retiring, int root_fd, int dir_fd, const char *name,
                        char **placed, Error **err)
{
    Move move = move_of(retiring, root_fd, dir_fd, name);
    bool moved = false;

    return move_file(&move, &moved, placed, err);
}

static bool is_gone(const Retiring *retiring)
{
    struct stat st;

    return !retiring->again && !beneath_stat(retiring->folder->path, retiring->source, &st);
}

static bool move_to(const Retiring *retiring, int root_fd, const char *name, Error **err)
{
    g_autofree char *original = NULL;

    if (is_gone(retiring))
        return true;
    int dir_fd = open_own(retiring, root_fd, name, &original, err);
    if (dir_fd < 0)
        return false;
    bool ok = move_within(retiring, root_fd, dir_fd, original, NULL, err);
    close(dir_fd);
    return ok;
}

bool retire_finished(const Retiring *retiring, bool *gone, Error **err)
{
    Originals originals = retiring->folder->originals;
    int root_fd = -1;

    *gone = originals == ORIGINALS_DONE || originals == ORIGINALS_TRASH;
    if (!*gone)
        return true;
    if ((root_fd = tree_open(retiring->folder->path, err)) < 0)
        return false;

    bool trash = originals == ORIGINALS_TRASH;
    bool ok = (trash && to_mount_trash(retiring, root_fd)) ||
              move_to(retiring, root_fd, trash ? "trash" : "done", err);
    close(root_fd);
    return ok;
}

/* ---- failed ---- */

static const char headline[] = "This picture could not be finished.";

static char *report_text(const Folder *folder, const char *source, int attempts, const Error *why)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%d %H:%M:%S %z");
    g_autofree char *shown = text_escape(source);

    return g_strdup_printf("%s\n\n"
                           "picture:  %s\nfolder:   %s (%s)\nprofile:  %s\nwhen:     %s\n"
                           "attempts: %d\n\nwhat:     %s\n%s%s%sfix:      %s\n\n"
                           "To try again, move the picture back into the folder.\n",
                           headline, shown, folder->name, folder->path, folder->profile->name, date,
                           attempts, why->what, why->where ? "where:    " : "",
                           why->where ? why->where : "", why->where ? "\n" : "",
                           why->fix ? why->fix
                                    : "look at the picture in a viewer, and send it again");
}

/* Places the whole text: NAME.txt, or where that is something else NAME-1.txt. */
static bool name_report(int dir_fd, const char *temp, const char *wanted)
{
    for (unsigned number = 0; number < MOST_NUMBERS; number++) {
        g_autofree char *name = tree_numbered(wanted, number);

        if (begins_with(dir_fd, name, headline)) /* of an earlier failure */
            return renameat(dir_fd, temp, dir_fd, name) == 0;
        if (tree_rename(dir_fd, temp, dir_fd, name) == 0)
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

/* Under the hidden name first: a text is whole, or not there. */
static bool write_report(int dir_fd, const char *placed, const char *temp, const char *text,
                         Error **err)
{
    g_autofree char *name = tree_tailed(placed, strlen(placed), ".txt");

    bool ok = write_temp(dir_fd, temp, 0666, text) && name_report(dir_fd, temp, name);
    if (!ok) {
        g_autofree char *shown = text_escape(name);
        error_errno(err, errno, "cannot write the reason into failed/ as '%s'", shown);
        unlinkat(dir_fd, temp, 0);
    }
    return ok && tree_sync(dir_fd, "failed", err);
}

static bool move_with_report(const Retiring *retiring, int root_fd, int dir_fd, const char *name,
                             int attempts, const Error *why, Error **err)
{
    g_autofree char *placed = NULL, *text = NULL;

    if (!move_within(retiring, root_fd, dir_fd, name, &placed, err))
        return false;
    if (!placed)
        return true;
    text = report_text(retiring->folder, retiring->source, attempts, why);
    return write_report(dir_fd, placed, retiring->temp, text, err);
}

bool retire_failed(const Retiring *retiring, int attempts, const Error *why, bool *gone,
                   Error **err)
{
    int root_fd = tree_open(retiring->folder->path, err), dir_fd = -1;
    g_autofree char *original = NULL;

    *gone = false;
    if (root_fd < 0)
        return false;
    *gone = is_gone(retiring);
    if (!*gone && (dir_fd = open_own(retiring, root_fd, "failed", &original, err)) >= 0)
        *gone = move_with_report(retiring, root_fd, dir_fd, original, attempts, why, err);
    close_all((int[]){ dir_fd, root_fd }, 2);
    return *gone;
}
