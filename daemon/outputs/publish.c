#include "daemon/outputs/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/rename.h"
#include "daemon/outputs/staging_internal.h"

static bool seal(const Stage *stage, Staged *item, Error **err)
{
    struct stat st;

    if (fstat(item->fd, &st) < 0)
        return error_errno(err, errno, "cannot look at '%s'", item->name);
    if (st.st_size == 0)
        return error_set(err, ERROR_INTERNAL, NULL, "the worker wrote nothing into an output");
    mark_set(item->fd, &st, &stage->origins);
    if (!rights_give(&stage->folder->ownership, RIGHTS_MODE, item->fd, stage->folder->output, err))
        return false;
    if (fsync(item->fd) < 0)
        return error_errno(err, errno, "cannot write an output to disk in '%s'",
                           stage->folder->output);
    item->file = fileid_of(&st);
    return true;
}

static int link_unnamed(const Staged *item, const char *name)
{
    char self[SELF_MAX];

    return linkat(AT_FDCWD, self_path(item->fd, self), item->dir_fd, name, AT_SYMLINK_FOLLOW);
}

static bool sync_dirs(const Stage *stage, Error **err)
{
    const char *last = NULL;

    for (unsigned i = 0; i < stage->items->len; i++) {
        const Staged *item = item_at(stage, i);
        if (item->skipped || !g_strcmp0(item->dir, last))
            continue;
        if (!tree_sync(item->dir_fd, item->dir, err))
            return false;
        last = item->dir;
    }
    return true;
}

/* Several files can't be placed in one step, and one can't be linked over another: they get hidden
 * names first, so that a crash in between finds them whole. */
static bool hide_all(Stage *stage, Error **err)
{
    unsigned unnamed = 0, kept = 0;
    /* nobody but its owner may link a file that has no name */
    bool replace = stage->folder->ownership.set & RIGHTS_OWNER;

    for (unsigned i = 0; i < stage->items->len; i++) {
        const Staged *item = item_at(stage, i);
        kept += !item->skipped;
        unnamed += !item->skipped && !item->hidden;
        replace |= item->replace;
    }
    if (!unnamed || (kept == 1 && !replace))
        return true;

    g_autofree bool *fresh = g_new0(bool, stage->items->len);
    for (unsigned i = 0; i < stage->items->len; i++) {
        Staged *item = item_at(stage, i);
        fresh[i] = !item->skipped && !item->hidden;
        if (fresh[i])
            stage_hide(stage, item, i);
    }
    if (!stage_record(stage, false, err))
        return false;
    for (unsigned i = 0; i < stage->items->len; i++)
        if (fresh[i] && link_unnamed(item_at(stage, i), item_at(stage, i)->hidden) < 0)
            return error_errno(err, errno, "cannot name an output in '%s'", stage->folder->output);
    return sync_dirs(stage, err);
}

/* The last thing to be given: a file of somebody else is out of our hands. */
static bool give_away(const Stage *stage, Error **err)
{
    for (unsigned i = 0; i < stage->items->len; i++) {
        const Staged *item = item_at(stage, i);
        if (item->skipped || !(stage->folder->ownership.set & RIGHTS_OWNER))
            continue;
        if (!rights_give(&stage->folder->ownership, RIGHTS_OWNER, item->fd, stage->folder->output,
                         err))
            return false;
        if (fsync(item->fd) < 0)
            return error_errno(err, errno, "cannot write an output to disk in '%s'",
                               stage->folder->output);
    }
    return true;
}

