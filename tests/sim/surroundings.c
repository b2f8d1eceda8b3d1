/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of what is around the daemon: GLib's of files, files of the kernel, limits, and the alarm.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glob.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/sim/calls.h"
#include "tests/sim/calls_inside.h"
#include "tests/sim/disk.h"
#include "tests/sim/processes.h"
#include "tests/sim/schedule.h"

enum { MEMORY_PAGES = 512 * 1024, PAGE = 4096, PROCESSORS = 2, DESCRIPTORS = 4096 };

int call_faccessat(int dir, const char *path, int mode, int flags);
int call_mkdirat(int dir, const char *path, mode_t mode);
int call_openat64(int dir, const char *path, int flags, ...);
int call_close(int fd);
ssize_t call_pread64(int fd, void *to, size_t size, off_t at);
DIR *call_fdopendir(int fd);
struct dirent64 *call_readdir64(DIR *directory);
int call_closedir(DIR *directory);

/* ---- files of the kernel ---- */

static const struct KernelFile {
    const char *path, *text;
} kernel_files[] = {
    { "/etc/machine-id", "0123456789abcdef0123456789abcdef\n" },
    { "/proc/locks", "" },
    { "/proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n" },
    { "/proc/sys/fs/inotify/max_user_watches", "65536\n" },
};

static const char *kernel_text(const char *path)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kernel_files); i++)
        if (!strcmp(kernel_files[i].path, path))
            return kernel_files[i].text;
    return NULL;
}

static gboolean failed(const char *path, GError **err)
{
    int code = errno;

    g_set_error(err, G_FILE_ERROR, (gint) g_file_error_from_errno(code), "%s: %s", path,
                g_strerror(code));
    errno = code;
    return FALSE;
}

