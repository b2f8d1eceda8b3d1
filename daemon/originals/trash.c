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
    g_autoptr(Error) ignored = NULL;
    struct stat st;

    if (parent < 0 ||
        (mkdirat(parent, name, 0700) < 0 ? errno != EEXIST : !tree_sync(parent, name, &ignored)))
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

static void close_both(const Trash *trash)
{
    if (trash->files >= 0)
        close(trash->files);
    if (trash->info >= 0)
        close(trash->info);
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

    const int on_the_way[] = { top, shared, home };
    *trash = (Trash){ own_directory(home, "files"), own_directory(home, "info") };
    for (unsigned i = 0; i < G_N_ELEMENTS(on_the_way); i++)
        if (on_the_way[i] >= 0)
            close(on_the_way[i]);
    if (trash->files >= 0 && trash->info >= 0)
        return true;
    close_both(trash);
    return false;
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
    for (unsigned number = 0; number < TREE_NUMBERS; number++) {
        g_autofree char *used = tree_numbered(name, number);
        g_autofree char *info = g_strdup_printf("%s.trashinfo", used);
        if ((!is_there(trash->files, used) && note_begins(trash->info, info, begins)) ||
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

/* What was reserved as `name` belongs to the picture wherever that lies now: as `placed` (an
 * earlier try may have brought it there, with its information), or (NULL) not in the trash at all.
 */
static void settle_info(const Trash *trash, const char *name, const char *placed)
{
    g_autofree char *info = g_strdup_printf("%s.trashinfo", name);
    g_autofree char *wanted = placed ? g_strdup_printf("%s.trashinfo", placed) : NULL;

    if (!wanted ||
        (strcmp(wanted, info) != 0 && tree_rename(trash->info, info, trash->info, wanted) < 0))
        unlinkat(trash->info, info, 0);
}

/* A picture that is in files/ after a power cut has its information, too. */
static bool sync_reserved(const Trash *trash, const char *name)
{
    g_autoptr(Error) ignored = NULL;

    if (tree_sync(trash->info, "info", &ignored))
        return true;
    if (!is_there(trash->files, name))
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

    char *name = note_write(trash->info, retiring->temp, 0600, text)
                     ? reserve_as(trash, retiring->temp, begins, root_fd, retiring->source)
                     : NULL;
    if (!name)
        unlinkat(trash->info, retiring->temp, 0);
    else if (!sync_reserved(trash, name))
        g_clear_pointer(&name, g_free);
    return name;
}

bool trash_original(const Retiring *retiring, int root_fd)
{
    g_autofree char *top = mount_top(retiring->folder->path);
    g_autoptr(Error) ignored = NULL;
    bool ok = false, moved = false;
    Trash trash;

    if (!open_trash(top, &trash))
        return false;
    g_autofree char *name = reserve(retiring, &trash, root_fd, top), *placed = NULL;
    if (name) {
        Move move = retiring_move(retiring, root_fd, trash.files, name);
        ok = move_file(&move, &moved, &placed, &ignored);
    }
    /* what is there keeps its information, though the disk could not be told so */
    if (name && (ok || !is_there(trash.files, name)))
        settle_info(&trash, name, placed);
    close_both(&trash);
    return ok;
}
