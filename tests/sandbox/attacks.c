/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/sandbox/attacks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "actions/image.h"

enum { PAGE = 4096 };

typedef struct Attack {
    const char *name;
    long (*try)(void);
} Attack;

static char bytes[PAGE];

/* The daemon, as it introduced itself: getppid(2) is not on the sandbox's list. */
static pid_t parent(void)
{
    return (pid_t) g_ascii_strtoll(g_getenv("HOTFOLDER_PARENT"), NULL, 10);
}

/* ---- files ---- */

static long open_file(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long open_old(void)
{
    return syscall(SYS_open, "/etc/passwd", O_RDONLY);
}

static long open_tree(void)
{
    return syscall(SYS_openat2, AT_FDCWD, "/", &(uint64_t[3]){ O_RDONLY }, 24);
}

static long create(void)
{
    return open("/tmp/hotfolder-attack", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
}

static long creat_old(void)
{
    return creat("/tmp/hotfolder-attack", 0600);
}

static long remove_file(void)
{
    return unlink("/tmp/hotfolder-attack-none");
}

static long change_mode(void)
{
    return chmod("/tmp", 01777);
}

/* The output is ours to write, not to change otherwise: its owner and its mode are the daemon's. */
static long change_open_mode(void)
{
    return fchmod(0, 0777);
}

/* The original is open for reading, and belongs to the user that the worker runs as. */
static long change_date_of_source(void)
{
    const struct timespec times[] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    struct stat st;
    int fd = 4; /* the worker's own are below, and the picture's is the first behind them */

    while (fd < PAGE && fstat(fd, &st))
        fd++;
    return futimens(fd, times);
}

static long link_file(void)
{
    return linkat(AT_FDCWD, "/etc/passwd", AT_FDCWD, "/tmp/hotfolder-attack", 0);
}

static long read_memory_of_parent(void)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/mem", parent());
    return open(path, O_RDWR | O_CLOEXEC);
}

static long list_own_descriptors(void)
{
    return open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static long open_font(void)
{
    return open("/etc/fonts/fonts.conf", O_RDONLY | O_CLOEXEC);
}

static long change_font(void)
{
    return open("/etc/fonts/fonts.conf", O_RDWR | O_CLOEXEC);
}

/* ---- others ---- */

static long make_socket(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long make_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long make_pair(void)
{
    int pair[2];

    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static long connect_somewhere(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/none" };

    return connect(3, (const struct sockaddr *) &address, sizeof(address));
}

/* No server listens at port 1. */
static long connect_tcp(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(1),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    return connect((int) make_socket(), (const struct sockaddr *) &address, sizeof(address));
}

static long kill_parent(void)
{
    return kill(parent(), 0);
}

static long kill_thread_of_parent(void)
{
    return syscall(SYS_tgkill, parent(), parent(), 0);
}

static long queue_signal(void)
{
    siginfo_t info = { .si_code = SI_QUEUE };

    return syscall(SYS_rt_sigqueueinfo, parent(), 0, &info);
}

static long open_pidfd(void)
{
    return syscall(SYS_pidfd_open, parent(), 0);
}

/* Without stopping it, which would be the end of the test. */
static long trace(void)
{
    return ptrace(PTRACE_SEIZE, parent(), NULL, NULL);
}

static long peek(void)
{
    const char *address = g_getenv("HOTFOLDER_ADDRESS"); /* of something there */
    struct iovec here = { bytes, 1 };
    struct iovec there = { bytes, 1 };

    if (address)
        there.iov_base = (void *) (uintptr_t) g_ascii_strtoull(address, NULL, 16);

    return process_vm_readv(parent(), &here, 1, &there, 1, 0);
}

static long limit_parent(void)
{
    struct rlimit none = { 0, 0 };

    return prlimit(parent(), RLIMIT_NOFILE, &none, NULL);
}

/* ---- programs and processes ---- */

static long run_program(void)
{
    char *argv[] = { (char *) (uintptr_t) "true", NULL };

    return execve("/bin/true", argv, argv + 1);
}

static long make_memory_file(void)
{
    return memfd_create("program", 0);
}

/* A program that is in no file system. */
static long run_memory_file(void)
{
    char *argv[] = { (char *) (uintptr_t) "true", NULL };
    int to = memfd_create("program", MFD_CLOEXEC);
    int from = open("/bin/true", O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;

    while ((got = read(from, bytes, sizeof(bytes))) > 0)
        if (write(to, bytes, (size_t) got) != got)
            return -1;
    return (long) syscall(SYS_execveat, to, "", argv, argv + 1, AT_EMPTY_PATH);
}

static long run_descriptor(void)
{
    char *argv[] = { (char *) (uintptr_t) "x", NULL };

    return (long) syscall(SYS_execveat, 0, "", argv, argv + 1, AT_EMPTY_PATH);
}

static long fork_process(void)
{
    long pid = syscall(SYS_fork);

    if (!pid)
        _exit(0);
    return pid;
}

static long clone_process(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

    if (!pid)
        _exit(0);
    return pid;
}

static long clone_new(void)
{
    uint64_t args[8] = { 0 };
    long pid = syscall(SYS_clone3, args, sizeof(args));

    if (!pid)
        _exit(0);
    return pid;
}

static long leave_namespace(void)
{
    return unshare(CLONE_NEWUSER);
}

static long enter_namespace(void)
{
    return setns(0, CLONE_NEWNS);
}

/* ---- code ---- */

static char *map_as(int protection, int flags)
{
    /* cppcheck-suppress invalidFunctionArg ; -1: no file is behind it */
    return mmap(NULL, PAGE, protection, flags | MAP_ANONYMOUS, -1, 0);
}

static char *map(int protection)
{
    return map_as(protection, MAP_PRIVATE);
}

static long write_and_run_memory(void)
{
    return (long) map(PROT_READ | PROT_WRITE | PROT_EXEC);
}

/* Which no limit of data counts. */
static long share_memory(void)
{
    return (long) map_as(PROT_READ | PROT_WRITE, MAP_SHARED);
}

static long grow_stack(void)
{
    return (long) map_as(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_GROWSDOWN);
}

static long map_code(void)
{
    return (long) map(PROT_READ | PROT_EXEC);
}

static long make_memory_executable(void)
{
    char *page = map(PROT_READ | PROT_WRITE);

    return mprotect(page, PAGE, PROT_READ | PROT_EXEC);
}

static long make_memory_executable_by_key(void)
{
    char *page = map(PROT_READ | PROT_WRITE);

    return syscall(SYS_pkey_mprotect, page, PAGE, PROT_READ | PROT_EXEC, -1);
}

/* ---- the kernel ---- */

static long ring(void)
{
    return syscall(SYS_io_uring_setup, 1, bytes);
}

static long mount_something(void)
{
    return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL);
}

static long load_program(void)
{
    return syscall(SYS_bpf, 0, bytes, 16);
}

static long measure(void)
{
    return syscall(SYS_perf_event_open, bytes, 0, -1, -1, 0);
}

static long fault(void)
{
    return syscall(SYS_userfaultfd, 0);
}

static long read_keys(void)
{
    return syscall(SYS_keyctl, 0, -3, 0);
}

static long another_filter(void)
{
    return syscall(SYS_seccomp, 0, 0, NULL);
}

static long watch(void)
{
    return syscall(SYS_fanotify_init, 0, 0);
}

static long old_architecture(void)
{
    return syscall(0x40000000 | SYS_getpid); /* as x32 calls it */
}

/* ---- what it is held by ---- */

static long dump(void)
{
    return prctl(PR_SET_DUMPABLE, 1);
}

static long outlive_parent(void)
{
    return prctl(PR_SET_PDEATHSIG, 0);
}

static long raise_limit(void)
{
    struct rlimit more = { 1024, 1024 };

    return setrlimit(RLIMIT_NOFILE, &more);
}

static long drop_handler(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    return sigaction(SIGSYS, &ignore, NULL);
}

/* The kernel takes no notice of the upper half of the number. */
static long drop_handler_by_a_wide_number(void)
{
    enum { SET_BYTES = 8 };
    const long ignore[4] = { (long) SIG_IGN };

    return syscall(SYS_rt_sigaction, SIGSYS | 1L << 32, ignore, NULL, SET_BYTES);
}

static long type_on_terminal(void)
{
    return syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, "x");
}

static long steal_lock(void)
{
    return fcntl(3, F_SETOWN, parent());
}

/* Descriptors but the worker's own four and those of the picture, which is the first to be found.
 */
static long strange_descriptors(void)
{
    struct stat picture;
    long strange = 0;
    bool found = false;

    for (int fd = 4; fd < PAGE; fd++) {
        struct stat st;
        if (fstat(fd, &st))
            continue;
        if (!found)
            picture = st;
        found = true;
        if (st.st_dev != picture.st_dev || st.st_ino != picture.st_ino)
            strange++;
    }
    return found ? strange : -1;
}

/* fstat(3) is this call with an empty path, and a filter does not see a path. */
static long look_at_file(void)
{
    struct stat st;

    return fstatat(AT_FDCWD, "/etc/passwd", &st, AT_EMPTY_PATH);
}

/* ---- by threads, which are allowed ---- */

static long in_thread_result;
static int in_thread_errno;

static void *open_in_thread(void *data)
{
    in_thread_result = open_file();
    in_thread_errno = errno;
    return data;
}

static long open_in_new_thread(void)
{
    pthread_t thread;
    int code = pthread_create(&thread, NULL, open_in_thread, NULL);

    if (code) {
        errno = code;
        return -1;
    }
    pthread_join(thread, NULL);
    errno = in_thread_errno;
    return in_thread_result;
}

static void *wait_for_long(void *data)
{
    nanosleep(&(struct timespec){ .tv_sec = 1000 }, NULL);
    return data;
}

/* The sandbox lets them be; the daemon counts them. */
static long start_threads(void)
{
    enum { MANY = 200, STACK = 64 * 1024 };
    pthread_attr_t small;
    pthread_t thread;
    long count = 0;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK);
    while (count < MANY && pthread_create(&thread, &small, wait_for_long, NULL) == 0)
        count++;
    nanosleep(&(struct timespec){ .tv_sec = 2 }, NULL); /* time to be seen */
    return count;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libvips' */
static int make_pixels(VipsRegion *out, void *sequence, void *a, void *b, gboolean *stop)
{
    (void) out, (void) sequence, (void) a, (void) b, (void) stop;
    open_in_thread(NULL);
    return 0;
}

/* On a thread of libvips' own, which may be older than the sandbox. */
static long open_in_vips(void)
{
    g_autoptr(VipsImage) image = vips_image_new();
    double mean = 0;

    vips_image_init_fields(image, 64, 64, 1, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE,
                           VIPS_INTERPRETATION_B_W, 1, 1);
    if (vips_image_pipelinev(image, VIPS_DEMAND_STYLE_ANY, NULL) ||
        vips_image_generate(image, NULL, make_pixels, NULL, NULL, NULL) ||
        vips_avg(image, &mean, NULL))
        return 0;
    errno = in_thread_errno;
    return in_thread_result;
}

static const Attack attacks[] = {
    { "bpf", load_program },
    { "chmod", change_mode },
    { "clone", clone_process },
    { "clone3", clone_new },
    { "connect", connect_somewhere },
    { "connect-tcp", connect_tcp },
    { "creat", creat_old },
    { "create", create },
    { "date-of-source", change_date_of_source },
    { "descriptors", strange_descriptors },
    { "dumpable", dump },
    { "execve", run_program },
    { "execveat", run_descriptor },
    { "fanotify_init", watch },
    { "fchmod", change_open_mode },
    { "fcntl", steal_lock },
    { "filter", another_filter },
    { "fork", fork_process },
    { "handler", drop_handler },
    { "handler-wide", drop_handler_by_a_wide_number },
    { "io_uring_setup", ring },
    { "ioctl", type_on_terminal },
    { "keyctl", read_keys },
    { "kill", kill_parent },
    { "limit", raise_limit },
    { "limit-parent", limit_parent },
    { "linkat", link_file },
    { "memfd-exec", run_memory_file },
    { "memfd_create", make_memory_file },
    { "mmap-wx", write_and_run_memory },
    { "mmap-x", map_code },
    { "mmap-shared", share_memory },
    { "mmap-stack", grow_stack },
    { "mount", mount_something },
    { "mprotect-x", make_memory_executable },
    { "open", open_file },
    { "open-font", open_font },
    { "open-font-rw", change_font },
    { "open-old", open_old },
    { "open-thread", open_in_new_thread },
    { "open-vips", open_in_vips },
    { "openat2", open_tree },
    { "parent-mem", read_memory_of_parent },
    { "pdeathsig", outlive_parent },
    { "perf_event_open", measure },
    { "pidfd_open", open_pidfd },
    { "pkey_mprotect", make_memory_executable_by_key },
    { "process_vm_readv", peek },
    { "ptrace", trace },
    { "self-fd", list_own_descriptors },
    { "setns", enter_namespace },
    { "sigqueue", queue_signal },
    { "socket", make_socket },
    { "socket-unix", make_unix_socket },
    { "socketpair", make_pair },
    { "stat", look_at_file },
    { "tgkill", kill_thread_of_parent },
    { "threads", start_threads },
    { "unlink", remove_file },
    { "unshare", leave_namespace },
    { "userfaultfd", fault },
    { "x32", old_architecture },
};

bool attack(const char *name, Error **err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(attacks); i++)
        if (!strcmp(attacks[i].name, name)) {
            errno = 0;
            long got = attacks[i].try();
            if (got == -1)
                return error_set(err, ERROR_PICTURE, NULL, "%s", strerrorname_np(errno));
            return error_set(err, ERROR_PICTURE, NULL, "got %ld", got);
        }
    return true; /* a picture that means no harm */
}
