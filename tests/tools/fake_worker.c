/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fake_worker - speaks the worker's protocol and decodes nothing, for tests of the daemon's side.
 *
 * What it does with a picture follows from the picture's name:
 *     crash*    dies by SIGABRT          hang*     never answers
 *     broken*   says the picture is bad  later*    says it may work later
 *     *save*    says that it saves, instead of that it pretends
 *     brief*    takes 20 ms, and dies then for briefcrash*
 *     gate*     makes the file $FAKE_GATE.reached, goes on when there is $FAKE_GATE.open, and dies
 *               then for gatecrash*
 *     babble*   sends what the protocol doesn't know
 *     nothing*  asks for an output and writes nothing
 *     spin*     computes for ever         huge*     writes 1 MB and complains if it can't
 *     spent*    dies by SIGXCPU
 *     full*     says the disk is full    keep*     holds on to its output and says all is well
 *     deaf*     asks for what it can't have and says all is well
 *     spite*    computes for ever and ignores its limit
 *     stranger* has a program run that the configuration does not name
 *     hollow*   has a program run, and gives it no file
 *     lazy*     makes nothing and says all is well
 *     idle*     makes nothing and says that there is nothing to make
 *     gorge*    takes most of the memory that it may have, and dies by SIGABRT
 *     flood*    writes 1 MB into each of three outputs and never answers
 *     many-threads*  starts 200 threads, makes its picture and leaves them there
 *     early*    says three times that all is well
 *     pid*      writes its process id, and computes on between pictures for pid-restless*
 *     starve*   says that it got no memory
 *     outgrow*  dies as if its control group, below FAKE_GROUP, had no more memory for it
 *     share*    takes 1 GB of memory that RLIMIT_DATA does not count, and aborts if it gets that
 *     thread*   starts a thousand threads, and writes how many it got
 *     needsN-*  asks for N bytes of memory first, goes on as what follows says, and takes 100 ms
 *     accept*   writes which formats it may take
 *     greedy*   starts 200 threads, and asks for 90,000 bytes of memory
 *     fill*     has 512 MB of memory for a moment, and goes on as pid*
 *     other     copies it to DIR/NAME.out
 * A preview has no name of its own: FAKE_PREVIEW in the environment takes its place.
 * Its sandbox lacks what FAKE_LACKS in the environment says. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/protocol.h"
#include "wire/wire.h"

static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;

enum { BRIEF_US = 20 * 1000, LOOK_US = 1000, PAGE = 4096 };

static bool restless;
static guint32 accepted; /* FORMAT_BIT()s */

static void say(Message type, GVariant *body)
{
    g_autoptr(Error) error = NULL;

    if (!wire_send(PROTOCOL_SOCKET, type, body, -1, &error))
        _exit(0);
}

static unsigned hear(GVariant **body, int *fd)
{
    g_autoptr(Error) error = NULL;
    unsigned type = 0;

    if (!wire_receive(PROTOCOL_SOCKET, formats, MESSAGE_COUNT, 0, &type, body, fd, &error))
        _exit(0);
    return type;
}

static const char *notes = ""; /* about the picture */

static void end(bool ok, ErrorKind kind, const char *what)
{
    say(MESSAGE_RESULT, g_variant_new("(bussss)", ok, kind, what, "", "", notes));
}

static void copy(int from, int to)
{
    char buffer[65536];
    ssize_t got = 0;
    off_t at = 0;

    while ((got = pread(from, buffer, sizeof(buffer), at)) > 0) {
        if (write(to, buffer, (size_t) got) != got)
            abort();
        at += got;
    }
}

/* As a decoder would that has to end: it cannot continue, and the reason does not matter. */
static bool write_much(int to)
{
    char buffer[65536] = { 0 };

    for (int i = 0; i < 16; i++)
        if (write(to, buffer, sizeof(buffer)) != sizeof(buffer))
            return false;
    return true;
}

/* True where there is memory; else the job is over. */
static bool wait_for_memory(gint64 bytes)
{
    g_autoptr(GVariant) body = NULL;
    int fd = -1;

    say(MESSAGE_MEMORY, g_variant_new("(x)", bytes));
    unsigned type = hear(&body, &fd);
    if (type == MESSAGE_MEMORY_GO) {
        usleep(100 * 1000);
        return true;
    }
    if (type != MESSAGE_NO)
        abort();
    end(false, ERROR_CONFIG, "the daemon refused");
    return false;
}

static void take_shared_memory(void)
{
    size_t size = (size_t) 1 << 30;
    /* cppcheck-suppress invalidFunctionArg ; -1: no file is behind it */
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory != MAP_FAILED)
        memset(memory, 1, size);
    abort();
}

static void *sleep_on(void *data)
{
    for (;;)
        pause();
    return data;
}

