/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/outputs/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/text.h"
#include "base/units.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/lease.h"
#include "daemon/files/portable.h"
#include "daemon/files/signs.h"
#include "daemon/outputs/staging_internal.h"

enum { DEPTH_MAX = 64 }; /* directories of a name: they stay where the job fails */

static void staged_free(void *data)
{
    StagedFile *item = data;

    if (item->hidden && !item->published)
        unlinkat(item->dir_fd, item->hidden, 0);
    if (item->fd >= 0)
        close(item->fd);
    if (item->dir_fd >= 0)
        close(item->dir_fd);
    g_free(item->wanted);
    g_free(item->dir);
    g_free(item->name);
    g_free(item->hidden);
    g_free(item->note);
    g_free(item);
}

Staging *staging_new(const Folder *folder, const LedgerRow *row, const Provenance *provenance,
                     Ledger *ledger, Planned *planned)
{
    Staging *staging = g_new0(Staging, 1);

    staging->folder = folder;
    staging->ledger = ledger;
    staging->row = row;
    staging->provenance = *provenance;
    staging->planned = planned;
    staging->root_fd = -1;
    staging->items = g_ptr_array_new_with_free_func(staged_free);
    return staging;
}

void staging_free(Staging *staging)
{
    if (!staging)
        return;
    g_ptr_array_unref(staging->items);
    if (staging->root_fd >= 0)
        close(staging->root_fd);
    g_free(staging);
}

/* ---- staging ---- */

static LedgerOutput output_of(const StagedFile *item)
{
    return (LedgerOutput){
        .path = filename_join(item->dir, item->name),
        .hidden = item->hidden ? filename_join(item->dir, item->hidden) : NULL,
        .file = item->file,
        .replace = item->replace,
    };
}

bool staging_record(Staging *staging, bool publish, Error **err)
{
    g_autoptr(GArray) outputs = ledger_outputs_new();

    for (unsigned i = 0; i < staging->items->len; i++) {
        LedgerOutput output = output_of(staging_item(staging, i));
        if (!staging_item(staging, i)->skipped)
            g_array_append_val(outputs, output);
        else
            ledger_output_clear(&output);
    }
    return publish ? ledger_publish(staging->ledger, staging->row, outputs,
                                    staging->folder->profile, err)
                   : ledger_stage(staging->ledger, staging->row, outputs, err);
}

void staging_hide(const Staging *staging, StagedFile *item, unsigned n)
{
    g_free(item->hidden);
    item->hidden = g_strdup_printf(
        HIDDEN_PREFIX "%s-%" PRId64 "-%016" PRIx64 "-%u-%08x", ledger_tag(staging->ledger),
        staging->row->id, (uint64_t) staging->row->token, n, g_str_hash(staging->folder->output));
}

bool staging_was_here(const Folder *folder, const char *hidden)
{
    g_autofree char *end = g_strdup_printf("-%08x", g_str_hash(folder->output));

    return g_str_has_suffix(hidden, end);
}

/* An unnamed file, O_RDWR; a hidden one where the file system has none, or another machine may have
 * to publish it. -1 with errno, or with *err set. */
