/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/outputs/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/text.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/rename.h"
#include "daemon/outputs/staging_internal.h"

/* The worker cannot: the system call that sets its output's time would set the original's, too. */
static bool set_time(const StagedFile *item, Error **err)
{
    const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = item->mtime } };

    if (item->mtime == PROTOCOL_NOW || futimens(item->fd, times) == 0)
        return true;
    g_autofree char *shown = text_shorten(item->name, SHOWN_CHARACTERS);
    return error_errno(err, errno, "cannot set the time of the output '%s'", shown);
}

/* The worker may have changed the mode: it is ours to give. The time comes first, since the
 * provenance holds it. */
static bool finish(const Staging *staging, StagedFile *item, Error **err)
{
    struct stat st;

    if (!set_time(item, err))
        return false;
    if (fstat(item->fd, &st) < 0)
        return error_errno(err, errno, "cannot examine the output '%s'", item->name);
    if (st.st_size == 0)
        return error_set(err, ERROR_INTERNAL, NULL, "the worker left an output empty");
    provenance_set(item->fd, &st, &staging->provenance);
    return ownership_restore(item->fd, &st, item->mode, staging->folder->output, err) &&
           ownership_apply(&staging->folder->ownership, OWNERSHIP_MODE, item->fd,
                           staging->folder->output, err);
}

static int link_unnamed(const StagedFile *item)
{
    char self[FD_PATH_BYTES];

    return linkat(AT_FDCWD, staging_fd_path(item->fd, self), item->dir_fd, item->hidden,
                  AT_SYMLINK_FOLLOW);
}

/* A file without a name does not keep its directory from being removed as empty. */
static bool link_in_dir(const Staging *staging, StagedFile *item, Error **err)
{
    int linked = link_unnamed(item);

    for (int tries = 1; linked < 0 && dirs_was_removed(item->dir_fd, errno) && tries < DIRS_TRIES;
         tries++) {
        if (!staging_reopen(staging, item, err))
            return false;
        linked = link_unnamed(item);
    }
    return linked == 0 ||
           error_errno(err, errno, "cannot give an output a name in '%s'", staging->folder->output);
}

static bool sync_dirs(const Staging *staging, Error **err)
{
    const char *last = NULL;

    for (unsigned i = 0; i < staging->items->len; i++) {
        const StagedFile *item = staging_item(staging, i);
        if (item->skipped || !g_strcmp0(item->dir, last))
            continue;
        if (!dirs_sync(item->dir_fd, item->dir, err))
            return false;
        last = item->dir;
    }
    return true;
}

/* Gives the files without a name hidden ones, which the ledger knows first. From the record on that
 * they are to be published, the hidden name says which of them have their final name: a program
 * that takes an output away leaves neither. */
static bool link_hidden(Staging *staging, Error **err)
{
    g_autofree bool *to_link = g_new0(bool, staging->items->len);
    bool any = false;

    for (unsigned i = 0; i < staging->items->len; i++) {
        StagedFile *item = staging_item(staging, i);
        to_link[i] = !item->skipped && !item->hidden;
        if (to_link[i])
            staging_hide(staging, item, i);
        any |= to_link[i];
    }
    if (any && !staging_record(staging, false, err))
        return false;
    for (unsigned i = 0; i < staging->items->len; i++)
        if (to_link[i] && !link_in_dir(staging, staging_item(staging, i), err))
            return false;
    return true;
}

/* Its owner is given when it has a name, since only the owner may link a file that has none; what
 * another user owns is out of our hands. */
static bool sync_file(const Staging *staging, StagedFile *item, Error **err)
{
    struct stat st, dir;

    if (!ownership_apply(&staging->folder->ownership, OWNERSHIP_OWNER, item->fd,
                         staging->folder->output, err))
        return false;
    if (fsync(item->fd) < 0 || fstat(item->fd, &st) < 0 || fstat(item->dir_fd, &dir) < 0)
        return error_errno(err, errno, "cannot write an output to disk in '%s'",
                           staging->folder->output);
    item->file = fileid_of(&st);
    item->file.dev = dir.st_dev; /* overlayfs may show another one for the file */
    return true;
}

/* Everything is on disk under hidden names after this: whole, as it will be published. The names
 * come first, since most file systems write them with the first file. */
static bool stage_durably(Staging *staging, Error **err)
{
    for (unsigned i = 0; i < staging->items->len; i++)
        if (!staging_item(staging, i)->skipped && !finish(staging, staging_item(staging, i), err))
            return false;
    if (!link_hidden(staging, err))
        return false;
    for (unsigned i = 0; i < staging->items->len; i++)
        if (!staging_item(staging, i)->skipped &&
            !sync_file(staging, staging_item(staging, i), err))
            return false;
    return sync_dirs(staging, err);
}

/* An output whose hidden file another program has removed is made again; after the record it would
 * count as published and taken away. */
