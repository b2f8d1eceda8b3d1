/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/candidate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/lease.h"
#include "daemon/files/provenance.h"
#include "formats/probe.h"

/* ---- by what the bytes say ---- */

static void judge_content(const Folder *folder, const char *path, bool named, const Probe *probe,
                          Candidate *candidate)
{
    unsigned accept = folder->limits.accept;
    const char *extension = NULL;
    Format promised = format_promised(path, &extension);

    if (accept & FORMAT_BIT(probe->format))
        return;
    if (named || probe_breaks_promise(probe, promised, accept)) {
        probe_refusal(probe, path, accept, &candidate->error);
        candidate->state = CANDIDATE_FAILED;
        return;
    }
    candidate->state = CANDIDATE_IGNORED;
    candidate->reason =
        probe->format == FORMAT_NONE ? probe->kind : format_refusal_by_run(probe->format);
}

/* ---- by what it is ---- */

static void fail(Candidate *candidate, int code)
{
    error_errno(&candidate->error, code, "cannot read it");
    candidate->state = CANDIDATE_FAILED;
}

static void judge_kind(const struct stat *st, bool named, Candidate *candidate)
{
    const char *kind = file_refusal(st->st_mode);

    if (!kind)
        return;
    if (named)
        error_set(&candidate->error, ERROR_PICTURE, "name files and directories",
                  "this is a %s, not a file", kind);
    candidate->state = named ? CANDIDATE_FAILED : CANDIDATE_IGNORED;
    candidate->reason = kind;
}

/* `fd` is borrowed; -1: open(2) has failed. */
static void judge_open(const Folder *folder, const char *path, int fd, bool named,
                       Candidate *candidate)
{
    Probe probe = { 0 };
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !probe_file(fd, &probe)) {
        fail(candidate, errno);
        return;
    }
    judge_kind(&st, named, candidate); /* another file may have taken its name */
    if (candidate->state != CANDIDATE_PICTURE)
        return;
    candidate->file = fileid_of(&st);
    if (!named && provenance_is_ours(fd, &st)) {
        candidate->state = CANDIDATE_IGNORED;
        candidate->reason = "made by hotfolder";
        return;
    }
    judge_content(folder, path, named, &probe, candidate);
}

void candidate_judge(const Folder *folder, const char *path, bool named, Candidate *candidate)
{
    struct stat st;

    *candidate = (Candidate){ .state = CANDIDATE_PICTURE };
    if (stat(path, &st) < 0) {
        fail(candidate, errno);
        return;
    }
    judge_kind(&st, named, candidate); /* before open(2), which has an effect on some devices */
    if (candidate->state != CANDIDATE_PICTURE)
        return;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    judge_open(folder, path, fd, named, candidate);
    if (fd >= 0)
        close(fd);
}

void candidate_clear(Candidate *candidate)
{
    error_free(candidate->error);
    candidate->error = NULL;
}
