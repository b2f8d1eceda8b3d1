/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "daemon/process/program.h"

enum {
    CHECK_MS = 200,
    SPARE_MS = 5000, /* that the helper has to say that it has killed its program */
};

bool programs_open(Job *job, int *fd, Error **err)
{
    if (job->render.program_file >= 0)
        return error_set(err, ERROR_INTERNAL, NULL,
                         "the worker requested a program's file at a wrong time");
    job->render.program_file = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    *fd = job->render.program_file < 0 ? -1 : fcntl(job->render.program_file, F_DUPFD_CLOEXEC, 0);
    return *fd >= 0 || error_errno(err, errno, "cannot make a file in memory");
}

/* The file as nothing changes it any more; the caller's. -1 with *err set. */
static int take_file(Job *job, Error **err)
{
    int fd = job->render.program_file;
    struct stat st = { 0 };

    job->render.program_file = -1;
    if (fd >= 0 && !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) &&
        !fstat(fd, &st) && st.st_size > 0)
        return fd;
    if (fd >= 0)
        close(fd);
    error_set(err, ERROR_INTERNAL, NULL, "the worker gave no file to a program");
    return -1;
}

/* A worker that waits for a program says nothing. */
static bool check_worker(int events, Error **err)
{
    if (events & (POLLHUP | POLLERR))
        return error_set(err, ERROR_TRANSIENT, NULL, "the other process closed the connection");
    return !events || error_set(err, ERROR_INTERNAL, NULL,
                                "the worker did not wait for the program that it requested");
}

/* Until the helper has answered: *answers; else its time is over. False as programs_run(). */
static bool wait_for_answer(const Helper *helper, int64_t deadline, const ProgramCare *care,
                            bool *answers, Error **err)
{
    while (!*answers && clock_ms() < deadline) {
        struct pollfd ready[] = { { .fd = helper_socket(helper), .events = POLLIN },
                                  { .fd = care->socket, .events = POLLIN } };
        int64_t left = MIN(deadline - clock_ms(), CHECK_MS);
        poll(ready, G_N_ELEMENTS(ready), (int) MAX(left, 0));
        *answers = ready[0].revents;
        if (!check_worker(ready[1].revents, err) || (!*answers && !care->check(care->user)))
            return false;
    }
    return true;
}

static bool late(const Program *program, Error **err)
{
    return error_set(err, ERROR_TRANSIENT, "raise its `deadline`, or look at hotfolder-program",
                     "program %s: no answer within its deadline", program->name);
}

static bool run(const Program *program, int picture, int64_t most, int64_t deadline,
                const ProgramCare *care, int *result, Error **refusal, Error **err)
{
    int64_t time = MAX(1, MIN(program->deadline_ms, deadline - clock_ms()));
    int64_t until = clock_ms() + time + SPARE_MS;
    g_autoptr(Helper) helper = helper_ask(program, picture, time, most, refusal);
    bool answers = false;

    if (!helper || !wait_for_answer(helper, until, care, &answers, err))
        return false;
    return answers ? helper_take(helper, program, result, refusal) : late(program, refusal);
}

bool programs_run(Job *job, const char *name, int64_t most, int64_t deadline,
                  const ProgramCare *care, int *result, Error **refusal, Error **err)
{
    const Program *program = settings_find_program(job->settings, name);
    int picture = take_file(job, err);

    if (picture < 0)
        return false;
    if (!program || most <= 0) {
        close(picture);
        return error_set(err, ERROR_INTERNAL, NULL,
                         "the worker asked for a program that the configuration does not name");
    }
    atomic_store(&job->runs_program, true);
    bool made = run(program, picture, MIN(most, job->folder->limits.max_output_bytes), deadline,
                    care, result, refusal, err);
    atomic_store(&job->runs_program, false);
    close(picture);
    return made;
}