/* How many there are then. Small ones: it is not their memory that ends this. */
static int start_threads(int most)
{
    pthread_attr_t small;
    pthread_t thread;
    int count = 0;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    while (count < most && !pthread_create(&thread, &small, sleep_on, NULL))
        count++;
    pthread_attr_destroy(&small);
    return count;
}

static void finish(const char *dir, const char *name, int picture)
{
    g_autofree char *output = g_strdup_printf("%s%s%s.out.jpg", dir, *dir ? "/" : "", name);
    notes = g_str_has_prefix(name, "noted") ? "1 of 24 frames\n" : "";
    g_autoptr(GVariant) body = NULL;
    int fd = -1;

    say(MESSAGE_OUTPUT, g_variant_new("(^ayux)", output, EXISTS_NUMBER, PROTOCOL_NOW));
    unsigned type = hear(&body, &fd);
    if (type == MESSAGE_NO) {
        end(false, ERROR_CONFIG, "the daemon refused");
        return;
    }
    if (type == MESSAGE_OUTPUT_GO) {
        if (g_str_has_prefix(name, "huge") && !write_much(fd)) {
            close(fd);
            end(false, ERROR_ENVIRONMENT, "it can't be written");
            return;
        }
        if (g_str_has_prefix(name, "thread"))
            dprintf(fd, "%d threads\n", start_threads(1000));
        restless |= g_str_has_prefix(name, "pid-restless");
        if (g_str_has_prefix(name, "accept"))
            dprintf(fd, "%u\n", accepted);
        if (g_str_has_prefix(name, "pid") || g_str_has_prefix(name, "fill"))
            dprintf(fd, "%d\n", (int) getpid());
        if (!g_str_has_prefix(name, "nothing"))
            copy(picture, fd);
        if (!g_str_has_prefix(name, "keep"))
            close(fd);
        for (int i = 0; i < 2 && g_str_has_prefix(name, "early"); i++)
            end(true, 0, "");
    }
    end(true, 0, "");
}

static void gorge(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        size_t size = limit.rlim_cur / 10 * 9;
        volatile char *much = malloc(size);
        for (size_t i = 0; much && i < size; i += 1024)
            much[i] = 1;
    }
    abort();
}

static void flood(void)
{
    for (int i = 0; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("flood%d.jpg", i);
        g_autoptr(GVariant) body = NULL;
        int fd = -1;

        say(MESSAGE_OUTPUT, g_variant_new("(^ayux)", name, EXISTS_NUMBER, PROTOCOL_NOW));
        if (hear(&body, &fd) != MESSAGE_OUTPUT_GO || !write_much(fd))
            abort();
    }
    for (;;)
        pause();
}

static void go_on_when_refused(void)
{
    g_autoptr(GVariant) body = NULL;
    int fd = -1;

    say(MESSAGE_OUTPUT, g_variant_new("(^ayux)", "../outside.jpg", EXISTS_NUMBER, PROTOCOL_NOW));
    if (hear(&body, &fd) != MESSAGE_NO)
        abort();
    end(true, 0, "");
}

static void run_program(bool with_file)
{
    g_autoptr(GVariant) body = NULL;
    int fd = -1;

    if (with_file) {
        say(MESSAGE_PROGRAM_FILE, g_variant_new("()"));
        if (hear(&body, &fd) != MESSAGE_OUTPUT_GO || !write_much(fd))
            abort();
        close(fd);
        g_clear_pointer(&body, g_variant_unref);
    }
    say(MESSAGE_PROGRAM, g_variant_new("(sx)", "rm", (gint64) 1 << 20));
    hear(&body, &fd);
    end(true, 0, "");
}

/* The control group that the daemon has put us into, newly allocated. */
static char *own_group(void)
{
    g_autofree char *pid = g_strdup_printf("%d", (int) getpid());

    for (int i = 1; i < 100; i++) {
        g_autofree char *leaf = g_strdup_printf("%s/worker-%d", g_getenv("FAKE_GROUP"), i);
        g_autofree char *procs = g_build_filename(leaf, "cgroup.procs", NULL);
        g_autofree char *inside = NULL;
        if (g_file_get_contents(procs, &inside, NULL, NULL) && !strcmp(inside, pid))
            return g_steal_pointer(&leaf);
    }
    abort();
}

/* The kernel writes down what it kills for; there is none behind a test's directory. Then it takes
 * its time to give the memory back. */
static void outgrow(void)
{
    gint64 count = g_get_monotonic_time(); /* more than it was before */
    g_autofree char *group = own_group();
    g_autofree char *events = g_build_filename(group, "memory.events", NULL);
    g_autofree char *kills =
        g_strdup_printf("oom %" G_GINT64_FORMAT "\noom_kill %" G_GINT64_FORMAT, count, count);

    if (!g_file_set_contents(events, kills, -1, NULL))
        abort();
    close(PROTOCOL_SOCKET);
    for (;;)
        pause();
}