static bool name_is_free(const Stage *stage, const Staged *item, const char *name)
{
    struct stat st;

    if (fstatat(item->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return false;
    for (unsigned i = 0; i < stage->items->len; i++) {
        const Staged *other = item_at(stage, i);
        if (other != item && !other->skipped && !strcmp(other->dir, item->dir) &&
            !strcmp(other->name, name))
            return false;
    }
    return true;
}

/* The first name from item->number on that nobody has. */
static bool choose_name(const Stage *stage, Staged *item, Error **err)
{
    g_autofree char *wanted_dir = NULL, *wanted = NULL;

    if (item->skipped || item->placed || item->replace)
        return true;
    tree_split(item->wanted, &wanted_dir, &wanted);
    for (; item->number < MOST_NUMBERS; item->number++) {
        g_autofree char *name = tree_numbered(wanted, item->number);
        if (!name_is_free(stage, item, name))
            continue;
        g_free(item->name);
        item->name = g_steal_pointer(&name);
        return true;
    }
    return error_set(err, ERROR_CONFIG, "clear the output directory, or name by {seq:5}",
                     "there are %d outputs of the name '%s'", MOST_NUMBERS, wanted);
}

/* 0, or -1 with errno; EEXIST when somebody took the name in the meantime. */
static int place(const Staged *item)
{
    if (item->replace)
        return renameat(item->dir_fd, item->hidden, item->dir_fd, item->name);
    if (item->hidden)
        return tree_rename(item->dir_fd, item->hidden, item->dir_fd, item->name);
    return link_unnamed(item, item->name);
}

static bool cannot_place(const Stage *stage, const Staged *item, int code, Error **err)
{
    g_autofree char *shown = text_shorten(item->name, SHOWN);

    if (code == EINVAL || code == EILSEQ || code == ENAMETOOLONG)
        return error_set(err, ERROR_PICTURE, "rename the picture, or give `name` another pattern",
                         "the file system of '%s' takes no file called '%s'", stage->folder->output,
                         shown);
    return error_errno(err, code, "cannot place '%s' in '%s'", shown, stage->folder->output);
}

static bool place_all(Stage *stage, bool *taken, Error **err)
{
    *taken = false;
    for (unsigned i = 0; i < stage->items->len; i++) {
        Staged *item = item_at(stage, i);
        if (item->skipped || item->placed)
            continue;
        item->placed = place(item) == 0;
        if (!item->placed && errno != EEXIST)
            return cannot_place(stage, item, errno, err);
        *taken |= !item->placed;
    }
    return true;
}

/* What will never be whole is not left in parts; what it replaced is gone. */
static void take_back(Stage *stage)
{
    for (unsigned i = 0; i < stage->items->len; i++) {
        Staged *item = item_at(stage, i);
        if (item->placed && !item->replace && fileid_is_at(&item->file, item->dir_fd, item->name) &&
            unlinkat(item->dir_fd, item->name, 0) == 0)
            item->placed = false;
    }
}

/* When placing breaks off, the hidden files belong to the ledger's row now, which rolls forward. */
static bool left_to_the_ledger(Stage *stage, ErrorKind kind)
{
    if (kind == ERROR_PICTURE)
        take_back(stage);
    for (unsigned i = 0; i < stage->items->len; i++)
        g_clear_pointer(&item_at(stage, i)->hidden, g_free);
    return false;
}

bool stage_publish(Stage *stage, Error **err)
{
    bool taken = true;

    if (!stage_within_limits(stage, err))
        return false;
    for (unsigned i = 0; i < stage->items->len; i++)
        if (!item_at(stage, i)->skipped && !seal(stage, item_at(stage, i), err))
            return false;
    if (!hide_all(stage, err) || !give_away(stage, err))
        return false;
    while (taken) {
        for (unsigned i = 0; i < stage->items->len; i++)
            if (!choose_name(stage, item_at(stage, i), err))
                return false;
        if (!stage_record(stage, true, err))
            return false;
        stage->recorded = true;
        if (!place_all(stage, &taken, err))
            return left_to_the_ledger(stage, (*err)->kind);
    }
    return sync_dirs(stage, err) || left_to_the_ledger(stage, (*err)->kind);
}

bool stage_is_recorded(const Stage *stage)
{
    return stage->recorded;
}
