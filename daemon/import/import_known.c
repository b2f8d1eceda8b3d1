/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known already: files of this card that were copied before, and contents of other cards.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/import/import_internal.h"

enum {
    HEAD_BYTES = 64 * 1024,
    HEX_DIGITS = 16,            /* of a 64-bit number */
    CLOCK_OF_FAT = 2000000000L, /* ns: FAT keeps even seconds */
    NS_PER_MS = 1000000,
};

bool known_stands(const char *destination, const char *name, int64_t size)
{
    struct stat st;

    return beneath_stat(destination, name, &st) && S_ISREG(st.st_mode) && st.st_size == size;
}

/* A camera does not give its files twice: what came from it is never proved anyway. */
static bool is_trusted(const ImportWork *work)
{
    return work->was_safe || work->source->is_of_camera;
}

/* ---- files of this card ---- */

/* Whether each destination has a copy of the content; those that have get their names. */
static bool take_copies(ImportWork *work, FileEnd *end, Error **err)
{
    bool all = true;

    for (unsigned to = 0; to < work->count; to++) {
        const char *destination = work->import->copy_to[to];
        g_autofree char *name = NULL;
        if (!catalog_copy(work->catalog, &end->content, destination, &name, err))
            return false;
        if (!name || !known_stands(destination, name, end->content.size))
            all = false;
        else if (!end->copies[to].name)
            work_set_copy(end, to, (FileCopy){ .name = g_steal_pointer(&name), .was_there = true });
    }
    return all;
}

static bool find_file(ImportWork *work, FileEnd *end, Error **err)
{
    bool fresh = false, found = false;

    if (!catalog_file(work->catalog, work->record->id, end->file, end->file->changed_ms,
                      &end->content, &fresh, &found, err) ||
        !found)
        return false;
    end->is_trusted = is_trusted(work) && fresh;
    return take_copies(work, end, err);
}

static void forget(ImportWork *work, FileEnd *end)
{
    work_forget_copies(work, end);
    end->content = (Content){ 0 };
}

/* A shot that is known in part is looked at like a new one: its content tells what is missing. */
static void find_shot(ImportWork *work, Plan *plan)
{
    Error *error = NULL;
    GPtrArray *files = plan->shot->files;

    plan->is_known = true;
    for (guint i = 0; i < files->len && plan->is_known; i++)
        plan->is_known = find_file(work, work_end(work, work_index(work, files->pdata[i])), &error);
    for (guint i = 0; i < files->len && !plan->is_known; i++)
        forget(work, work_end(work, work_index(work, files->pdata[i])));
    if (error)
        work_catalog_failed(work, error);
}

void known_find(ImportWork *work)
{
    for (guint i = 0; work->is_known && i < work->plans->len; i++)
        find_shot(work, g_array_index(work->plans, Plan *, i));
}

bool known_is_trusted(ImportWork *work, const Plan *plan)
{
    for (guint i = 0; i < plan->shot->files->len; i++)
        if (!work_end(work, work_index(work, plan->shot->files->pdata[i]))->is_trusted)
            return false;
    return true;
}

static bool is_as_then(const ImportWork *work, const FileEnd *end, unsigned to)
{
    struct stat st;

    if (!end->copies[to].name ||
        !beneath_stat(work->import->copy_to[to], end->copies[to].name, &st) ||
        !S_ISREG(st.st_mode) || st.st_size != end->file->size)
        return false;
    int64_t mtime = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
    int64_t ctime_ms = st.st_ctim.tv_sec * 1000LL + st.st_ctim.tv_nsec / NS_PER_MS;
    return llabs(mtime - end->file->mtime_ns) <= CLOCK_OF_FAT && ctime_ms <= work->last_ended;
}

/* It was judged by settings that ask for as much as these. */
static bool is_same_promise(const ImportWork *work)
{
    const Import *import = work->import;
    const CardRecord *record = work->record;

    return work->was_safe && import->verify != IMPORT_VERIFY_SIZE &&
           import->verify <= record->verify && import->manifest == record->manifest &&
           import->safe_copies <= record->safe_copies && !work->card->unreadable->len &&
           record->destinations &&
           g_strv_equal((const char *const *) record->destinations,
                        (const char *const *) import->copy_to) &&
           medium_count_disks((const Medium *const *) work->media, work->count) >=
               import->safe_copies;
}

bool known_is_all(const ImportWork *work)
{
    if (!is_same_promise(work))
        return false;
    for (guint i = 0; i < work->ends->len; i++) {
        const FileEnd *end = work_end(work, i);
        if (!end->is_trusted)
            return false;
        for (unsigned to = 0; to < work->count; to++)
            if (!is_as_then(work, end, to))
                return false;
    }
    return work->ends->len;
}

/* ---- the same content, of whichever card ---- */

