/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/companions.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/jobs/parts.h"

enum { COPY_BYTES = 1024 * 1024 };

/* 0 at the end; -1 with errno. */
static ssize_t copy_some(int from, int to, char *buffer)
{
    ssize_t got = read(from, buffer, COPY_BYTES);

    for (ssize_t done = 0, wrote = 0; done < got; done += wrote) {
        wrote = write(to, buffer + done, (size_t) (got - done));
        if (wrote < 0 && errno != EINTR)
            return -1;
        wrote = MAX(wrote, 0);
    }
    return got < 0 && errno == EINTR ? 1 : got;
}

static bool copy_bytes(const Job *job, int from, int to, const char *shown, Error **err)
{
    g_autofree char *buffer = g_malloc(COPY_BYTES);
    ssize_t got = 0;

    do
        got = copy_some(from, to, buffer);
    while (got > 0);
    return got == 0 ||
           error_errno(err, errno, "cannot copy '%s' into '%s'", shown, job->folder->output);
}

/* Whether it is the file still that was opened. */
static bool is_unchanged(int fd, const LedgerPart *part, const char *shown, Error **err)
{
    struct stat st;

    if (fstat(fd, &st) == 0) {
        FileId now = fileid_of(&st);
        if (fileid_same(&now, &part->file))
            return true;
    }
    return error_set(err, ERROR_TRANSIENT, NULL, "'%s' was changed while it was copied", shown);
}

static bool copy_part(const Job *job, const LedgerPart *part, int from, Error **err)
{
    int64_t mtime = part->file.mtime_ns / INT64_C(1000000000);
    g_autofree char *shown = text_escape(part->source);
    int to = -1;

    if (!staging_open_beside(job->staging, part->source, mtime, &to, err))
        return false;
    bool ok =
        to < 0 || (copy_bytes(job, from, to, shown, err) && is_unchanged(from, part, shown, err));
    if (to >= 0)
        close(to);
    return ok;
}

bool companions_copy(Job *job, Error **err)
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
