/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/metrics/metrics.h"
#include "daemon/process/cgroup.h"
#include "daemon/process/launch.h"
#include "daemon/process/sandbox_report.h"
#include "daemon/settings/identity.h"
#include "wire/protocol.h"
#include "wire/wire.h"

/* Bytes that a worker may have in any case. */
static const int64_t base_memory = INT64_C(1) << 30;

enum {
    START_MS = 60 * 1000,
    EXIT_NOTE_MS = 200,
    NOTE_MAX = 200,
    CALL_MAX = 40,
    PICTURES_MAX = 1000,
    OVER_LIMIT_MS = 2000, /* processor time beyond its limit, whose signal comes first */
    IDLE_CPU_MS = 2000,   /* processor time between two pictures */
    BACKGROUND = 15,  /* nice(2): it gets 3 % of a processor that another one wants, and its disk
                         accesses are the last ones (ioprio_set(2)) */
    STATUS_MAX = 4096 /* bytes */
};

/* 9 were the most, over every format and action: libvips' own, and three of an encoder; some
 * decoders start one for each processor. */
enum { THREADS_MAX = 32, THREADS_OF_PROCESSOR = 2 };

static const int64_t never_ms = INT64_MAX / 2;

struct Process {
    pthread_mutex_t
        lock;  /* around pid, which must not be reused during process_kill(), and status */
    pid_t pid; /* 0: not running */
    int64_t idle_cpu_ms; /* its processor time when it became idle */
    int socket;
    CgroupLeaf *leaf;
    bool in_background;
    int status;             /* its open /proc/PID/status; -1: none */
    int clear_refs;         /* its open /proc/PID/clear_refs; -1: none */
    Settings *settings;     /* what it was started with */
    char *tracks;           /* what those were then, identity_of_tracks() */
    char *note, *note_call; /* its exit note, and the system call that it names; NULL: none */
    int pictures;           /* that it has processed */
    bool was_started;       /* another one before it, too */
    int64_t memory_limit;   /* bytes, for this picture */
    bool is_limited;        /* to memory_limit, by the kernel */
    int64_t data_bytes;     /* the most that was seen, for this picture */
    int64_t cpu_limit_ms;   /* its processor time at which this picture must end; 0: no limit */
};

Process *process_new(void)
{
    Process *process = g_new0(Process, 1);

    pthread_mutex_init(&process->lock, NULL);
    process->socket = process->status = process->clear_refs = -1;
    process->leaf = cgroup_leaf_new();
    return process;
}

void process_free(Process *process)
{
    if (!process)
        return;
    process_end(process, NULL);
    cgroup_leaf_free(process->leaf);
    pthread_mutex_destroy(&process->lock);
    g_free(process);
}

void process_set_background(Process *process)
{
    process->in_background = true;
}

int process_socket(const Process *process)
{
    return process->socket;
}

/* To be called before the worker makes itself undumpable: later a service whose ProtectProc= is
 * `invisible` does not find it. */
static int open_proc(pid_t pid, const char *name, int flags)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int) pid, name);

    return open(path, flags | O_CLOEXEC);
}

static void count_start(Process *process)
{
    metrics_add(METRIC_WORKERS_STARTED, 1, NULL, NULL, NULL);
    metrics_add(METRIC_WORKERS_RESTARTED, process->was_started, NULL, NULL, NULL);
    process->was_started = true;
}

static void count_death(void)
{
    metrics_add(METRIC_WORKERS_DIED, 1, NULL, NULL, NULL);
}

/* Starts it with a profiles document, and waits for nothing. */
static bool start(Process *process, const Launch *what, Error **err)
{
    pid_t pid = 0;
    int socket = -1;

    process->pictures = 0;
    if (!launch(what, &pid, &socket, err))
        return false;
    /* as early as possible: memory that it has before counts as ours */
    cgroup_leaf_add(process->leaf, pid);
    if (process->in_background) /* its group has all its threads */
        setpriority(PRIO_PGRP, (id_t) pid, BACKGROUND);
    pthread_mutex_lock(&process->lock);
    process->pid = pid;
    process->idle_cpu_ms = never_ms;
    process->status = open_proc(pid, "status", O_RDONLY);
    pthread_mutex_unlock(&process->lock);
    process->socket = socket;
    process->clear_refs = open_proc(pid, "clear_refs", O_WRONLY);
    count_start(process);
    return true;
}

