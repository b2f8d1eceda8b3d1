#include "daemon/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"
#include "daemon/process/cgroup.h"
#include "daemon/process/sandbox_report.h"
#include "wire/protocol.h"
#include "wire/wire.h"

/* What a worker may have in any case: bytes. */
static const int64_t ample = INT64_C(1) << 30;

enum {
    START_MS = 60 * 1000,
    LAST_WORDS_MS = 200,
    WORDS_MAX = 200,
    CALL_MAX = 40,
    PICTURES_MAX = 1000,
    SIGNAL_MS = 2000,  /* its signal comes first */
    AT_REST_MS = 2000, /* of a processor, until the next picture */
    STATUS_MAX = 4096  /* bytes */
};

/* 9 were seen at most, over every format and action: libvips' own, three of an encoder, and on a
 * machine with more processors some decoders start one for each. */
enum { THREADS_MAX = 32, THREADS_OF_PROCESSOR = 2 };

static const int64_t never_ms = INT64_MAX / 2;

struct Child {
    pthread_mutex_t lock; /* around pid: it must not be reused under child_kill() */
    pid_t pid;            /* 0: not running */
    int64_t rested_ms;    /* time of processors that it had used when it came to rest */
    int socket;
    CgroupLeaf *leaf;
    int status;         /* its /proc/PID/status; -1: not to be had */
    int peak;           /* its /proc/PID/clear_refs, as well */
    Settings *settings; /* what it was started with */
    char *words, *call; /* its last ones, and what they name; NULL: it said none */
    int pictures;       /* that it has seen */
    int64_t allowance;  /* bytes of memory, for this one */
    bool held;          /* to the allowance, by the kernel */
    int64_t data;       /* bytes that it was seen to have, for this one, at most */
    int64_t spend_ms;   /* time of processors that it may have used when this one ends; 0: any */
};

Child *child_new(void)
{
    Child *child = g_new0(Child, 1);

    pthread_mutex_init(&child->lock, NULL);
    child->socket = child->status = child->peak = -1;
    child->leaf = cgroup_leaf_new();
    return child;
}

void child_free(Child *child)
{
    if (!child)
        return;
    child_end(child, NULL);
    cgroup_leaf_free(child->leaf);
    pthread_mutex_destroy(&child->lock);
    g_free(child);
}

int child_socket(const Child *child)
{
    return child->socket;
}

