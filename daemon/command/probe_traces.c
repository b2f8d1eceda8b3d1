/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Other users may write where the traces lie: no link is followed there, and a directory goes only
 * if it is empty and younger than the probe. An output is known by its provenance, and by its name
 * where the file system keeps none. */
#include "command/probe_traces.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/files/fileid.h"
#include "daemon/files/filename.h"
#include "daemon/files/provenance.h"
#include "daemon/files/walk.h"
#include "daemon/originals/trash.h"

static const char *const places[] = { "", "done", "failed", "trash" };

ProbeTraces probe_traces_begin(const Folder *folder, const char *name)
{
    ProbeTraces traces = { .folder = folder, .name = name };

    clock_gettime(CLOCK_REALTIME_COARSE, &traces.since); /* the clock of file systems */
    return traces;
}

static bool is_later(int64_t s, int64_t ns, const struct timespec *since)
{
    return s > since->tv_sec || (s == since->tv_sec && ns >= since->tv_nsec);
}

/* ---- removing ---- */

/* A file that is not there is removed. */
static bool remove_file(const char *root, const char *directory, const char *name)
{
    int fd = beneath_open(root, directory, O_RDONLY | O_DIRECTORY);
    int result = fd < 0 ? -1 : unlinkat(fd, name, 0);
    bool removed = result == 0 || beneath_is_absence(errno);

    if (fd >= 0)
        close(fd);
    return removed;
}

/* The same, and notes the first that stays. */
static void take(const char *root, const char *directory, const char *name, char **stays)
{
    g_autofree char *path = filename_join(directory, name);

    if (!remove_file(root, directory, name) && !*stays)
        *stays = beneath_path(root, path);
}

/* Whether the directory was made since then; false where the file system does not know. */
static bool is_new(int parent, const char *name, const struct timespec *since)
{
    struct statx st;

    return statx(parent, name, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &st) == 0 &&
           (st.stx_mask & STATX_BTIME) &&
           is_later(st.stx_btime.tv_sec, st.stx_btime.tv_nsec, since);
}

/* Removes the directory and those above it, as long as they are new and empty. */
static void remove_directories(const char *root, const char *path, const struct timespec *since)
{
    g_autofree char *parent = NULL, *name = NULL;

    if (!*path)
        return;
    filename_split(path, &parent, &name);
    int fd = beneath_open(root, parent, O_RDONLY | O_DIRECTORY);
    bool removed = fd >= 0 && is_new(fd, name, since) && unlinkat(fd, name, AT_REMOVEDIR) == 0;

    if (fd >= 0)
        close(fd);
    if (removed)
        remove_directories(root, parent, since);
}

/* ---- the trash of the mount ---- */

static void remove_of_trash(const char *trash, const char *name)
{
    g_autofree char *info = g_strdup_printf("%s.trashinfo", name);

    if (remove_file(trash, "files", name))
        remove_file(trash, "info", info);
}

/* Each user has a trash there; the name is of one picture only. */
static void remove_of_trashes(const char *path, const char *name)
{
    g_autofree char *top = trash_top(path), *shared = g_build_filename(top, ".Trash", NULL);
    const char *const homes[] = { top, shared };

    for (size_t i = 0; i < G_N_ELEMENTS(homes); i++) {
        g_autoptr(GDir) listing = g_dir_open(homes[i], 0, NULL);
        const char *entry = NULL;
        while (listing && (entry = g_dir_read_name(listing))) {
            g_autofree char *trash = g_build_filename(homes[i], entry, NULL);
            if (i == 1 || g_str_has_prefix(entry, ".Trash-"))
                remove_of_trash(trash, name);
        }
    }
}

/* ---- outputs ---- */

typedef struct Search {
    const ProbeTraces *traces;
    uint64_t source;  /* as the provenance of its outputs has it */
    char *stem;       /* its name without .jpg */
    GPtrArray *found; /* of char *, below the output directory */
    int64_t bytes;
} Search;

static bool on_directory(void *user, const char *path, int fd, const struct stat *st)
{
    (void) user, (void) path, (void) fd, (void) st;
    return true;
}