static bool read_start(int fd, char *bytes, size_t *length)
{
    ssize_t got = 0;

    for (*length = 0; *length < HEAD_BYTES; *length += got) {
        got = read(fd, bytes + *length, HEAD_BYTES - *length);
        if (got < 0 && errno == EINTR)
            got = 0;
        else if (got <= 0)
            break;
    }
    return got >= 0;
}

static uint64_t read_head(ImportWork *work, const CardFile *file)
{
    g_autoptr(Error) error = NULL; /* the copier reports it */
    const CopySource *files = &work->source->files;
    g_autofree char *bytes = g_malloc(HEAD_BYTES);
    int fd = files->open(files->user, file, &error);
    size_t length = 0;
    Content content;

    if (fd < 0)
        return 0;
    bool ok = read_start(fd, bytes, &length);
    close(fd);
    if (!ok)
        return 0;
    g_autoptr(ContentReader) reader = content_reader_new(0);
    content_add(reader, bytes, length);
    content_end(reader, &content);
    content.xxh128[HEX_DIGITS] = '\0';
    return strtoull(content.xxh128, NULL, 16) | 1; /* 0: not read */
}

/* A camera gives its files as a whole: there it would be read twice. */
void known_read_heads(ImportWork *work, Plan *plan)
{
    for (guint i = 0; !work->source->is_of_camera && i < plan->shot->files->len; i++) {
        const CardFile *file = plan->shot->files->pdata[i];
        FileWork *its = &work->files[work_index(work, file)];
        if (!its->head)
            its->head = read_head(work, file);
    }
}

bool known_may_be_duplicate(ImportWork *work, const Plan *plan)
{
    bool may = false;
    Error *error = NULL;

    if (work->import->duplicates != IMPORT_DUPLICATES_SKIP || !work->catalog)
        return false;
    for (guint i = 0; i < plan->shot->files->len && !may && !error; i++) {
        const CardFile *file = plan->shot->files->pdata[i];
        uint64_t head = work->files[work_index(work, file)].head;
        if (head && file->size)
            catalog_has_like(work->catalog, file->size, head, &may, &error);
    }
    if (error)
        work_catalog_failed(work, error);
    return may;
}

/* An empty file says nothing but its name; and a sidecar belongs to its picture: two pictures may
 * have the same one. */
static bool may_be_left_out(const CardFile *file, bool all)
{
    return file->size && (all || (file->kind != SHOT_NONE && !shot_kind_is_companion(file->kind)));
}

static void take_of_shot(ImportWork *work, Plan *plan, bool all, Error **err)
{
    for (guint i = 0; i < plan->shot->files->len && !*err; i++) {
        FileEnd *end = work_end(work, work_index(work, plan->shot->files->pdata[i]));
        if (end->is_read && may_be_left_out(end->file, all))
            take_copies(work, end, err);
    }
}

/* Whether the contents of all files are known, with a copy in each destination. */
static bool is_known_as_a_whole(ImportWork *work, const Plan *plan, Error **err)
{
    for (guint i = 0; i < plan->shot->files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, plan->shot->files->pdata[i]));
        for (unsigned to = 0; to < work->count; to++) {
            const char *destination = work->import->copy_to[to];
            g_autofree char *name = NULL;
            if (!end->is_read ||
                !catalog_copy(work->catalog, &end->content, destination, &name, err) || !name ||
                !known_stands(destination, name, end->content.size))
                return false;
        }
    }
    return true;
}

void known_take_duplicates(ImportWork *work, Plan *plan)
{
    Error *error = NULL;

    if (work->import->duplicates != IMPORT_DUPLICATES_SKIP || !work->catalog)
        return;
    bool all = is_known_as_a_whole(work, plan, &error);
    if (!error)
        take_of_shot(work, plan, all, &error);
    if (error)
        work_catalog_failed(work, error);
}

/* ---- what is remembered ---- */

/* Of a file whose name counts, too, its content does not say where it stands: another one may have
 * the same. It is known when it has all of its copies. */
static bool may_be_known(const ImportWork *work, const FileEnd *end)
{
    bool all = true;

    for (unsigned to = 0; to < work->count; to++)
        all = all && end->copies[to].name;
    return end->is_read && (all || may_be_left_out(end->file, false));
}

static bool record_file(ImportWork *work, guint index, Error **err)
{
    const FileEnd *end = work_end(work, index);

    if (end->error || (!end->is_read && !end->is_trusted))
        return true;
    if (may_be_known(work, end) && !catalog_add_file(work->catalog, work->record->id, end->file,
                                                     &end->content, work->files[index].head, err))
        return false;
    for (unsigned to = 0; to < work->count; to++)
        if (end->copies[to].name &&
            !catalog_add_copy(work->catalog, &end->content, work->import->copy_to[to],
                              end->copies[to].name, err))
            return false;
    return true;
}

void known_record(ImportWork *work, Plan *plan)
{
    Error *error = NULL;

    for (guint i = 0; i < plan->shot->files->len && !error; i++)
        record_file(work, work_index(work, plan->shot->files->pdata[i]), &error);
    if (error)
        work_catalog_failed(work, error);
}
