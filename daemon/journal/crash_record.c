/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/journal/crash_record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/thread.h"

/* As it is written to the file: folder, source, row and token, each with a final NUL. */
typedef struct Subject {
    unsigned char signal;
    char parts[NAME_MAX + PATH_MAX + 50];
    unsigned length; /* of parts; 0: the thread processes no picture */
} Subject;

enum { NUMBERS_MAX = 2 * 21 }; /* bytes of row and token */

static _Thread_local Subject subject;
static int record_fd = -1;
static struct sigaction previous_actions[NSIG];

static unsigned append_name(unsigned at, const char *name)
{
    size_t length = MIN(strlen(name), sizeof(subject.parts) - NUMBERS_MAX - at - 2);

    memcpy(subject.parts + at, name, length);
    subject.parts[at + length] = '\0';
    return at + (unsigned) length + 1;
}

static unsigned append_number(unsigned at, int64_t number)
{
    return at + 1 + (unsigned) g_snprintf(subject.parts + at, NUMBERS_MAX / 2, "%" PRId64, number);
}

void crash_record_set_subject(const CrashSubject *now)
{
    subject.length = 0; /* a fault while the names are copied must not report half of them */
    if (now)
        subject.length = append_number(
            append_number(append_name(append_name(0, now->folder), now->source), now->row),
            now->token);
}

/* Runs on the thread at fault; only what signal-safety(7) allows. */
static void on_fault(int number, siginfo_t *info, void *context)
{
    int code = errno;

    (void) context;
    if (info->si_code > 0 || info->si_pid == getpid()) {
        subject.signal = (unsigned char) number;
        if (pwrite(record_fd, &subject.signal, 1, 0) == 1 && subject.length)
            (void) !pwrite(record_fd, subject.parts, subject.length, 1);
    }
    sigaction(number, &previous_actions[number], NULL);
    errno = code;
    raise(number); /* delivered when this returns, and ends the process as it would have */
}

/* The part behind this one. `end` is a NUL: an empty part, of a record of an earlier version. */
static const char *next_part(const char *part, const char *end)
{
    return MIN(part + strlen(part) + 1, end);
}

static void read_previous(CrashRecord *previous)
{
    char text[1 + sizeof(subject.parts) + 1] = "";
    ssize_t size = pread(record_fd, text, sizeof(text) - 1, 0);
    const char *part = text + 1, *end = text + size;

    *previous = (CrashRecord){ 0 };
    if (size < 1)
        return;
    previous->signal = (unsigned char) text[0];
    if (size == 1)
        return;
    previous->folder = g_strdup(part);
    previous->source = g_strdup(part = next_part(part, end));
    previous->row = g_ascii_strtoll(part = next_part(part, end), NULL, 10);
    previous->token = g_ascii_strtoll(next_part(part, end), NULL, 10);
}

bool crash_record_open(const char *state_dir, CrashRecord *previous, Error **err)
{
    g_autofree char *path = g_build_filename(state_dir, "crash-record", NULL);
    g_autofree char *former = g_build_filename(state_dir, "obituary", NULL);
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

    rename(former, path); /* as it was called before hotfolder 0.2 */
    record_fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (record_fd < 0)
        return error_errno(err, errno, "cannot open '%s'", path);
    read_previous(previous);
    if (ftruncate(record_fd, 0) < 0)
        return error_errno(err, errno, "cannot empty '%s'", path);
    sigemptyset(&action.sa_mask);
    for (const int *fault = thread_fault_signals; *fault; fault++)
        sigaction(*fault, &action, &previous_actions[*fault]);
    return true;
}

void crash_record_clear(CrashRecord *record)
{
    g_clear_pointer(&record->folder, g_free);
    g_clear_pointer(&record->source, g_free);
}
