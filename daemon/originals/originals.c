#include "daemon/originals/originals.h"

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
#include "daemon/files/rename.h"
#include "daemon/files/textfile.h"
#include "daemon/originals/trash.h"

Move retiring_move(const Retiring *retiring, int root_fd, int to_root_fd, const char *to_path)
{
    return (Move){ .root_fd = root_fd,
                   .path = retiring->source,
                   .file = retiring->file,
                   .to_root_fd = to_root_fd,
                   .to_path = to_path,
                   .temp = retiring->temp,
                   .again = retiring->again };
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
    for (unsigned number = 0; number < TREE_NUMBERS; number++) {
        g_autofree char *name = tree_numbered(wanted, number);

        if (note_begins(dir_fd, name, headline)) /* of an earlier failure */
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

    bool ok = note_write(dir_fd, temp, 0666, text) && name_report(dir_fd, temp, name);
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
    if (dir_fd >= 0)
        close(dir_fd);
    close(root_fd);
    return *gone;
}