/* The profiles document as a file that the child reads on standard input. */
static int document(const Settings *settings)
{
    int fd = memfd_create("profiles", MFD_CLOEXEC);
    size_t size = strlen(settings->profiles_text);

    if (fd < 0)
        return -1;
    if (write(fd, settings->profiles_text, size) == (ssize_t) size && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Our environment without what systemd told the daemon alone, and with one malloc arena: it keeps a
 * worker at 41-48 MB instead of 86-95 (measured over 400 mixed pictures). */
static char **environment(void)
{
    char **list = g_get_environ();
    g_autofree char *parent = g_strdup_printf("%d", getpid());

    list = g_environ_unsetenv(list, "NOTIFY_SOCKET");
    list = g_environ_unsetenv(list, "WATCHDOG_USEC");
    list = g_environ_unsetenv(list, "WATCHDOG_PID");
    list = g_environ_unsetenv(list, "JOURNAL_STREAM");
    list = g_environ_setenv(list, "MALLOC_ARENA_MAX", "1", TRUE);
    return g_environ_setenv(list, "HOTFOLDER_PARENT", parent, TRUE);
}

/* Whether pictures may come that name fonts. */
static bool draws_text(const Settings *settings)
{
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        if (folder->limits.accept & (FORMAT_BIT(FORMAT_SVG) | FORMAT_BIT(FORMAT_PDF)))
            return true;
    }
    return false;
}

static int spawn(const char *program, bool fonts, int socket, int profiles, pid_t *pid)
{
    g_auto(GStrv) env = environment();
    char *argv[] = { (char *) (uintptr_t) program, (char *) (uintptr_t) "--serve",
                     fonts ? (char *) (uintptr_t) "--fonts" : NULL, NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, profiles, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, socket, PROTOCOL_SOCKET);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    /* A group of its own: Ctrl-C on a terminal is for us alone, we let it finish its picture. */
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int code = posix_spawn(pid, program, &files, &attributes, argv, env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

static bool start(Child *child, Settings *settings, Error **err)
{
    g_autofree char *program = places_worker();
    int pair[2] = { -1, -1 }, profiles = document(settings), code = 0;
    pid_t pid = 0;

    if (profiles < 0)
        return error_set(err, ERROR_ENVIRONMENT, NULL, "cannot start a worker: %s",
                         g_strerror(errno));
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        code = errno;
        close(profiles);
        return error_set(err, ERROR_ENVIRONMENT, NULL, "cannot start a worker: %s",
                         g_strerror(code));
    }
    /* A descriptor that already is number 3 would keep its close-on-exec flag through dup2(2). */
    if (pair[1] == PROTOCOL_SOCKET) {
        pair[1] = fcntl(PROTOCOL_SOCKET, F_DUPFD_CLOEXEC, PROTOCOL_SOCKET + 1);
        close(PROTOCOL_SOCKET);
    }
    /* Our end never waits for room: a child that asks and reads no answer would hold us for ever.
     */
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    code = spawn(program, draws_text(settings), pair[1], profiles, &pid);
    close(profiles);
    close(pair[1]);
    if (code) {
        close(pair[0]);
        return error_set(err, ERROR_ENVIRONMENT,
                         code == EAGAIN ? "raise the limit of tasks (TasksMax=, ulimit -u)"
                                        : "install hotfolder-worker beside hotfolderd",
                         "cannot run '%s': %s", program, g_strerror(code));
    }
    cgroup_leaf_enter(child->leaf, pid); /* as early as can be: what it has by then stays ours */
    pthread_mutex_lock(&child->lock);
    child->pid = pid;
    child->rested_ms = never_ms;
    pthread_mutex_unlock(&child->lock);
    child->socket = pair[0];
    child->settings = settings_ref(settings);
    return true;
}

static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;

/* The program may have been replaced while this one goes on: an upgrade, until its restart. */
static bool is_ours(GVariant *ready, Error **err)
{
    g_autofree char *ours = wire_dialect(formats, MESSAGE_COUNT);
    const char *its = NULL, *lacks = NULL;

    g_variant_get(ready, "(&su&s)", &its, NULL, &lacks);
    if (strcmp(its, ours) != 0) {
        g_autofree char *shown = text_shorten(its, WORDS_MAX);
        return error_set(err, ERROR_ENVIRONMENT, "restart the service: systemctl restart hotfolder",
                         "hotfolder was replaced while it runs: its worker is of version %s, the "
                         "service of %s",
                         shown, ours);
    }
    sandbox_told(lacks);
    return true;
}

void child_heed(Child *child, GVariant *words)
{
    const char *said = NULL, *call = NULL;

    g_variant_get(words, "(&s&s)", &call, &said);
    g_free(child->words);
    g_free(child->call);
    child->words = text_shorten(said, WORDS_MAX);
    child->call = *call ? text_shorten(call, CALL_MAX) : NULL;
}

static bool await_ready(Child *child, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) why = NULL;
    unsigned type = 0;
    int fd = -1;

    if (wire_receive(child->socket, formats, MESSAGE_COUNT, clock_ms() + START_MS, &type, &body,
                     &fd, &why) &&
        type == MESSAGE_READY) {
        if (is_ours(body, err))
            return true;
        child_end(child, NULL);
        return false;
    }
    if (type == MESSAGE_LAST_WORDS)
        child_heed(child, body);
    if (fd >= 0)
        close(fd);
    g_auto(ChildEnd) end = { 0 };
    child_end(child, &end);
    return error_set(err, ERROR_ENVIRONMENT, "look at what it said on standard error",
                     "a worker did not start: it %s", end.words);
}

/* It speaks when it is spoken to: what lies there would be taken for an answer to the next job. One
 * that has died meanwhile is not quiet either. */
static bool is_quiet(const Child *child)
{
    char byte = 0;

    return recv(child->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* Before it makes itself undumpable: from then on a service whose ProtectProc= is `invisible`
 * would not find it. */
static int open_of(pid_t pid, const char *name, int flags)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int) pid, name);

    return open(path, flags | O_CLOEXEC);
}