/* The whole content; NULL with errno. */
static GString *read_all(const char *path)
{
    int fd = call_openat64(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    GString *all = g_string_new(NULL);
    char part[PAGE];
    ssize_t got = fd < 0 ? -1 : 1;

    while (got > 0 && (got = call_pread64(fd, part, sizeof(part), (off_t) all->len)) > 0)
        g_string_append_len(all, part, got);
    int code = errno;
    if (fd >= 0)
        call_close(fd);
    errno = code;
    return got < 0 ? (g_string_free(all, TRUE), NULL) : all;
}

CALL(gboolean, g_file_get_contents, const gchar *path, gchar **text, gsize *size, GError **err)
{
    const char *known = kernel_text(path);
    GString *all = NULL;

    if (text)
        *text = NULL;
    if (size)
        *size = 0;
    if (known)
        point("read");
    all = known ? g_string_new(known) : read_all(path);
    if (!all)
        return failed(path, err);
    if (size)
        *size = all->len;
    *text = g_string_free(all, FALSE);
    return TRUE;
}

/* ---- links and directories ---- */

CALL(gchar *, g_file_read_link, const gchar *path, GError **err)
{
    char target[PATH_MAX];
    ssize_t length = -1;

    if (call_begins("readlink", disk_mount_of_path(AT_FDCWD, path)))
        length = sim_readlinkat(AT_FDCWD, path, target, sizeof(target));
    return length < 0 ? (failed(path, err), NULL) : g_strndup(target, (gsize) length);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the C library's own type */
CALL(char *, realpath, const char *path, char *to)
{
    char self[64], target[PATH_MAX];

    if (to)
        abort();
    int fd = call_openat64(AT_FDCWD, path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    ssize_t length = sim_readlinkat(AT_FDCWD, self, target, sizeof(target));
    call_close(fd);
    return length < 0 ? NULL : strndup(target, (size_t) length);
}

CALL(int, g_mkdir_with_parents, const gchar *path, gint mode)
{
    g_autofree char *part = g_strdup(path);
    struct stat st;

    for (char *slash = part + 1; slash; slash = slash ? slash + 1 : NULL) {
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        if (call_mkdirat(AT_FDCWD, part, (mode_t) mode) < 0 && errno != EEXIST)
            return -1;
        if (!slash)
            break;
        *slash = '/';
    }
    if (sim_fstatat(AT_FDCWD, path, &st, 0) < 0)
        return -1;
    errno = S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
    return errno ? -1 : 0;
}

CALL(GDir *, g_dir_open, const gchar *path, guint flags, GError **err)
{
    (void) flags;
    int fd = call_openat64(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : call_fdopendir(fd);

    if (fd >= 0 && !listing)
        call_close(fd);
    return listing ? (GDir *) listing : (failed(path, err), NULL);
}

CALL(const gchar *, g_dir_read_name, GDir *directory)
{
    const struct dirent64 *entry = NULL;

    do
        entry = call_readdir64((DIR *) directory);
    while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
    return entry ? entry->d_name : NULL;
}

CALL(void, g_dir_close, GDir *directory)
{
    call_closedir((DIR *) directory);
}

/* No setting of a simulated configuration has wildcards. */
CALL(int, glob64, const char *pattern, int flags, int (*failed_at)(const char *, int),
     glob64_t *found)
{
    (void) pattern, (void) flags, (void) failed_at;
    memset(found, 0, sizeof(*found));
    return GLOB_NOMATCH;
}

CALL(void, globfree64, glob64_t *found)
{
    (void) found;
}

/* ---- fstab: there is none ---- */

CALL(FILE *, setmntent, const char *path, const char *mode)
{
    (void) path, (void) mode;
    errno = ENOENT;
    return NULL;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the C library's own type */
CALL(struct mntent *, getmntent_r, FILE *file, struct mntent *entry, char *line, int size)
{
    (void) file, (void) entry, (void) line, (void) size;
    return NULL;
}

CALL(int, endmntent, FILE *file)
{
    (void) file;
    return 1;
}

CALL(char *, hasmntopt, const struct mntent *entry, const char *option)
{
    return hasmntopt(entry, option);
}

/* ---- the machine and its limits ---- */

CALL(long, sysconf, int name)
{
    switch (name) {
    case _SC_PHYS_PAGES:
        return MEMORY_PAGES;
    case _SC_NPROCESSORS_ONLN:
        return PROCESSORS;
    case _SC_PAGESIZE:
        return PAGE;
    default:
        abort();
    }
}

CALL(guint, g_get_num_processors, void)
{
    return PROCESSORS;
}

CALL(int, getrlimit64, int what, struct rlimit *limit)
{
    (void) what;
    *limit = (struct rlimit){ DESCRIPTORS, DESCRIPTORS };
    return 0;
}

CALL(int, setrlimit64, int what, const struct rlimit *limit)
{
    (void) what, (void) limit;
    return 0;
}

CALL(mode_t, umask, mode_t mask)
{
    (void) mask;
    return 022;
}

/* As in many containers: the thread that starts processes goes on with the daemon's descriptors. */
CALL(int, unshare, int flags)
{
    (void) flags;
    errno = EPERM;
    return -1;
}

/* ---- the end of the daemon ---- */

static void (*on_alarm)(int number);

CALL(int, sigaction, int number, const struct sigaction *action, struct sigaction *former)
{
    if (former)
        memset(former, 0, sizeof(*former));
    if (action && number == SIGALRM)
        on_alarm = action->sa_handler;
    return 0;
}

CALL(sighandler_t, signal, int number, sighandler_t handler)
{
    (void) number, (void) handler;
    return SIG_DFL;
}

CALL(void, _exit, int status)
{
    process_finish(fiber_process(), (status & 0xff) << 8);
    abort(); /* it does not come back */
}

static void ring(void *seconds)
{
    nap_us(1000000 * (int64_t) (intptr_t) seconds);
    on_alarm(SIGALRM);
}

CALL(unsigned, alarm, unsigned seconds)
{
    if (seconds && on_alarm)
        fiber_start(fiber_process(), "alarm", ring, (void *) (intptr_t) seconds);
    return 0;
}