static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;

/* An upgrade may have replaced the program since the daemon started. */
static bool check_version(GVariant *ready, Error **err)
{
    g_autofree char *ours = wire_version(formats, MESSAGE_COUNT);
    const char *its = NULL, *lacks = NULL;

    g_variant_get(ready, "(&su&s)", &its, NULL, &lacks);
    if (strcmp(its, ours) != 0) {
        g_autofree char *shown = text_shorten(its, NOTE_MAX);
        return error_set(err, ERROR_ENVIRONMENT, "restart the service: systemctl restart hotfolder",
                         "hotfolder was replaced while it was running: the worker has version %s, "
                         "the service %s",
                         shown, ours);
    }
    sandbox_report_set(lacks);
    return true;
}

void process_keep_exit_note(Process *process, GVariant *words)
{
    const char *said = NULL, *call = NULL;

    g_variant_get(words, "(&s&s)", &call, &said);
    g_free(process->note);
    g_free(process->note_call);
    process->note = text_shorten(said, NOTE_MAX);
    process->note_call = *call ? text_shorten(call, CALL_MAX) : NULL;
}

static bool await_ready(Process *process, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) why = NULL;
    unsigned type = 0;
    int fd = -1;

    if (wire_receive(process->socket, formats, MESSAGE_COUNT, clock_ms() + START_MS, &type, &body,
                     &fd, &why) &&
        type == MESSAGE_READY) {
        if (check_version(body, err))
            return true;
        process_end(process, NULL);
        return false;
    }
    if (type == MESSAGE_EXIT_NOTE)
        process_keep_exit_note(process, body);
    if (fd >= 0)
        close(fd);
    g_auto(ProcessEnd) end = { 0 };
    process_end(process, &end);
    count_death();
    return error_set(err, ERROR_ENVIRONMENT, "read its messages on standard error",
                     "a worker did not start: it %s", end.words);
}

/* It sends nothing unasked: what lies in the socket would be taken for an answer to the next job. A
 * worker that has died is not quiet either. */
