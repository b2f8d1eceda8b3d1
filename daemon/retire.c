#include "daemon/retire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/move.h"
#include "daemon/tree.h"

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

/* $top/.Trash/$uid where an administrator made a sticky .Trash, else $top/.Trash-$uid. Newly
 * allocated; NULL when it can't be had. */
static char *trash_of(const char *top)
{
    g_autofree char *shared = g_build_filename(top, ".Trash", NULL);
    g_autofree char *own = NULL;
    struct stat st;

    if (lstat(shared, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX))
        own = g_strdup_printf("%s/%u", shared, getuid());
    else
        own = g_strdup_printf("%s%s.Trash-%u", top, strcmp(top, "/") ? "/" : "", getuid());

    g_autofree char *files = g_build_filename(own, "files", NULL);
    g_autofree char *info = g_build_filename(own, "info", NULL);
    if (g_mkdir_with_parents(files, 0700) < 0 || g_mkdir_with_parents(info, 0700) < 0)
        return NULL;
    return g_steal_pointer(&own);
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

static bool is_same_text(const char *path, const char *text)
{
    g_autofree char *there = NULL;

    return g_file_get_contents(path, &there, NULL, NULL) && g_str_has_prefix(there, text);
}

/* Whether the whole text is on disk under a name that only this picture uses. */
static bool write_temp(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write_whole(fd, text);

    if (fd >= 0)
        close(fd);
    return ok;
}

/* The .trashinfo file is placed first, exclusively: it is what reserves the name in files/. One
 * that is there without its file was made for this original by a try that was cut off; and a move
 * that was cut off may have left the original at both places. */
static char *reserve_as(const char *trash, const char *temp, const char *begins,
                        const char *original)
{
    g_autofree char *name = g_path_get_basename(original);

    for (unsigned number = 0; number < 100000; number++) {
        g_autofree char *used = tree_numbered(name, number);
        g_autofree char *info = g_strdup_printf("%s/info/%s.trashinfo", trash, used);
        g_autofree char *file = g_strdup_printf("%s/files/%s", trash, used);
        if ((access(file, F_OK) < 0 && is_same_text(info, begins)) ||
            tree_is_twin(AT_FDCWD, original, AT_FDCWD, file)) {
            unlink(temp);
            return g_steal_pointer(&used);
        }
        if (tree_rename(AT_FDCWD, temp, AT_FDCWD, info) == 0)
            return g_steal_pointer(&used);
        if (errno != EEXIST)
            return NULL;
    }
    return NULL;
}

/* The name in the trash, newly allocated; NULL when it can't be had. */
static char *reserve(const Retiring *retiring, const char *trash, const char *top,
                     const char *original)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
    const char *below = original + strlen(top) + (strcmp(top, "/") ? 1 : 0);
    g_autofree char *path = g_uri_escape_string(below, "/", FALSE);
    g_autofree char *begins = g_strdup_printf("[Trash Info]\nPath=%s\n", path);
    g_autofree char *text = g_strdup_printf("%sDeletionDate=%s\n", begins, date);

    g_autofree char *temp = g_strdup_printf("%s/info/%s", trash, retiring->temp);
    char *name = write_temp(temp, text) ? reserve_as(trash, temp, begins, original) : NULL;
    if (!name)
        unlink(temp);
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
    const char *path = retiring->folder->path;
    g_autofree char *original = tree_join(path, retiring->source);
    g_autofree char *top = mount_top(path);
    g_autofree char *trash = trash_of(top);
    g_autofree char *name = trash ? reserve(retiring, trash, top, original) : NULL;
    g_autofree char *files = name ? g_build_filename(trash, "files", NULL) : NULL;
    g_autoptr(Error) ignored = NULL;
    int trash_fd = files ? tree_open(files, &ignored) : -1;
    bool moved = false;

    if (trash_fd < 0)
        return false;
    Move move = move_of(retiring, root_fd, trash_fd, name);
    bool ok = move_file(&move, &moved, NULL, &ignored);
    close(trash_fd);
    if (!ok || !moved) {
        g_autofree char *info = g_strdup_printf("%s/info/%s.trashinfo", trash, name);
        unlink(info);
    }
    return ok;
}

/* ---- finished ---- */

static bool move_within(const Retiring *retiring, int root_fd, const char *to, char **placed,
                        Error **err)
{
    g_autofree char *target = tree_join(to, retiring->source);
    Move move = move_of(retiring, root_fd, root_fd, target);
    bool moved = false;

    return move_file(&move, &moved, placed, err);
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
              move_within(retiring, root_fd, trash ? "trash" : "done", NULL, err);
    close(root_fd);
    return ok;
}

/* ---- failed ---- */

static char *report_text(const Folder *folder, const char *source, int attempts, const Error *why)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%d %H:%M:%S %z");
    g_autofree char *shown = text_escape(source);

    return g_strdup_printf("This picture could not be finished.\n\n"
                           "picture:  %s\nfolder:   %s (%s)\nprofile:  %s\nwhen:     %s\n"
                           "attempts: %d\n\nwhat:     %s\nwhere:    %s\nfix:      %s\n\n"
                           "To try again, move the picture back into the folder.\n",
                           shown, folder->name, folder->path, folder->profile->name, date, attempts,
                           why->what, why->where ? why->where : "-",
                           why->fix ? why->fix
                                    : "look at the picture in a viewer, and send it again");
}

/* Under the hidden name first: a text is whole, or not there. One that is there already, of another
 * failure of the same name, gives way. */
static bool write_report(int root_fd, const char *placed, const char *temp, const char *text,
                         Error **err)
{
    g_autofree char *dir = NULL, *picture = NULL;

    tree_split(placed, &dir, &picture);
    g_autofree char *name = tree_tailed(picture, strlen(picture), ".txt");
    int dir_fd = tree_dir(root_fd, dir, false, err);
    if (dir_fd < 0)
        return false;
    int fd = openat(dir_fd, temp, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && write_whole(fd, text) && renameat(dir_fd, temp, dir_fd, name) == 0;
    if (!ok)
        error_errno(err, errno, "cannot write the reason into '%s'", dir);
    if (!ok && fd >= 0)
        unlinkat(dir_fd, temp, 0);
    if (fd >= 0)
        close(fd);
    ok = ok && tree_sync(dir_fd, dir, err);
    close(dir_fd);
    return ok;
}

bool retire_failed(const Retiring *retiring, int attempts, const Error *why, bool *gone,
                   Error **err)
{
    const Folder *folder = retiring->folder;
    g_autofree char *placed = NULL;
    int root_fd = tree_open(folder->path, err);

    *gone = false;
    if (root_fd < 0)
        return false;
    bool ok = move_within(retiring, root_fd, "failed", &placed, err);
    if (ok && placed) {
        g_autofree char *text = report_text(folder, retiring->source, attempts, why);
        ok = write_report(root_fd, placed, retiring->temp, text, err);
    }
    *gone = ok;
    close(root_fd);
    return ok;
}
