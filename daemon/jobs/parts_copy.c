/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/parts_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/text.h"
#include "daemon/files/copy.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/portable.h"
#include "daemon/files/rename.h"
#include "daemon/jobs/parts_read.h"
#include "daemon/ledger/answers.h"

#define NS_PER_S INT64_C(1000000000)

static bool copy_whole(const Job *job, const LedgerPart *part, int from, int to, const char *shown,
                       Error **err)
{
    return copy_bytes(from, to, part->file.size) ||
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
    int64_t mtime = part->file.mtime_ns / NS_PER_S;
    g_autofree char *shown = text_escape(part->source);
    int to = -1;

    if (!staging_open_beside(job->staging, part->source, mtime, &to, err))
        return false;
    bool ok = to < 0 ||
              (copy_whole(job, part, from, to, shown, err) && is_unchanged(from, part, shown, err));
    if (to >= 0)
        close(to);
    return ok;
}

/* ---- after the outputs ---- */

/* The directory of the first output of the picture, else that of its file; newly allocated. */
static char *dir_of_outputs(const Job *job)
{
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autofree char *name = NULL;
    g_autoptr(Error) unknown = NULL;
    char *dir = NULL;

    g_array_set_clear_func(outputs, (GDestroyNotify) ledger_output_clear);
    bool known = ledger_outputs_of(job->context->ledger, job->row.id, outputs, &unknown);
    filename_split(known && outputs->len ? g_array_index(outputs, LedgerOutput, 0).path
                                         : job->row.source,
                   &dir, &name);
    return dir;
}

/* Whether `name` has the bytes of the file: an earlier try has made the copy. */
static bool is_copy(int dir_fd, const char *name, int from)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool same = false;
    bool is = fd >= 0 && fileid_compare(fd, from, &same) && same;

    if (fd >= 0)
        close(fd);
    return is;
}

/* Gives the whole copy the first free name. */
static bool name_copy(int dir_fd, const char *temp, const char *name, int from, Error **err)
{
    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        g_autofree char *candidate = filename_numbered(name, number);

        if (rename_to_free_name(dir_fd, temp, dir_fd, candidate) == 0)
            return true;
        if (errno != EEXIST)
            break;
        if (is_copy(dir_fd, candidate, from))
            return unlinkat(dir_fd, temp, 0) == 0;
    }
    int code = errno;
    g_autofree char *shown = text_escape(name);
    return error_errno(err, code, "cannot name the copy of '%s'", shown);
}

/* Of a date before 1970, too. */
static struct timespec time_of(int64_t ns)
{
    int64_t rest = ns % NS_PER_S;
    int64_t seconds = ns / NS_PER_S - (rest < 0);

    return (struct timespec){ .tv_sec = seconds, .tv_nsec = rest < 0 ? rest + NS_PER_S : rest };
}

/* A crash leaves the hidden file, which the next try replaces. */
static bool copy_into(const Job *job, const LedgerPart *part, int from, int dir_fd, Error **err)
{
    g_autofree char *temp =
        g_strdup_printf(HIDDEN_PREFIX "%s-%" PRId64 "-copy-%" PRId64,
                        ledger_tag(job->context->ledger), job->row.id, part->id);
    g_autofree char *shown = text_escape(part->source), *dir = NULL, *own = NULL;
    const Folder *folder = job->folder;
    const struct timespec times[] = { { .tv_nsec = UTIME_NOW }, time_of(part->file.mtime_ns) };

    filename_split(part->source, &dir, &own);
    g_autofree char *name = folder->names == NAMES_PORTABLE ? portable_path(own) : g_strdup(own);
    unlinkat(dir_fd, temp, 0);
    int to = openat(dir_fd, temp, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (to < 0)
        return error_errno(err, errno, "cannot copy '%s' into '%s'", shown, folder->output);
    bool ok = ownership_apply(&folder->ownership, OWNERSHIP_GROUP | OWNERSHIP_MODE, to,
                              folder->output, err) &&
              copy_whole(job, part, from, to, shown, err) && is_unchanged(from, part, shown, err);
    if (ok && (futimens(to, times) < 0 || fsync(to) < 0))
        ok = error_errno(err, errno, "cannot copy '%s' into '%s'", shown, folder->output);
    close(to);
    ok = ok && name_copy(dir_fd, temp, name, from, err) && dirs_sync(dir_fd, folder->output, err);
    if (!ok)
        unlinkat(dir_fd, temp, 0);
    return ok;
}

bool parts_copy_late(const Job *job, const LedgerPart *part, Error **err)
{
    const Folder *folder = job->folder;

    if (folder->companions != COMPANIONS_COPY || job->row.state != LEDGER_DONE)
        return true;
    g_autofree char *dir = dir_of_outputs(job);
    int from = parts_open(job, part);
    int root_fd = from >= 0 ? dirs_open_root(folder->output, err) : -1;
    int dir_fd = root_fd >= 0
                     ? dirs_open_with(root_fd, dir, folder->output_links, &folder->ownership, err)
                     : -1;
    bool ok = from < 0 || (dir_fd >= 0 && copy_into(job, part, from, dir_fd, err));

    if (dir_fd >= 0)
        close(dir_fd);
    if (root_fd >= 0)
        close(root_fd);
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
