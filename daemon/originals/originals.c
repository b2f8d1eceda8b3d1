#include "daemon/originals/originals.h"

#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/originals/report.h"
#include "daemon/originals/trash.h"

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
    Move move = retiring_move(retiring, root_fd, dir_fd, name);
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
    bool ok = (trash && trash_original(retiring, root_fd)) ||
              move_to(retiring, root_fd, trash ? "trash" : "done", err);
    close(root_fd);
    return ok;
}

/* ---- failed ---- */

static bool move_with_report(const Retiring *retiring, int root_fd, int dir_fd, const char *name,
                             int attempts, const Error *why, Error **err)
{
    g_autofree char *placed = NULL;

    if (!move_within(retiring, root_fd, dir_fd, name, &placed, err))
        return false;
    return !placed || report_write(dir_fd, placed, retiring, attempts, why, err);
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
    if (dir_fd >= 0)
        close(dir_fd);
    close(root_fd);
    return *gone;
}
