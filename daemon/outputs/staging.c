#include "daemon/outputs/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/lease.h"
#include "daemon/outputs/staging_internal.h"

enum { DEPTH_MAX = 64 }; /* parts of a name: they are made, and stay where the job fails */

static void staged_free(void *data)
{
    Staged *item = data;

    if (item->hidden && !item->placed)
        unlinkat(item->dir_fd, item->hidden, 0);
    if (item->fd >= 0)
        close(item->fd);
    if (item->dir_fd >= 0)
        close(item->dir_fd);
    g_free(item->wanted);
    g_free(item->dir);
    g_free(item->name);
    g_free(item->hidden);
    g_free(item);
}

Stage *stage_new(const Folder *folder, const LedgerRow *row, const Origins *origins, Ledger *ledger,
                 bool dry)
{
    Stage *stage = g_new0(Stage, 1);

    stage->folder = folder;
    stage->ledger = ledger;
    stage->job = row->id;
    stage->source = row->source;
    stage->origins = *origins;
    stage->dry = dry;
    stage->root_fd = -1;
    stage->items = g_ptr_array_new_with_free_func(staged_free);
    return stage;
}

void stage_free(Stage *stage)
{
    if (!stage)
        return;
    g_ptr_array_unref(stage->items);
    if (stage->root_fd >= 0)
        close(stage->root_fd);
    g_free(stage);
}

/* ---- staging ---- */

/* What lies there was made from the same source, whatever the source held then. */
static bool made_from_source(const Stage *stage, const Staged *item, const struct stat *st,
                             bool *made, Error **err)
{
    g_autofree char *path = tree_join(item->dir, item->name);
    FileId there = fileid_of(st);

    *made = mark_source_is(item->dir_fd, item->name, &stage->origins);
    return *made ||
           ledger_made(stage->ledger, stage->folder->name, stage->source, path, &there, made, err);
}

static LedgerOutput output_of(const Staged *item)
{
    return (LedgerOutput){
        .path = tree_join(item->dir, item->name),
        .hidden = item->hidden ? tree_join(item->dir, item->hidden) : NULL,
        .file = item->file,
        .replace = item->replace,
    };
}

bool stage_record(Stage *stage, bool publish, Error **err)
{
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));

    g_array_set_clear_func(outputs, (GDestroyNotify) ledger_output_clear);
    for (unsigned i = 0; i < stage->items->len; i++) {
        LedgerOutput output = output_of(item_at(stage, i));
        if (!item_at(stage, i)->skipped)
            g_array_append_val(outputs, output);
        else
            ledger_output_clear(&output);
    }
    return publish ? ledger_publish(stage->ledger, stage->job, outputs, err)
                   : ledger_stage(stage->ledger, stage->job, outputs, err);
}

void stage_hide(const Stage *stage, Staged *item, unsigned n)
{
    item->hidden =
        g_strdup_printf(".hotfolder-%s-%" PRId64 "-%u", ledger_tag(stage->ledger), stage->job, n);
}

/* An unnamed file, O_RDWR; a hidden one where the file system has none of those. -1 with errno, or
 * with *err set. */
static int make_file(Stage *stage, Staged *item, Error **err)
{
    mode_t mode = stage->folder->ownership.set & RIGHTS_MODE ? 0600 : 0666;
    int fd = openat(item->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    stage_hide(stage, item, stage->items->len);
    if (!stage_record(stage, false, err))
        return -1;
    return openat(item->dir_fd, item->hidden, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC,
                  mode);
}

/* We keep a descriptor that only reads, so that whoever is left that can write is the worker. */
static bool open_file(Stage *stage, Staged *item, int *writer, Error **err)
{
    char self[SELF_MAX];

    *writer = make_file(stage, item, err);
    if (*writer >= 0)
        item->fd = open(self_path(*writer, self), O_RDONLY | O_CLOEXEC);
    if (item->fd >= 0 &&
        rights_give(&stage->folder->ownership, RIGHTS_GROUP, item->fd, stage->folder->output, err))
        return true;
    int code = errno;
    if (*writer >= 0)
        close(*writer);
    *writer = -1;
    if (!*err) {
        error_errno(err, code, "cannot make a file in '%s'", stage->folder->output);
        (*err)->kind = ERROR_ENVIRONMENT; /* whatever it is, the next picture would meet it too */
    }
    return false;
}

/* What is to be done about a name that is taken: nothing, to replace what is there, or (*next) to
 * look at the next number. */
static bool consider(const Stage *stage, Staged *item, const struct stat *st, bool *next,
                     Error **err)
{
    bool output = S_ISREG(st->st_mode) || S_ISLNK(st->st_mode); /* somebody may keep it elsewhere */

    item->skipped = (item->exists == EXISTS_SKIP && output) ||
                    mark_is(item->dir_fd, item->name, &stage->origins);
    if (!item->skipped && item->exists == EXISTS_REPLACE &&
        !made_from_source(stage, item, st, &item->replace, err))
        return false;
    *next = !item->skipped && !item->replace;
    return true;
}

/* What the name that the profile wants means in a directory that may hold it already. The names
 * with numbers count too: they are what this picture got when another one had its name. */
static bool look_around(const Stage *stage, Staged *item, Error **err)
{
    g_autofree char *wanted = g_strdup(item->name);
    bool next = true;
    struct stat st;

    while (next && fstatat(item->dir_fd, item->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!consider(stage, item, &st, &next, err))
            return false;
        if (next && item->number >= MOST_NUMBERS)
            return error_set(err, ERROR_CONFIG, "clear the output directory, or name by {seq:5}",
                             "there are %d outputs of the name '%s'", MOST_NUMBERS, wanted);
        if (next) {
            g_free(item->name);
            item->name = tree_numbered(wanted, ++item->number);
        }
    }
    return true;
}

static bool refuse_twins(const Stage *stage, const char *name, Error **err)
{
    g_autofree char *shown = text_escape(name);

    for (unsigned i = 0; i < stage->items->len; i++)
        if (!strcmp(item_at(stage, i)->wanted, name))
            return error_set(err, ERROR_CONFIG, "give each save of the profile a name of its own",
                             "two outputs of this picture would both be called '%s'", shown);
    return true;
}

static bool within_limits(const Stage *stage, unsigned files, Error **err)
{
    const Limits *limits = &stage->folder->limits;
    int64_t bytes = 0;
    struct stat st;

    if (limits->max_outputs && files > (unsigned) limits->max_outputs)
        return error_set(err, ERROR_CONFIG, "raise `max_outputs`, or use fewer saves",
                         "it would become %u files or more, and max_outputs = %d is all that is "
                         "allowed",
                         files, limits->max_outputs);
    for (unsigned i = 0; i < stage->items->len; i++)
        if (item_at(stage, i)->fd >= 0 && fstat(item_at(stage, i)->fd, &st) == 0)
            bytes += st.st_size;
    if (!limits->max_output_bytes || bytes <= limits->max_output_bytes)
        return true;
    g_autofree char *is = units_bytes_about(bytes);
    g_autofree char *most = units_bytes_text(limits->max_output_bytes);
    return error_set(err, ERROR_PICTURE, "raise `max_output_bytes`, or save it smaller",
                     "its outputs have %s, more than max_output_bytes = %s allows", is, most);
}

bool stage_within_limits(const Stage *stage, Error **err)
{
    return within_limits(stage, stage->items->len, err);
}

/* What `save` writes ends in its format. */
static bool is_picture_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && (FORMAT_BIT(format_of(dot + 1)) & FORMATS_WRITTEN);
}

