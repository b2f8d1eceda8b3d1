/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the copies back: a thread for each destination, and one for the card with `verify = all`.
 */
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/thread.h"
#include "daemon/import/import_internal.h"

enum { POLL_MS = 100 };

/* What a thread reads. */
typedef struct Reader {
    ImportWork *work;
    int to; /* a destination; -1: the card */
    pthread_t thread;
    bool is_running;
    GArray *digests; /* of Content, as work->ends: what an older manifest had no digest of */
    atomic_bool *stop;
    atomic_uint *open; /* readers that have not ended */
} Reader;

static unsigned lacks(const ImportWork *work, const FileEnd *end)
{
    unsigned digests = manifest_digests(work->import->manifest);

    if (*end->content.md5)
        digests &= ~(unsigned) CONTENT_MD5;
    if (*end->content.sha256)
        digests &= ~(unsigned) CONTENT_SHA256;
    return digests;
}

static void read_copy(Reader *reader, guint index)
{
    ImportWork *work = reader->work;
    FileEnd *end = work_end(work, index);
    FileCopy *copy = &end->copies[reader->to];
    Content *content = &g_array_index(reader->digests, Content, index);
    unsigned digests = lacks(work, end);

    if (!copy->name || copy->proof == PROOF_WRONG ||
        (copy->proof == PROOF_RIGHT && !digests)) /* it was read back when its name was chosen */
        return;
    g_clear_pointer(&copy->error, error_free);
    copy->proof = proof_read(work->import->copy_to[reader->to], copy->name, work->media[reader->to],
                             &end->content, digests, content, &copy->error);
}

static void read_card(ImportWork *work, guint index)
{
    FileEnd *end = work_end(work, index);
    const CopySource *files = &work->source->files;
    Content content = { 0 };

    if (end->file->is_left || end->error || !*end->content.xxh128)
        return;
    int fd = files->open(files->user, end->file, &end->error);
    if (fd < 0)
        return;
    end->second = proof_read_open(fd, end->file->path, work->card->medium, &end->content, &content,
                                  &end->error);
    close(fd);
}

static void *read_all(void *data)
{
    Reader *reader = data;

    for (guint i = 0; i < reader->work->ends->len && !atomic_load(reader->stop); i++) {
        if (reader->to >= 0)
            read_copy(reader, i);
        else
            read_card(reader->work, i);
    }
    atomic_fetch_sub(reader->open, 1);
    return NULL;
}

static void start(ImportWork *work, Reader *reader, atomic_bool *stop, atomic_uint *open)
{
    reader->work = work;
    reader->stop = stop;
    reader->open = open;
    reader->digests = g_array_sized_new(FALSE, TRUE, sizeof(Content), work->ends->len);
    g_array_set_size(reader->digests, work->ends->len);
    atomic_fetch_add(open, 1);
    reader->is_running = !thread_start(&reader->thread, read_all, reader);
    if (!reader->is_running)
        read_all(reader);
}

/* The digests of a copy that is right are those of its file. */
static void take_digests(ImportWork *work, const Reader *reader)
{
    for (guint i = 0; reader->to >= 0 && i < work->ends->len; i++) {
        FileEnd *end = work_end(work, i);
        const Content *content = &g_array_index(reader->digests, Content, i);
        if (end->copies[reader->to].proof != PROOF_RIGHT || !content_same(content, &end->content))
            continue;
        if (!*end->content.md5)
            memcpy(end->content.md5, content->md5, sizeof(content->md5));
        if (!*end->content.sha256)
            memcpy(end->content.sha256, content->sha256, sizeof(content->sha256));
    }
}

static void report_wrong(ImportWork *work)
{
    for (guint i = 0; i < work->ends->len; i++) {
        const FileEnd *end = work_end(work, i);
        for (unsigned to = 0; to < work->count; to++) {
            g_autoptr(Error) error = NULL;
            if (end->copies[to].proof != PROOF_WRONG)
                continue;
            error_set(&error, ERROR_ENVIRONMENT,
                      "move it away, look at its disk, and import the card again",
                      "the copy '%s/%s' is not what the card gave", work->import->copy_to[to],
                      end->copies[to].name);
            work_trouble(work, end->file, work->import->copy_to[to], error);
        }
    }
}

void proof_all(ImportWork *work)
{
    Reader readers[COPIER_DESTINATIONS + 1] = { 0 };
    bool twice = work->import->verify == IMPORT_VERIFY_ALL && !work->source->is_of_camera;
    unsigned count = work->count + twice;
    atomic_bool stop = false;
    atomic_uint open = 0;

    if (work->import->verify == IMPORT_VERIFY_SIZE || work_is_over(work))
        return;
    for (unsigned i = 0; i < count; i++) {
        readers[i].to = i < work->count ? (int) i : -1;
        start(work, &readers[i], &stop, &open);
    }
    while (atomic_load(&open)) {
        work_sleep(work, POLL_MS);
        atomic_store(&stop, work->interrupted != NULL);
    }
    for (unsigned i = 0; i < count; i++) {
        if (readers[i].is_running)
            pthread_join(readers[i].thread, NULL);
        take_digests(work, &readers[i]);
        g_array_unref(readers[i].digests);
    }
    report_wrong(work);
}
