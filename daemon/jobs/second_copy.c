/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/second_copy.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/hidden.h"
#include "daemon/files/filename.h"
#include "daemon/files/portable.h"
#include "daemon/jobs/file_copy.h"
#include "daemon/jobs/parts_read.h"
#include "daemon/ledger/answers.h"
#include "daemon/settings/probe_name.h"

/* Also a directory that this user may not write is a reason to hold the folder: every picture would
 * meet it. Always false. */
static bool hold(Error *error)
{
    if (error->kind != ERROR_TRANSIENT && error->kind != ERROR_MEMORY)
        error->kind = ERROR_ENVIRONMENT;
    error_set_where(&error, "copy_to");
    return false;
}

/* `part` is the number of a part; 0: the picture. */
static bool copy(const Job *job, const char *source, const FileId *file, int from, int64_t part,
                 Error **err)
{
    const Folder *folder = job->folder;
    g_autofree char *below = NULL, *name = NULL;
    g_autofree char *temp = g_strdup_printf(HIDDEN_PREFIX "%s-%" PRId64 "-second-%" PRId64,
                                            ledger_tag(job->context->ledger), job->row.id, part);

    filename_split(source, &below, &name);
    if (fnmatch(PROBE_GLOB, name, 0) == 0) /* it leaves nothing behind */
        return true;
    g_autofree char *dir = folder->names == NAMES_PORTABLE ? portable_path(below) : g_strdup(below);
    const FileCopy second = { from, file, source, folder, folder->copy_to, dir, name, temp };
    return file_copy_make(&second, err) || hold(*err);
}

bool second_copy_original(const Job *job, Error **err)
{
    return !job->folder->copy_to ||
           copy(job, job->row.source, &job->row.file, job->source.fd, 0, err);
}

bool second_copy_part(const Job *job, const LedgerPart *part, Error **err)
{
    int from = job->folder->copy_to ? parts_open(job, part) : -1;
    bool ok = from < 0 || copy(job, part->source, &part->file, from, part->id, err);

    if (from >= 0)
        close(from);
    return ok;
}

bool second_copy_of_kept(Job *job, Error **err)
{
    bool ok = true;

    if (!job->folder->copy_to || folder_moves_originals(job->folder))
        return true;
    if (!parts_read(job, err))
        return false;
    for (guint i = 0; ok && job->parts.list && i < job->parts.list->len; i++)
        ok = second_copy_part(job, &g_array_index(job->parts.list, LedgerPart, i), err);
    return ok;
}
