/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/parts_read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/files/lease.h"
#include "daemon/files/shot.h"

char *parts_names(const GArray *parts)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < parts->len; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "",
                               g_array_index(parts, LedgerPart, i).source);
    return g_string_free(names, names->len == 0);
}

bool parts_read(Job *job, Error **err)
{
    g_autoptr(GArray) parts = ledger_parts_new();

    if (job_is_batch(job) || job->folder->shots == SHOTS_APART)
        return true;
    bool *only = ledger_has_ended(job->row.state) ? &job->parts.only : NULL;
    if (!parts_take(job->context->ledger, &job->row, parts, only, err))
        return false;
    g_clear_pointer(&job->parts.list, g_array_unref);
    g_free(job->parts.names);
    job->parts.names = parts_names(parts);
    if (parts->len)
        job->parts.list = g_steal_pointer(&parts);
    return true;
}

int parts_open(const Job *job, const LedgerPart *part)
{
    int fd = beneath_open(job->folder->path, part->source, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    FileId opened = { 0 };

    if (fd < 0)
        return -1;
    bool known = fstat(fd, &st) == 0;
    if (known)
        opened = fileid_of(&st);
    if (known && fileid_same(&opened, &part->file) && !file_is_foreign_link(job->folder->path, &st))
        return fd;
    close(fd);
    return -1;
}
