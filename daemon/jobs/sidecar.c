/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/sidecar.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/files/filename.h"

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