/* A worker that a picture has taken over asks for whatever it likes: nothing outside, nothing that
 * is ours, and nothing that the file system would refuse only when it is placed. */
static bool refuse_name(const char *name, Error **err)
{
    g_autofree char *shown = text_shorten(name, SHOWN);

    if (strlen(name) >= PATH_MAX)
        return error_set(err, ERROR_CONFIG, "give a shorter one",
                         "'%s' is too long for a name of an output", shown);
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    if (g_strv_length(parts) > DEPTH_MAX)
        return error_set(err, ERROR_CONFIG, "use fewer directories",
                         "'%s' lies deeper than %d directories", shown, DEPTH_MAX - 1);
    for (char **part = parts; *part; part++)
        if (!**part || !strcmp(*part, ".") || !strcmp(*part, "..") || strlen(*part) > NAME_MAX ||
            g_str_has_prefix(*part, ".hotfolder-"))
            return error_set(err, ERROR_CONFIG, "give a name inside the output directory",
                             "'%s' is no name for an output", shown);
    return is_picture_name(name) || error_set(err, ERROR_CONFIG, "end it in .jpg, .png or the like",
                                              "'%s' is no name for a picture", shown);
}

bool stage_open(Stage *stage, const char *name, Exists exists, int *fd, Error **err)
{
    *fd = -1;
    if (!refuse_name(name, err) || !refuse_twins(stage, name, err) ||
        !within_limits(stage, stage->items->len + 1, err))
        return false;

    Staged *item = g_new0(Staged, 1);
    item->wanted = g_strdup(name);
    item->exists = exists;
    item->dir_fd = item->fd = -1;
    tree_split(name, &item->dir, &item->name);
    g_ptr_array_add(stage->items, item);

    if (stage->dry) {
        item->skipped = true;
        return true;
    }
    if (stage->root_fd < 0 && (stage->root_fd = tree_open(stage->folder->output, err)) < 0)
        return false;
    if ((item->dir_fd = tree_dir_with(stage->root_fd, item->dir, stage->folder->output_links,
                                      &stage->folder->ownership, err)) < 0 ||
        !look_around(stage, item, err))
        return false;
    if (item->skipped)
        return true;
    return open_file(stage, item, fd, err);
}

bool stage_is_empty(const Stage *stage)
{
    return !stage->items->len;
}

/* Whether the lease of one of its files is among these (1 << LEASE_...). */
static bool any_lease(const Stage *stage, unsigned leases)
{
    for (unsigned i = 0; i < stage->items->len; i++)
        if (item_at(stage, i)->fd >= 0 && leases & 1U << look_lease(item_at(stage, i)->fd))
            return true;
    return false;
}

bool stage_is_shut(const Stage *stage)
{
    return !any_lease(stage, 1U << LEASE_WRITER);
}

bool stage_is_unsure(const Stage *stage)
{
    return any_lease(stage, 1U << LEASE_DOUBT | 1U << LEASE_SILENT);
}

char *stage_names(const Stage *stage)
{
    GString *names = g_string_new(NULL);

    for (unsigned i = 0; i < stage->items->len; i++) {
        const Staged *item = item_at(stage, i);
        g_autofree char *path = tree_join(item->dir, item->name);
        if (!item->skipped || stage->dry)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", path);
    }
    return g_string_free(names, names->len == 0);
}