static bool wants_directory(void *user, const char *path, const char *name)
{
    (void) user, (void) path, (void) name;
    return true;
}

static void on_unreadable(void *user, const char *path, int error)
{
    (void) user, (void) path, (void) error;
}

static bool is_made_of_it(const Search *search, const char *path, const char *name)
{
    g_autofree char *directory = NULL, *last = NULL;
    Provenance provenance = { 0 };

    filename_split(path, &directory, &last);
    int fd = beneath_open(search->traces->folder->output, directory, O_RDONLY | O_DIRECTORY);
    bool known = fd >= 0 && provenance_read(fd, name, &provenance);
    if (fd >= 0)
        close(fd);
    return known ? provenance.source == search->source : strstr(name, search->stem) != NULL;
}

static void on_entry(void *user, const char *path, const char *name, const struct stat *st)
{
    Search *search = user;

    if (!S_ISREG(st->st_mode) ||
        !is_later(st->st_ctim.tv_sec, st->st_ctim.tv_nsec, &search->traces->since) ||
        !is_made_of_it(search, path, name))
        return;
    g_ptr_array_add(search->found, g_strdup(path));
    search->bytes += st->st_size;
}

static void find_outputs(Search *search)
{
    static const WalkHooks hooks = { on_directory, wants_directory, on_entry, on_unreadable };
    Walk *walk = walk_new(search->traces->folder->output, &hooks, search);

    walk_push(walk, "");
    while (walk_step(walk))
        continue;
    walk_free(walk);
}

static void remove_outputs(const ProbeTraces *traces, GPtrArray *outputs, int64_t *bytes,
                           char **stays)
{
    const char *root = traces->folder->output;
    g_autofree char *source = beneath_path(traces->folder->path, traces->name);
    g_autofree char *stem = g_strndup(traces->name, strcspn(traces->name, "."));
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    Search search = { traces, fileid_text_hash(source), stem, found, 0 };

    find_outputs(&search);
    for (guint i = 0; i < found->len; i++) {
        g_autofree char *directory = NULL, *name = NULL;
        filename_split(found->pdata[i], &directory, &name);
        take(root, directory, name, stays);
        remove_directories(root, directory, &traces->since);
        if (outputs)
            g_ptr_array_add(outputs, beneath_path(root, found->pdata[i]));
    }
    if (bytes)
        *bytes += search.bytes;
}

/* The original goes last: by its name the rest is found after an interruption. */
char *probe_traces_remove(const ProbeTraces *traces, GPtrArray *outputs, int64_t *bytes)
{
    const Folder *folder = traces->folder;
    g_autofree char *report = g_strdup_printf("%s.txt", traces->name);
    char *stays = NULL;

    remove_outputs(traces, outputs, bytes, &stays);
    take(folder->path, "failed", report, &stays);
    if (folder->originals == ORIGINALS_TRASH)
        remove_of_trashes(folder->path, traces->name);
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        take(folder->path, places[i], traces->name, &stays);
        remove_directories(folder->path, places[i], &traces->since);
    }
    return stays;
}

/* ---- of a probe that was interrupted ---- */

/* The earliest time counts: an output may have been published before its original was moved. */
static void add_name(GHashTable *names, const char *name, const struct timespec *time)
{
    const struct timespec *known = g_hash_table_lookup(names, name);

    if (!known || !is_later(time->tv_sec, time->tv_nsec, known))
        g_hash_table_insert(names, g_strdup(name), g_memdup2(time, sizeof(*time)));
}

static void add_names(const char *path, GHashTable *names)
{
    g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
    const char *name = NULL;
    struct stat st;

    while (listing && (name = g_dir_read_name(listing))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        if (fnmatch(PROBE_GLOB, name, 0) == 0 && lstat(file, &st) == 0)
            add_name(names, name, &st.st_mtim);
    }
}

GHashTable *probe_traces_leftovers(const Folder *folder)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    add_names(folder->output, names);
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = g_build_filename(folder->path, places[i], NULL);
        add_names(path, names);
    }
    return names;
}
