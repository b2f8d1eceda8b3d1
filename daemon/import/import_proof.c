/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the copies back: those of a shot as soon as they stand, while others are copied, and at the
 * end those that are left; then the card a second time, with `verify = all`. */
#include <string.h>
#include <unistd.h>

#include "daemon/import/import_internal.h"

enum { POLL_MS = 100 };

/* ---- on the threads of the prover ---- */

static void read_card(const ImportWork *work, ProverJob *job)
{
    const CopySource *files = &work->source->files;
    const CardFile *file = work->card->files->pdata[job->index];
    int fd = files->open(files->user, file, &job->error);

    if (fd < 0)
        return;
    job->end = proof_read_open(fd, file->path, work->card->medium, &job->expected, &job->content,
                               &job->error);
    close(fd);
}

static void read_copy(const ImportWork *work, ProverJob *job)
{
    const char *destination = work->import->copy_to[job->lane];
    const Medium *medium = work->media[job->lane];

    if (job->is_synced)
        job->end = proof_read_synced(destination, job->name, medium, &job->expected, job->digests,
                                     &job->content, &job->error);
    else
        job->end = proof_read(destination, job->name, medium, &job->expected, job->digests,
                              &job->content, &job->error);
}

static void read_job(void *user, ProverJob *job)
{
    const ImportWork *work = user;

    if (job->lane == work->count)
        read_card(work, job);
    else
        read_copy(work, job);
}

/* ---- what is read ---- */

static unsigned lacks(const ImportWork *work, const FileEnd *end)
{
    unsigned digests = manifest_digests(work->import->manifest);

    if (*end->content.md5)
        digests &= ~(unsigned) CONTENT_MD5;
    if (*end->content.sha256)
        digests &= ~(unsigned) CONTENT_SHA256;
    return digests;
}

/* It may have been read back when its name was chosen. */
static bool is_to_read(const FileCopy *copy, unsigned digests)
{
    return copy->name && !copy->is_given && copy->proof != PROOF_WRONG &&
           (copy->proof != PROOF_RIGHT || digests);
}

static ProverJob *new_job(const ImportWork *work, guint index, unsigned lane)
{
    ProverJob *job = g_new(ProverJob, 1);

    *job = (ProverJob){
        .lane = lane,
        .index = index,
        .expected = work_end(work, index)->content,
    };
    return job;
}

static void add_copy(ImportWork *work, guint index, unsigned to)
{
    FileEnd *end = work_end(work, index);
    FileCopy *copy = &end->copies[to];
    unsigned digests = lacks(work, end);

    if (!is_to_read(copy, digests))
        return;
    ProverJob *job = new_job(work, index, to);
    job->name = g_strdup(copy->name);
    job->is_synced = !copy->was_there;
    job->digests = digests;
    copy->is_given = true;
    prover_add(work->prover, job);
}

static void add_copies(ImportWork *work, guint index)
{
    for (unsigned to = 0; to < work->count; to++)
        add_copy(work, index, to);
}

/* A file that could be read in full. */
static void add_card(ImportWork *work, guint index)
{
    const FileEnd *end = work_end(work, index);

    if (!end->file->is_left && !end->error && *end->content.xxh128)
        prover_add(work->prover, new_job(work, index, work->count));
}

/* ---- what was read ---- */

/* The digests of a copy that is right are those of its file. */
static void take_digests(FileEnd *end, const Content *content)
{
    if (!*end->content.md5)
        memcpy(end->content.md5, content->md5, sizeof(content->md5));
    if (!*end->content.sha256)
        memcpy(end->content.sha256, content->sha256, sizeof(content->sha256));
}

static void take_copy(FileEnd *end, ProverJob *job)
{
    FileCopy *copy = &end->copies[job->lane];

    if (g_strcmp0(copy->name, job->name) || !content_same(&job->expected, &end->content))
        return;
    g_clear_pointer(&copy->error, error_free);
    copy->error = g_steal_pointer(&job->error);
    copy->proof = job->end;
    if (job->end == PROOF_RIGHT)
        take_digests(end, &job->content);
}

static void take_card(FileEnd *end, ProverJob *job)
{
    end->second = job->end;
    end->error = g_steal_pointer(&job->error);
}

/* Waits until all is read. What was read of a copy that is not the file's any more is dropped. */
static void take_all(ImportWork *work)
{
    while (!prover_wait(work->prover, POLL_MS) && !work_is_over(work))
        work_tell(work, false);
    for (ProverJob *job = prover_next(work->prover); job; job = prover_next(work->prover)) {
        FileEnd *end = work_end(work, job->index);
        if (job->lane == work->count)
            take_card(end, job);
        else
            take_copy(end, job);
        prover_job_free(job);
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

/* ---- an import ---- */

void proof_begin(ImportWork *work)
{
    if (work->import->verify != IMPORT_VERIFY_SIZE && !work->prover)
        work->prover = prover_new(work->count + 1, read_job, work);
}

void proof_shot(ImportWork *work, const Plan *plan)
{
    for (guint i = 0; work->prover && i < plan->shot->files->len; i++)
        add_copies(work, work_index(work, plan->shot->files->pdata[i]));
}

void proof_drop(ImportWork *work)
{
    g_clear_pointer(&work->prover, prover_free);
    for (guint i = 0; i < work->ends->len; i++)
        for (unsigned to = 0; to < work->count; to++)
            work_end(work, i)->copies[to].is_given = false;
}

void proof_all(ImportWork *work)
{
    bool twice = work->import->verify == IMPORT_VERIFY_ALL && !work->source->is_of_camera;

    if (work_is_over(work) || work->held) {
        proof_drop(work);
        return;
    }
    proof_begin(work);
    for (guint i = 0; work->prover && i < work->ends->len; i++) {
        add_copies(work, i);
        if (twice)
            add_card(work, i);
    }
    if (work->prover)
        take_all(work);
    proof_drop(work);
    report_wrong(work);
}
