/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/sidecar.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/files/filename.h"
#include "daemon/files/lease.h"
#include "daemon/files/shot.h"
#include "daemon/jobs/parts_read.h"

/* A pipe or a device of that name is none. */
static bool is_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

void sidecar_open(Job *job, const char *path)
{
    JobSource *source = &job->source;
    g_autofree char *dir = NULL;

    if (source->sidecar >= 0)
        return;
    int fd = beneath_open(job->folder->path, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        if (!beneath_is_absence(errno) && !source->note)
            source->note = "its sidecar could not be opened: it was not read";
        return;
    }
    if (!is_file(fd)) {
        close(fd);
        return;
    }
    source->sidecar = fd;
    filename_split(path, &dir, &source->sidecar_name);
}

void sidecar_find(Job *job)
{
    const JobContext *context = job->context;
    g_autofree char *path = context->sidecar ? context->sidecar(context->user, job) : NULL;

    if (path)
        sidecar_open(job, path);
}

/* ---- a part of its shot ---- */

/* The nearest one that is not gone for certain. */
static const LedgerPart *nearest_of(const Job *job, const GArray *parts, const LedgerPart *than)
{
    int near = than ? shot_nearness(than->source, job->row.source) : 0;

    for (guint i = 0; parts && i < parts->len; i++) {
        const LedgerPart *part = &g_array_index(parts, LedgerPart, i);
        int is_near = part->kind == SHOT_XMP && (!part->moved || part->to)
                          ? shot_nearness(part->source, job->row.source)
                          : 0;

        if (is_near > near) {
            than = part;
            near = is_near;
        }
    }
    return than;
}

/* Where another picture's job has moved it; users may write there. */
static void open_moved(Job *job, const char *path)
{
    struct stat st;

    sidecar_open(job, path);
    if (job->source.sidecar < 0 ||
        (fstat(job->source.sidecar, &st) == 0 && !file_is_foreign_link(job->folder->path, &st)))
        return;
    close(job->source.sidecar);
    job->source.sidecar = -1;
}

static void open_part(Job *job, const LedgerPart *part)
{
    g_autofree char *dir = NULL;
    int fd = part->moved ? -1 : parts_open(job, part);

    job->source.sidecar = fd;
    if (fd < 0 && part->to)
        open_moved(job, part->to);
    g_clear_pointer(&job->source.sidecar_name, g_free);
    if (job->source.sidecar >= 0)
        filename_split(part->source, &dir, &job->source.sidecar_name);
}

bool sidecar_open_part(Job *job, Error **err)
{
    g_autoptr(GArray) others = ledger_parts_new();

    if (!parts_read(job, err))
        return false;
    if (job_is_batch(job) || job->folder->shots == SHOTS_APART)
        return true;
    if (!parts_of_others(job->context->ledger, &job->row, others, err))
        return false;
    const LedgerPart *nearest = nearest_of(job, others, nearest_of(job, job->parts.list, NULL));
    if (nearest && job->source.sidecar < 0)
        open_part(job, nearest);
    return true;
}