static int make_file(Staging *staging, StagedFile *item, Error **err)
{
    mode_t mode = staging->folder->ownership.set & OWNERSHIP_MODE ? 0600 : 0666;
    int fd = -1;

    if (!ledger_is_shared(staging->ledger))
        fd = openat(item->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    else
        errno = EOPNOTSUPP;
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    staging_hide(staging, item, staging->items->len);
    if (!staging_record(staging, false, err))
        return -1;
    return openat(item->dir_fd, item->hidden, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC,
                  mode);
}

static int make_in_dir(Staging *staging, StagedFile *item, Error **err)
{
    int fd = make_file(staging, item, err);

    for (int tries = 1; fd < 0 && !*err && dirs_was_removed(item->dir_fd, errno) &&
                        tries < DIRS_TRIES && staging_reopen(staging, item, err);
         tries++)
        fd = make_file(staging, item, err);
    return fd;
}

/* We keep a descriptor that only reads, so that only the worker can write. */
static bool open_output(Staging *staging, StagedFile *item, int *fd_for_worker, Error **err)
{
    char self[FD_PATH_BYTES];
    struct stat st;

    *fd_for_worker = make_in_dir(staging, item, err);
    if (*fd_for_worker >= 0)
        item->fd = open(staging_fd_path(*fd_for_worker, self), O_RDONLY | O_CLOEXEC);
    if (item->fd >= 0 &&
        ownership_apply(&staging->folder->ownership, OWNERSHIP_GROUP, item->fd,
                        staging->folder->output, err) &&
        fstat(item->fd, &st) == 0) {
        item->mode = st.st_mode;
        return true;
    }
    int code = errno;
    if (*fd_for_worker >= 0)
        close(*fd_for_worker);
    *fd_for_worker = -1;
    if (!*err) {
        error_errno(err, code, "cannot make a file in '%s'", staging->folder->output);
        /* whatever the cause, the next picture would meet it too */
        (*err)->kind = ERROR_ENVIRONMENT;
    }
    return false;
}

/* As a dry run finds it: directories that are missing have no names. */
static bool plan_name(Staging *staging, StagedFile *item, Error **err)
{
    g_autoptr(Error) missing = NULL;
    bool given = false;

    if (staging->root_fd < 0)
        staging->root_fd = open(staging->folder->output, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (staging->root_fd >= 0)
        item->dir_fd = dirs_open_with(staging->root_fd, item->dir, staging->folder->output_links,
                                      NULL, &missing);
    while (!given && !item->skipped) {
        if (item->dir_fd >= 0 && !staging_resolve_name(staging, item, err))
            return false;
        g_autofree char *path = filename_join(item->dir, item->name);
        given = !item->skipped && planned_take(staging->planned, path);
        if (given || item->skipped)
            break;
        item->skipped = item->exists == EXISTS_SKIP;
        if (item->skipped)
            staging_note_skipped(item);
        else if (!staging_next_name(item, err))
            return false;
    }
    return true;
}

static bool has_name(const Staging *staging, const char *name)
{
    for (unsigned i = 0; i < staging->items->len; i++)
        if (!strcmp(staging_item(staging, i)->wanted, name))
            return true;
    return false;
}

static bool refuse_duplicates(const Staging *staging, const char *name, Error **err)
{
    g_autofree char *shown = text_escape(name);

    return !has_name(staging, name) ||
           error_set(err, ERROR_CONFIG, "give each `save` of the profile another `name`",
                     "two outputs of this picture have the name '%s'", shown);
}

static bool within_limits(const Staging *staging, unsigned files, Error **err)
{
    const Limits *limits = &staging->folder->limits;
    int64_t bytes = 0;
    struct stat st;

    if (limits->max_outputs && files > (unsigned) limits->max_outputs)
        return error_set(err, ERROR_CONFIG, "raise `max_outputs`, or use fewer steps `save`",
                         "the picture has more outputs than max_outputs = %d allows",
                         limits->max_outputs);
    for (unsigned i = 0; i < staging->items->len; i++)
        if (staging_item(staging, i)->fd >= 0 && fstat(staging_item(staging, i)->fd, &st) == 0)
            bytes += st.st_size;
    if (!limits->max_output_bytes || bytes <= limits->max_output_bytes)
        return true;
    g_autofree char *is = units_bytes_rounded(bytes);
    g_autofree char *most = units_bytes_text(limits->max_output_bytes);
    return error_set(err, ERROR_PICTURE, "raise `max_output_bytes`, or save smaller outputs",
                     "the outputs have %s, more than max_output_bytes = %s allows", is, most);
}

bool staging_within_limits(const Staging *staging, Error **err)
{
    return within_limits(staging, staging->items->len, err);
}

/* Whether the name ends in a format that `save` writes, or copies. */
static bool is_picture_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot &&
           (FORMAT_BIT(format_from_extension(dot + 1)) & FORMATS_COPIED || !strcmp(dot, ".xmp"));
}

/* File systems differ in the error that they give: EINVAL, or ENOENT from exfat-fuse. */
bool staging_refuses_sign(const Staging *staging, int dir_fd, const char *name, int code,
                          Error **err)
{
    bool possible = code == EINVAL || code == EILSEQ || code == ENOENT || code == EACCES;
    g_autofree char *sign = possible ? signs_refused(dir_fd, name) : NULL;
    g_autofree char *shown = text_shorten(name, SHOWN_CHARACTERS);

    if (sign)
        error_set(err, ERROR_PICTURE, "set `names = portable`, or rename the picture",
                  "the file system of '%s' cannot have a file named '%s': it takes no name with %s",
                  staging->folder->output, shown, sign);
    return sign;
}

/* The directories of an output's name. */
static bool open_dir(const Staging *staging, StagedFile *item, Error **err)
{
    g_autoptr(Error) why = NULL;

    item->dir_fd = dirs_open_with(staging->root_fd, item->dir, staging->folder->output_links,
                                  &staging->folder->ownership, &why);
    if (item->dir_fd >= 0)
        return true;
    if (!staging_refuses_sign(staging, staging->root_fd, item->dir, EINVAL, err))
        *err = g_steal_pointer(&why);
    return error_set_where(err, "output");
}

bool staging_reopen(const Staging *staging, StagedFile *item, Error **err)
{
    close(item->dir_fd);
    item->replace = false;
    item->number = 0;
    return open_dir(staging, item, err);
}

/* A worker that a picture has taken over may ask for any name: none outside the output directory,
 * none of our own files, and none that the file system would refuse only when it is published. */
static bool refuse_name(const char *name, Error **err)
{
    g_autofree char *shown = text_shorten(name, SHOWN_CHARACTERS);

    if (strlen(name) >= PATH_MAX)
        return error_set(err, ERROR_CONFIG, "give a shorter name",
                         "the name '%s' of an output is too long", shown);
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    if (g_strv_length(parts) > DEPTH_MAX)
        return error_set(err, ERROR_CONFIG, "use fewer directories",
                         "the name '%s' of an output has more than %d directories", shown,
                         DEPTH_MAX - 1);
    for (char **part = parts; *part; part++)
        if (!**part || !strcmp(*part, ".") || !strcmp(*part, "..") || strlen(*part) > NAME_MAX ||
            g_str_has_prefix(*part, HIDDEN_PREFIX))
            return error_set(err, ERROR_CONFIG, "give a name inside the output directory",
                             "the name '%s' of an output is not allowed", shown);
    return is_picture_name(name) ||
           error_set(err, ERROR_CONFIG, "end the name in .jpg, .png or another extension of `save`",
                     "the name '%s' of an output has no extension of a picture", shown);
}

/* Such a worker may ask for any time, too: FileId has to hold it. What a file system cannot hold,
 * the kernel moves to the nearest time that it can. */
static bool refuse_time(int64_t mtime, const char *name, Error **err)
{
    g_autofree char *shown = text_shorten(name, SHOWN_CHARACTERS);

    if (mtime == PROTOCOL_NOW || (mtime >= -PROTOCOL_TIME_MAX && mtime <= PROTOCOL_TIME_MAX))
        return true;
    return error_set(err, ERROR_PICTURE, "set `mtime = now`",
                     "the output '%s' cannot have its time: it is too far from 1970", shown);
}

/* A name that the worker may give, as the folder wants it: newly allocated; NULL: it may not. */
static char *allowed_name(const Staging *staging, const char *given, Error **err)
{
    if (!refuse_name(given, err))
        return NULL;
    return staging->folder->names == NAMES_PORTABLE ? portable_path(given) : g_strdup(given);
}

static bool open_item(Staging *staging, const char *name, Exists exists, int64_t mtime, int *fd,
                      Error **err)
{
    StagedFile *item = g_new0(StagedFile, 1);

    item->wanted = g_strdup(name);
    item->exists = exists;
    item->mtime = mtime;
    item->dir_fd = item->fd = -1;
    filename_split(name, &item->dir, &item->name);
    g_ptr_array_add(staging->items, item);

    if (staging->planned)
        return plan_name(staging, item, err);
    if (staging->root_fd < 0 &&
        (staging->root_fd = dirs_open_root(staging->folder->output, err)) < 0)
        return error_set_where(err, "output");
    if (!open_dir(staging, item, err) || !staging_resolve_name(staging, item, err))
        return false;
    if (item->skipped)
        return true;
    return open_output(staging, item, fd, err);
}

bool staging_open(Staging *staging, const char *given, Exists exists, int64_t mtime, int *fd,
                  Error **err)
{
    g_autofree char *name = allowed_name(staging, given, err);

    *fd = -1;
    return name && refuse_time(mtime, name, err) && refuse_duplicates(staging, name, err) &&
           within_limits(staging, staging->items->len + 1, err) &&
           open_item(staging, name, exists, mtime, fd, err);
}

bool staging_open_beside(Staging *staging, const char *given, int64_t mtime, int *fd, Error **err)
{
    const StagedFile *first = staging->items->len ? staging_item(staging, 0) : NULL;
    g_autofree char *dir = NULL, *own = NULL;

    filename_split(given, &dir, &own);
    g_autofree char *beside = filename_join(first ? first->dir : dir, own);
    g_autofree char *name =
        staging->folder->names == NAMES_PORTABLE ? portable_path(beside) : g_strdup(beside);
    bool in_time = mtime >= -PROTOCOL_TIME_MAX && mtime <= PROTOCOL_TIME_MAX;

    *fd = -1;
    return has_name(staging, name) ||
           open_item(staging, name, EXISTS_NUMBER, in_time ? mtime : PROTOCOL_NOW, fd, err);
}

bool staging_is_empty(const Staging *staging)
{
    return !staging->items->len;
}

/* Whether the lease of one of its files is among these (1 << LEASE_...). */
static bool any_lease(const Staging *staging, unsigned leases)
{
    for (unsigned i = 0; i < staging->items->len; i++)
        if (staging_item(staging, i)->fd >= 0 &&
            leases & 1U << lease_test(staging_item(staging, i)->fd))
            return true;
    return false;
}

bool staging_is_closed(const Staging *staging)
{
    return !any_lease(staging, 1U << LEASE_WRITER);
}

bool staging_is_uncertain(const Staging *staging)
{
    return any_lease(staging, 1U << LEASE_UNCERTAIN | 1U << LEASE_UNKNOWN);
}

char **staging_list(const Staging *staging)
{
    GPtrArray *names = g_ptr_array_new();

    for (unsigned i = 0; i < staging->items->len; i++) {
        const StagedFile *item = staging_item(staging, i);
        if (!item->skipped)
            g_ptr_array_add(names, filename_join(item->dir, item->name));
    }
    g_ptr_array_add(names, NULL);
    return (char **) g_ptr_array_free(names, FALSE);
}

int64_t staging_published_bytes(const Staging *staging)
{
    int64_t bytes = 0;

    for (unsigned i = 0; i < staging->items->len; i++)
        if (staging_item(staging, i)->published)
            bytes += staging_item(staging, i)->file.size;
    return bytes;
}

const char *staging_note(const Staging *staging)
{
    for (unsigned i = 0; i < staging->items->len; i++)
        if (staging_item(staging, i)->note)
            return staging_item(staging, i)->note;
    return NULL;
}

char *staging_names(const Staging *staging)
{
    g_auto(GStrv) names = staging_list(staging);

    return *names ? g_strjoinv(", ", names) : NULL;
}