/* Until the test, which knows by the first file where we are, makes the second one. */
static void wait_at_gate(void)
{
    g_autofree char *reached = g_strdup_printf("%s.reached", g_getenv("FAKE_GATE"));
    g_autofree char *open = g_strdup_printf("%s.open", g_getenv("FAKE_GATE"));

    if (!g_file_set_contents(reached, "", 0, NULL))
        abort();
    while (access(open, F_OK) < 0)
        usleep(LOOK_US);
}

static void fill(void)
{
    size_t size = (size_t) 512 << 20;
    /* cppcheck-suppress invalidFunctionArg ; -1: no file is behind it */
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    for (size_t i = 0; i < size; i += PAGE)
        memory[i] = 1;
    munmap(memory, size);
}

static void make_nothing(void)
{
    say(MESSAGE_NO_OUTPUT, g_variant_new("()"));
    end(true, 0, "");
}

static void work(GVariant *job, int picture)
{
    const char *profile = NULL, *folder = NULL, *dir = NULL, *name = NULL;
    gint64 mtime = 0;

    g_variant_get(job, "(&s&s^&ay^&ayx(xxx)x(udix)u)", &profile, &folder, &dir, &name, &mtime, NULL,
                  NULL, NULL, NULL, &accepted, NULL, NULL, NULL, NULL);
    if (!strcmp(name, "preview") && g_getenv("FAKE_PREVIEW"))
        name = g_getenv("FAKE_PREVIEW");
    say(MESSAGE_STEP, g_variant_new("(us)", 7, strstr(name, "save") ? "save" : "pretend"));
    if (g_str_has_prefix(name, "needs")) {
        char *rest = NULL;
        if (!wait_for_memory(g_ascii_strtoll(name + 5, &rest, 10)))
            return;
        name = rest + 1;
    }
    if (g_str_has_prefix(name, "spite"))
        signal(SIGXCPU, SIG_IGN);
    if (g_str_has_prefix(name, "spin") || g_str_has_prefix(name, "spite"))
        for (volatile unsigned turns = 0;; turns++)
            ;
    if (g_str_has_prefix(name, "spent"))
        raise(SIGXCPU);
    if (g_str_has_prefix(name, "gorge"))
        gorge();
    if (g_str_has_prefix(name, "flood"))
        flood();
    if (g_str_has_prefix(name, "many-threads") || g_str_has_prefix(name, "greedy"))
        start_threads(200);
    if (g_str_has_prefix(name, "greedy") && !wait_for_memory(90000))
        return;
    if (g_str_has_prefix(name, "fill"))
        fill();
    if (g_str_has_prefix(name, "share"))
        take_shared_memory();
    if (g_str_has_prefix(name, "outgrow"))
        outgrow();
    if (g_str_has_prefix(name, "hang"))
        for (;;)
            pause();
    if (g_str_has_prefix(name, "brief"))
        usleep(BRIEF_US);
    if (g_str_has_prefix(name, "gate"))
        wait_at_gate();
    if (g_str_has_prefix(name, "crash") || g_str_has_prefix(name, "briefcrash") ||
        g_str_has_prefix(name, "gatecrash"))
        abort();
    if (g_str_has_prefix(name, "babble"))
        send(PROTOCOL_SOCKET, "\x63nonsense", 9, MSG_NOSIGNAL);
    if (g_str_has_prefix(name, "broken"))
        end(false, ERROR_PICTURE, "it is broken");
    else if (g_str_has_prefix(name, "full"))
        end(false, ERROR_ENVIRONMENT, "the disk is full");
    else if (g_str_has_prefix(name, "lazy"))
        end(true, 0, "");
    else if (g_str_has_prefix(name, "idle"))
        make_nothing();
    else if (g_str_has_prefix(name, "starve"))
        end(false, ERROR_MEMORY, "cannot read the picture: out of memory");
    else if (g_str_has_prefix(name, "deaf"))
        go_on_when_refused();
    else if (g_str_has_prefix(name, "stranger") || g_str_has_prefix(name, "hollow"))
        run_program(g_str_has_prefix(name, "stranger"));
    else if (g_str_has_prefix(name, "later"))
        end(false, ERROR_TRANSIENT, "not now");
    else
        finish(dir, name, picture);
}

int main(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGXFSZ, SIG_IGN);
    g_autofree char *dialect = wire_version(formats, MESSAGE_COUNT);
    const char *lacks = g_getenv("FAKE_LACKS");
    say(MESSAGE_READY, g_variant_new("(sus)", dialect, 1, lacks ? lacks : ""));
    for (;;) {
        g_autoptr(GVariant) body = NULL;
        int picture = -1;
        unsigned heard = hear(&body, &picture);
        if (heard == MESSAGE_SIDECAR) {
            close(picture);
            continue;
        }
        if (heard != MESSAGE_JOB)
            abort();
        work(body, picture);
        close(picture);
        for (volatile unsigned turns = 0; restless; turns++)
            ;
    }
}