static bool is_quiet(const Process *process)
{
    char byte = 0;

    return recv(process->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* Whether the worker that runs is one that these settings would start. */
static bool fits(const Process *process, const Settings *settings, const char *tracks)
{
    const char *key = settings->worker_key;

    return process->pid && process->settings && !g_strcmp0(process->tracks, tracks) &&
           (process->settings == settings ||
            (key && !g_strcmp0(process->settings->worker_key, key)));
}

bool process_ensure_ready(Process *process, Settings *settings, bool fresh, Error **err)
{
    int most = fresh ? 1 : PICTURES_MAX;
    g_autofree char *tracks = identity_of_tracks(settings); /* before it reads them */

    g_assert(settings);
    bool wanted = fits(process, settings, tracks) && process->pictures < most;
    if (wanted && is_quiet(process))
        return true;
    if (wanted)
        count_death();
    process_end(process, NULL);
    const Launch what = { .document = settings->profiles_text,
                          .fonts = settings_draw_text(settings),
                          .answer = -1 };
    if (!start(process, &what, err))
        return false;
    process->settings = settings_ref(settings);
    process->tracks = g_steal_pointer(&tracks);
    return await_ready(process, err);
}

bool process_start_check(Process *process, const char *document, bool fonts, int answer,
                         Error **err)
{
    return start(process, &(Launch){ document, fonts, answer }, err);
}

bool process_end_check(Process *process, Error **err)
{
    return await_ready(process, err);
}

void process_keep_checked(Process *process, Settings *settings)
{
    g_assert(!process->settings);
    process->settings = settings_ref(settings);
    process->tracks = identity_of_tracks(settings);
}

void process_start_early(Process *process, Settings *settings)
{
    g_autoptr(Error) ignored = NULL;

    if (!process->pid)
        process_ensure_ready(process, settings, false, &ignored);
}

/* `ours`: it did not end before we killed it. `why`: why the kernel killed it; NULL: not known. */
static char *end_text(int status, const char *said, const char *why, bool ours)
{
    g_autofree char *end =
        !WIFSIGNALED(status) ? g_strdup_printf("exited with status %d", WEXITSTATUS(status))
        : ours               ? g_strdup("was killed by hotfolder")
                             : g_strdup_printf("was killed by signal %d (%s)", WTERMSIG(status),
                                               sigdescr_np(WTERMSIG(status)));

    if (!ours && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        said = why ? why : said ? said : "by another process, or because memory ran out";
    return g_strconcat(end, said ? ": " : NULL, said, NULL);
}

/* A worker that is ending shows its own signal, not ours. True where it has ended. */
static bool wait_for_end(pid_t pid)
{
    for (int64_t limit = clock_ms() + EXIT_NOTE_MS; clock_ms() < limit; usleep(2000)) {
        siginfo_t info = { 0 };
        if (waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
            return true;
    }
    return false;
}

/* A decoder that gets no memory often goes on without it, into a fault or an abort, and writes
 * nothing; GLib writes a message. */
static bool exceeded_memory(const Process *process, int signal, const char *said,
                            int64_t peak_bytes)
{
    static const int faults[] = { SIGABRT, SIGSEGV, SIGBUS, SIGTRAP };

    if (said && strstr(said, "failed to allocate"))
        return true;
    for (size_t i = 0; process->is_limited && i < G_N_ELEMENTS(faults); i++)
        if (signal == faults[i])
            return MAX(peak_bytes, process->data_bytes) > process->memory_limit / 4 * 3;
    return false;
}

void process_end_clear(ProcessEnd *end)
{
    g_clear_pointer(&end->words, g_free);
    g_clear_pointer(&end->call, g_free);
}

bool process_end(Process *process, ProcessEnd *end)
{
    g_autofree char *said = g_steal_pointer(&process->note),
                    *call = g_steal_pointer(&process->note_call);
    struct rusage usage = { 0 };
    int status = 0;

    if (!process->pid)
        return false;
    close(process->socket);
    if (process->clear_refs >= 0)
        close(process->clear_refs);
    process->socket = process->clear_refs = -1;
    bool ours = !wait_for_end(process->pid);
    pthread_mutex_lock(&process->lock);
    if (process->status >= 0)
        close(process->status);
    process->status = -1;
    kill(process->pid, SIGKILL);
    while (wait4(process->pid, &status, 0, &usage) < 0 && errno == EINTR)
        ;
    process->pid = 0;
    pthread_mutex_unlock(&process->lock);
    settings_unref(process->settings);
    process->settings = NULL;
    g_clear_pointer(&process->tracks, g_free);
    bool outgrew = false;
    g_autofree char *why = cgroup_leaf_kill_reason(process->leaf, &outgrew);
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (!end)
        return true;
    /* A worker that the kernel kills may take long to return its memory, and to end. */
    *end = (ProcessEnd){ .words = end_text(status, said, why, ours && !why),
                         .signal = signal,
                         .call = g_steal_pointer(&call),
                         .memory_kb = usage.ru_maxrss,
                         .memory_exhausted =
                             outgrew || exceeded_memory(process, signal, said,
                                                        usage.ru_maxrss * INT64_C(1024)) };
    return true;
}

/* Sets only the soft limit, which can be raised again, and never above the hard one. */
static void set_limit(pid_t pid, __rlimit_resource_t what, int64_t value)
{
    struct rlimit limit;

    if (prlimit(pid, what, NULL, &limit))
        return; /* it has ended, which its socket will show */
    limit.rlim_cur = MIN((rlim_t) value, limit.rlim_max);
    prlimit(pid, what, &limit, NULL);
}

/* The processor time that it has used. */
static int64_t used_ms(pid_t pid)
{
    struct timespec used = { 0 };
    clockid_t clock = 0;

    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
        return 0;
    return (int64_t) used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* process_end() holds the lock for as long as a process that hangs in a share. */
int64_t process_cpu_ms(Process *process)
{
    if (pthread_mutex_trylock(&process->lock))
        return 0;
    int64_t ms = process->pid ? used_ms(process->pid) : 0;
    pthread_mutex_unlock(&process->lock);
    return ms;
}

/* Bytes of its own data. */
static int64_t used_data(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int) pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) numbers = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    numbers = g_strsplit(text, " ", -1);
    return g_strv_length(numbers) < 6
               ? 0
               : g_ascii_strtoll(numbers[5], NULL, 10) * (int64_t) sysconf(_SC_PAGESIZE);
}

/* What earlier pictures took does not count: the peak starts at what is left of them (proc(5),
 * clear_refs). */
static void forget_peak(Process *process)
{
    process->data_bytes = 0;
    /* a kernel without it: the peak is that of all pictures */
    if (process->clear_refs >= 0 && pwrite(process->clear_refs, "5", 1, 0) < 0)
        g_debug("clear_refs: %s", g_strerror(errno));
}

void process_set_limits(Process *process, const Limits *limits, int64_t memory)
{
    int64_t data_bytes = limits->max_memory ? limits->max_memory : base_memory + 2 * memory;
    bool begins = !memory; /* of a picture, whose header comes first */

    /* a sanitizer's worker has terabytes of shadow memory already */
    process->is_limited = used_data(process->pid) < MAX(data_bytes, base_memory);
    if (process->is_limited)
        set_limit(process->pid, RLIMIT_DATA, data_bytes);
    if (begins)
        forget_peak(process);
    cgroup_leaf_set_memory(process->leaf, data_bytes);
    process->pictures += begins;
    process->memory_limit = data_bytes;
    if (begins)
        process->cpu_limit_ms = limits->max_cpu ? used_ms(process->pid) + limits->max_cpu : 0;
    if (begins && process->cpu_limit_ms)
        set_limit(process->pid, RLIMIT_CPU, process->cpu_limit_ms / 1000 + 1);
    if (limits->max_output_bytes)
        set_limit(process->pid, RLIMIT_FSIZE, limits->max_output_bytes + 1);
}

int64_t process_memory_limit(const Process *process)
{
    return process->memory_limit;
}

bool process_is_over_cpu_time(const Process *process)
{
    return process->pid && process->cpu_limit_ms &&
           used_ms(process->pid) > process->cpu_limit_ms + OVER_LIMIT_MS;
}

void process_set_idle(Process *process)
{
    pthread_mutex_lock(&process->lock);
    process->idle_cpu_ms = process->pid ? used_ms(process->pid) : never_ms;
    pthread_mutex_unlock(&process->lock);
}

void process_kill_if_busy(Process *process)
{
    pthread_mutex_lock(&process->lock);
    if (process->pid && used_ms(process->pid) > process->idle_cpu_ms + IDLE_CPU_MS)
        kill(process->pid, SIGKILL);
    pthread_mutex_unlock(&process->lock);
}

/* A number of /proc/PID/status; 0 where it is missing. */
static gint64 number_of(const char *status, const char *field)
{
    const char *line = strstr(status, field);

    return line ? g_ascii_strtoll(line + strlen(field), NULL, 10) : 0;
}

int64_t process_resident_bytes(Process *process)
{
    char text[STATUS_MAX] = "";
    int64_t bytes = 0;

    if (pthread_mutex_trylock(&process->lock))
        return 0;
    if (process->status >= 0 && pread(process->status, text, sizeof(text) - 1, 0) > 0)
        bytes = number_of(text, "\nVmRSS:") * 1024;
    pthread_mutex_unlock(&process->lock);
    return bytes;
}

int process_excess_threads(Process *process)
{
    char text[STATUS_MAX] = "";

    if (process->status < 0 || pread(process->status, text, sizeof(text) - 1, 0) <= 0)
        return 0;
    gint64 threads = number_of(text, "\nThreads:");
    process->data_bytes = MAX(process->data_bytes, number_of(text, "\nVmData:") * 1024);
    return threads > THREADS_MAX + THREADS_OF_PROCESSOR * (gint64) g_get_num_processors()
               ? (int) threads
               : 0;
}

void process_kill(Process *process)
{
    pthread_mutex_lock(&process->lock);
    if (process->pid)
        kill(process->pid, SIGKILL);
    pthread_mutex_unlock(&process->lock);
}
