/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/parts_copy.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/hidden.h"
#include "daemon/files/filename.h"
#include "daemon/jobs/file_copy.h"
#include "daemon/jobs/parts_read.h"
#include "daemon/ledger/answers.h"

#define NS_PER_S INT64_C(1000000000)

static bool copy_part(const Job *job, const LedgerPart *part, int from, Error **err)
{
    int64_t mtime = part->file.mtime_ns / NS_PER_S;
    int to = -1;

    if (!staging_open_beside(job->staging, part->source, mtime, &to, err))
        return false;
    bool ok =
        to < 0 || file_copy_bytes(from, &part->file, to, part->source, job->folder->output, err);
    if (to >= 0)
        close(to);
    return ok;
}

/* ---- after the outputs ---- */

/* The directory of the first output of the picture, else that of its file; newly allocated. */
static char *dir_of_outputs(const Job *job)
{
    g_autoptr(GArray) outputs = ledger_outputs_new();
    g_autofree char *name = NULL;
    g_autoptr(Error) unknown = NULL;
    char *dir = NULL;

    bool known = ledger_outputs_of(job->context->ledger, job->row.id, outputs, &unknown);
    filename_split(known && outputs->len ? g_array_index(outputs, LedgerOutput, 0).path
                                         : job->row.source,
                   &dir, &name);
    return dir;
}

bool parts_copy_late(const Job *job, const LedgerPart *part, Error **err)
{
    const Folder *folder = job->folder;

    if (folder->companions != COMPANIONS_COPY || job->row.state != LEDGER_DONE)
        return true;
    g_autofree char *dir = dir_of_outputs(job), *own = NULL, *place = NULL;
    g_autofree char *temp =
        g_strdup_printf(HIDDEN_PREFIX "%s-%" PRId64 "-copy-%" PRId64,
                        ledger_tag(job->context->ledger), job->row.id, part->id);
    int from = parts_open(job, part);

    filename_split(part->source, &place, &own);
    const FileCopy copy = {
        from, &part->file, part->source, folder, folder->output, dir, own, temp
    };
    bool ok = from < 0 || file_copy_make(&copy, err);
    if (from >= 0)
        close(from);
    return ok;
}

/* ---- with the outputs ---- */

bool parts_copy(Job *job, Error **err)
{
    bool ok = true;

    if (job->folder->companions != COMPANIONS_COPY || job->source.duplicate)
        return true;
    if (!parts_read(job, err))
        return false;
    for (guint i = 0; ok && job->parts.list && i < job->parts.list->len; i++) {
        const LedgerPart *part = &g_array_index(job->parts.list, LedgerPart, i);
        int from = part->moved ? -1 : parts_open(job, part);

        ok = from < 0 || copy_part(job, part, from, err);
        if (from >= 0)
            close(from);
    }
    return ok;
}
