#include "daemon/journal/crash_record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/thread.h"

/* As it is written: folder and source with their final NULs. */
typedef struct Subject {
    unsigned char signal;
    char names[NAME_MAX + PATH_MAX + 2];
    unsigned length; /* of names; 0: nothing is in hand */
} Subject;

static _Thread_local Subject subject;
static int file = -1;
static struct sigaction before[NSIG];

static unsigned put(unsigned at, const char *name)
{
    size_t length = MIN(strlen(name), sizeof(subject.names) - at - 2);

    memcpy(subject.names + at, name, length);
    subject.names[at + length] = '\0';
    return at + (unsigned) length + 1;
}

void obituary_subject(const char *folder, const char *source)
{
    subject.length = 0; /* while it is being written it says nothing */
    if (folder)
        subject.length = put(put(0, folder), source);
}

/* On the thread at fault; only what signal-safety(7) allows. */
static void write_down(int number, siginfo_t *info, void *context)
{
    int code = errno;

    (void) context;
    if (info->si_code > 0 || info->si_pid == getpid()) {
        subject.signal = (unsigned char) number;
        if (pwrite(file, &subject.signal, 1, 0) == 1 && subject.length)
            (void) !pwrite(file, subject.names, subject.length, 1);
    }
    sigaction(number, &before[number], NULL);
    errno = code;
    raise(number); /* comes when this returns, and ends us as it would have */
}

static void read_last(Obituary *last)
{
    char text[1 + sizeof(subject.names) + 1] = "";
    ssize_t size = pread(file, text, sizeof(text) - 1, 0);

    *last = (Obituary){ 0 };
    if (size < 1)
        return;
    last->signal = (unsigned char) text[0];
    if (size > 1) {
        const char *source = text + 1 + strlen(text + 1) + 1;
        last->folder = g_strdup(text + 1);
        last->source = g_strdup(source < text + size ? source : "");
    }
}

bool obituary_open(const char *state_dir, Obituary *last, Error **err)
{
    g_autofree char *path = g_build_filename(state_dir, "obituary", NULL);
    struct sigaction action = { .sa_sigaction = write_down, .sa_flags = SA_SIGINFO };

    file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return error_errno(err, errno, "cannot open '%s'", path);
    read_last(last);
    if (ftruncate(file, 0) < 0)
        return error_errno(err, errno, "cannot empty '%s'", path);
    sigemptyset(&action.sa_mask);
    for (const int *fault = thread_faults; *fault; fault++)
        sigaction(*fault, &action, &before[*fault]);
    return true;
}

void obituary_clear(Obituary *obituary)
{
    g_clear_pointer(&obituary->folder, g_free);
    g_clear_pointer(&obituary->source, g_free);
}