bool child_ready(Child *child, Settings *settings, bool unmet, Error **err)
{
    int most = unmet ? 1 : PICTURES_MAX;

    g_assert(settings);
    if (child->pid && child->settings == settings && child->pictures < most && is_quiet(child))
        return true;
    child_end(child, NULL);
    child->pictures = 0;
    if (!start(child, settings, err))
        return false;
    child->status = open_of(child->pid, "status", O_RDONLY);
    child->peak = open_of(child->pid, "clear_refs", O_WRONLY);
    return await_ready(child, err);
}

void child_renew(Child *child, Settings *settings)
{
    g_autoptr(Error) ignored = NULL;

    if (!child->pid)
        child_ready(child, settings, false, &ignored);
}

/* `ours`: it did not die before we killed it. `why`: the kernel did; NULL: not known. */
static char *words_of(int status, const char *said, const char *why, bool ours)
{
    g_autofree char *end =
        !WIFSIGNALED(status) ? g_strdup_printf("exited with status %d", WEXITSTATUS(status))
        : ours               ? g_strdup("was ended by hotfolder")
                             : g_strdup_printf("was killed by signal %d (%s)", WTERMSIG(status),
                                               sigdescr_np(WTERMSIG(status)));

    if (!ours && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        said = why ? why : said ? said : "by somebody, or because memory ran out";
    return g_strconcat(end, said ? ": " : NULL, said, NULL);
}

/* One that is dying by itself shows its own signal, not ours. True when it is dead. */
static bool give_last_words(pid_t pid)
{
    for (int64_t limit = clock_ms() + LAST_WORDS_MS; clock_ms() < limit; usleep(2000)) {
        siginfo_t info = { 0 };
        if (waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
            return true;
    }
    return false;
}

/* Decoders that get no memory often go on without it, to a fault or an abort, and say no word; GLib
 * says one. */
static bool has_starved(const Child *child, int signal, const char *said, int64_t most)
{
    static const int faults[] = { SIGABRT, SIGSEGV, SIGBUS, SIGTRAP };

    if (said && strstr(said, "failed to allocate"))
        return true;
    for (size_t i = 0; child->held && i < G_N_ELEMENTS(faults); i++)
        if (signal == faults[i])
            return MAX(most, child->data) > child->allowance / 4 * 3;
    return false;
}

void child_end_clear(ChildEnd *end)
{
    g_clear_pointer(&end->words, g_free);
    g_clear_pointer(&end->call, g_free);
}

bool child_end(Child *child, ChildEnd *end)
{
    g_autofree char *said = g_steal_pointer(&child->words), *call = g_steal_pointer(&child->call);
    struct rusage usage = { 0 };
    int status = 0;

    if (!child->pid)
        return false;
    close(child->socket);
    if (child->status >= 0)
        close(child->status);
    if (child->peak >= 0)
        close(child->peak);
    child->socket = child->status = child->peak = -1;
    bool ours = !give_last_words(child->pid);
    pthread_mutex_lock(&child->lock);
    kill(child->pid, SIGKILL);
    while (wait4(child->pid, &status, 0, &usage) < 0 && errno == EINTR)
        ;
    child->pid = 0;
    pthread_mutex_unlock(&child->lock);
    settings_unref(child->settings);
    child->settings = NULL;
    bool outgrew = false;
    g_autofree char *why = cgroup_leaf_verdict(child->leaf, &outgrew);
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (!end)
        return true;
    /* One that the kernel kills may take long to give its memory back, and die. */
    *end = (ChildEnd){ .words = words_of(status, said, why, ours && !why),
                       .signal = signal,
                       .call = g_steal_pointer(&call),
                       .memory_kb = usage.ru_maxrss,
                       .starved = outgrew || has_starved(child, signal, said,
                                                         usage.ru_maxrss * INT64_C(1024)) };
    return true;
}

/* Only the soft limit, so that it can be raised again; never above what binds the child already. */
static void set_limit(pid_t pid, __rlimit_resource_t what, int64_t most)
{
    struct rlimit limit;

    if (prlimit(pid, what, NULL, &limit))
        return; /* it is gone, which its socket will tell */
    limit.rlim_cur = MIN((rlim_t) most, limit.rlim_max);
    prlimit(pid, what, &limit, NULL);
}

/* Processor time that it has used up to now. */
static int64_t used_ms(pid_t pid)
{
    struct timespec used = { 0 };
    clockid_t clock = 0;

    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
        return 0;
    return (int64_t) used.tv_sec * 1000 + used.tv_nsec / 1000000;
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

/* What earlier pictures took is not this one's: its peak begins with what is left of them (proc(5),
 * clear_refs). */
static void forget_peak(Child *child)
{
    child->data = 0;
    if (child->peak >= 0 && pwrite(child->peak, "5", 1, 0) < 0)
        g_debug("clear_refs: %s", g_strerror(errno)); /* a kernel without: it is the peak of all */
}

void child_confine(Child *child, const Limits *limits, int64_t memory)
{
    int64_t data = limits->max_memory ? limits->max_memory : ample + 2 * memory;
    bool begins = !memory; /* its header comes first */

    /* a sanitizer's worker has terabytes of shadows already */
    child->held = used_data(child->pid) < MAX(data, ample);
    if (child->held)
        set_limit(child->pid, RLIMIT_DATA, data);
    if (begins)
        forget_peak(child);
    cgroup_leaf_allow(child->leaf, data);
    child->pictures += begins;
    child->allowance = data;
    if (begins)
        child->spend_ms = limits->max_cpu ? used_ms(child->pid) + limits->max_cpu : 0;
    if (begins && child->spend_ms)
        set_limit(child->pid, RLIMIT_CPU, child->spend_ms / 1000 + 1);
    if (limits->max_output_bytes)
        set_limit(child->pid, RLIMIT_FSIZE, limits->max_output_bytes + 1);
}

int64_t child_allowance(const Child *child)
{
    return child->allowance;
}

bool child_overspent(const Child *child)
{
    return child->pid && child->spend_ms && used_ms(child->pid) > child->spend_ms + SIGNAL_MS;
}

void child_rests(Child *child)
{
    pthread_mutex_lock(&child->lock);
    child->rested_ms = child->pid ? used_ms(child->pid) : never_ms;
    pthread_mutex_unlock(&child->lock);
}

void child_keep_at_rest(Child *child)
{
    pthread_mutex_lock(&child->lock);
    if (child->pid && used_ms(child->pid) > child->rested_ms + AT_REST_MS)
        kill(child->pid, SIGKILL);
    pthread_mutex_unlock(&child->lock);
}

/* A number of /proc/PID/status; 0 where it is not there. */
static gint64 number_of(const char *status, const char *field)
{
    const char *line = strstr(status, field);

    return line ? g_ascii_strtoll(line + strlen(field), NULL, 10) : 0;
}

int child_swarm(Child *child)
{
    char text[STATUS_MAX] = "";

    if (child->status < 0 || pread(child->status, text, sizeof(text) - 1, 0) <= 0)
        return 0;
    gint64 threads = number_of(text, "\nThreads:");
    child->data = MAX(child->data, number_of(text, "\nVmData:") * 1024);
    return threads > THREADS_MAX + THREADS_OF_PROCESSOR * (gint64) g_get_num_processors()
               ? (int) threads
               : 0;
}

void child_kill(Child *child)
{
    pthread_mutex_lock(&child->lock);
    if (child->pid)
        kill(child->pid, SIGKILL);
    pthread_mutex_unlock(&child->lock);
}
