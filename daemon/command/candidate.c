/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/candidate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/provenance.h"
#include "formats/probe.h"

const char *candidate_kind(mode_t mode)
{
    if (S_ISLNK(mode))
        return "symbolic link";
    if (S_ISFIFO(mode))
        return "FIFO";
    return S_ISSOCK(mode) ? "socket" : "device";
}

/* ---- by what the bytes say ---- */

/* The format that the name promises; FORMAT_NONE where the folder does not accept it. */
static Format promised_format(const Folder *folder, const char *path, const char **extension)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    Format format = dot ? format_from_extension(dot + 1) : FORMAT_NONE;

    *extension = dot;
    return format != FORMAT_NONE && (folder->limits.accept & FORMAT_BIT(format)) ? format
                                                                                 : FORMAT_NONE;
}

static bool refuse_content(const Probe *probe, Format promised, const char *extension, Error **err)
{
    if (!strcmp(probe->kind, "empty"))
        return error_set(err, ERROR_PICTURE, "copy it again from where it came",
                         "the file is empty");
    if (promised == FORMAT_NONE)
        return probe_refusal(probe, err);
    if (!strcmp(probe->kind, "unknown"))
        return error_set(err, ERROR_PICTURE, "copy it again from where it came",
                         "the picture is damaged: its name ends in %s, and it does not begin as a "
                         "picture does",
                         extension);
    return error_set(err, ERROR_PICTURE, "copy the picture again, or rename the file",
                     "this is not a picture: its name ends in %s, and its content is %s", extension,
                     probe->kind);
}

static void judge_content(const Folder *folder, const char *path, bool named, const Probe *probe,
                          Candidate *candidate)
{
    const char *extension = NULL;
    Format promised =
        probe->format == FORMAT_NONE ? promised_format(folder, path, &extension) : FORMAT_NONE;

    if (folder->limits.accept & FORMAT_BIT(probe->format))
        return;
    if (named || promised != FORMAT_NONE) {
        refuse_content(probe, promised, extension, &candidate->error);
        candidate->state = CANDIDATE_FAILED;
        return;
    }
    candidate->state = CANDIDATE_IGNORED;
    candidate->reason = probe->format == FORMAT_NONE ? probe->kind : format_refusal(probe->format);
}

/* ---- by what it is ---- */

static void fail(Candidate *candidate, int code)
{
    error_errno(&candidate->error, code, "cannot read it");
    candidate->state = CANDIDATE_FAILED;
}

static void judge_kind(const struct stat *st, bool named, Candidate *candidate)
{
    const char *kind = candidate_kind(st->st_mode);

    if (S_ISREG(st->st_mode))
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