static bool check_hidden(const Staging *staging, Error **err)
{
    struct stat st;

    for (unsigned i = 0; i < staging->items->len; i++) {
        const StagedFile *item = staging_item(staging, i);
        if (!item->skipped && fstatat(item->dir_fd, item->hidden, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
            errno == ENOENT)
            return error_set(err, ERROR_TRANSIENT,
                             "keep other programs from files that are named " HIDDEN_PREFIX "*",
                             "another program has removed an unfinished output in '%s'",
                             staging->folder->output);
    }
    return true;
}

/* Whether another output of this picture has the name. */
static bool is_of_another_output(const Staging *staging, const StagedFile *item, const char *name)
{
    for (unsigned i = 0; i < staging->items->len; i++) {
        const StagedFile *other = staging_item(staging, i);
        if (other != item && !other->skipped && !strcmp(other->dir, item->dir) &&
            !strcmp(other->name, name))
            return true;
    }
    return false;
}

/* Removed before the record: recovery takes a recorded hidden file that is missing for one that was
 * published and taken away. */
static bool give_up(StagedFile *item, Error **err)
{
    if (unlinkat(item->dir_fd, item->hidden, 0) < 0 && errno != ENOENT)
        return error_errno(err, errno, "cannot remove the hidden file of an output");
    g_clear_pointer(&item->hidden, g_free);
    return true;
}

/* The first free name from item->number on. Another picture may have got the name since this output
 * was begun: `exists = skip` leaves it to that one. */
static bool choose_name(const Staging *staging, StagedFile *item, Error **err)
{
    g_autofree char *wanted_dir = NULL, *wanted = NULL;

    if (item->skipped || item->published)
        return true;
    if (item->replace)
        return staging_may_replace(staging, item) || give_up(item, err);
    filename_split(item->wanted, &wanted_dir, &wanted);
    for (; item->number < FILENAME_NUMBERS; item->number++) {
        struct stat st;
        g_free(item->name);
        item->name = filename_numbered(wanted, item->number);
        bool there = fstatat(item->dir_fd, item->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
        if (there && staging_skips(staging, item, &st))
            return give_up(item, err);
        if (!there && !is_of_another_output(staging, item, item->name))
            return true;
    }
    return error_set(err, ERROR_CONFIG, "remove or rename some of them, or use {seq:5} in `name`",
                     "there are %d outputs of the name '%s'", FILENAME_NUMBERS, wanted);
}

/* 0, or -1 with errno; EEXIST where another process took the name meanwhile. */
static int publish_one(const StagedFile *item)
{
    if (item->replace)
        return renameat(item->dir_fd, item->hidden, item->dir_fd, item->name);
    return rename_to_free_name(item->dir_fd, item->hidden, item->dir_fd, item->name);
}

static bool cannot_publish(const Staging *staging, const StagedFile *item, int code, Error **err)
{
    g_autofree char *shown = text_shorten(item->name, SHOWN_CHARACTERS);

    if (staging_refuses_sign(staging, item->dir_fd, item->name, code, err))
        return false;
    if (code == EINVAL || code == EILSEQ || code == ENAMETOOLONG)
        return error_set(err, ERROR_PICTURE, "rename the picture, or give `name` another pattern",
                         "the file system of '%s' cannot have a file named '%s'",
                         staging->folder->output, shown);
    return error_errno(err, code, "cannot publish '%s' in '%s'", shown, staging->folder->output);
}

static bool publish_all(Staging *staging, bool *taken, Error **err)
{
    *taken = false;
    for (unsigned i = 0; i < staging->items->len; i++) {
        StagedFile *item = staging_item(staging, i);
        if (item->skipped || item->published)
            continue;
        item->published = publish_one(item) == 0;
        if (!item->published && errno != EEXIST)
            return cannot_publish(staging, item, errno, err);
        *taken |= !item->published;
    }
    return true;
}

/* Outputs that will never be complete are removed again; what they replaced is gone. */
static void unpublish(Staging *staging)
{
    for (unsigned i = 0; i < staging->items->len; i++) {
        StagedFile *item = staging_item(staging, i);
        if (item->published && !item->replace &&
            fileid_is_at(&item->file, item->dir_fd, item->name) &&
            unlinkat(item->dir_fd, item->name, 0) == 0)
            item->published = false;
    }
}

/* After a failure the hidden files belong to the ledger's row, which recovery finishes. Where the
 * row was taken over before it was to be published, they are of no use. */
static bool leave_to_ledger(Staging *staging, ErrorKind kind)
{
    if (kind == ERROR_TAKEN && !staging->recorded)
        return false;
    if (kind == ERROR_PICTURE)
        unpublish(staging);
    for (unsigned i = 0; i < staging->items->len; i++)
        g_clear_pointer(&staging_item(staging, i)->hidden, g_free);
    return false;
}

static bool choose_names(Staging *staging, Error **err)
{
    for (unsigned i = 0; i < staging->items->len; i++)
        if (!choose_name(staging, staging_item(staging, i), err))
            return false;
    return true;
}

/* The ledger knows every hidden name from here on, and may know final names, even where a commit
 * seemed to fail: a hidden file that is missing would count as published and taken away. */
bool publish_outputs(Staging *staging, Error **err)
{
    bool taken = true;

    if (!staging_within_limits(staging, err) || !stage_durably(staging, err) ||
        !check_hidden(staging, err))
        return false;
    while (taken) {
        if (!choose_names(staging, err) || !staging_record(staging, true, err))
            return leave_to_ledger(staging, (*err)->kind);
        staging->recorded = true;
        if (!publish_all(staging, &taken, err))
            return leave_to_ledger(staging, (*err)->kind);
    }
    return sync_dirs(staging, err) || leave_to_ledger(staging, (*err)->kind);
}

bool publish_is_recorded(const Staging *staging)
{
    return staging->recorded;
}
