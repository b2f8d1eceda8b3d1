/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/text.h"
#include "base/user.h"
#include "daemon/files/mounts.h"

/* What is looked for. */
typedef struct Search {
    const char *path;
    struct stat file;
    dev_t mounted; /* the device in the kernel's tables: another one than stat(2) has on btrfs */
    GPtrArray *holders;
    bool all;
} Search;

void holder_free(Holder *holder)
{
    if (!holder)
        return;
    g_free(holder->program);
    g_free(holder);
}

/* ---- one process ---- */

static char *program_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", (int) pid);
    char *name = NULL;

    if (!g_file_get_contents(path, &name, NULL, NULL))
        return g_strdup("");
    return g_strchomp(name);
}

static uid_t user_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d", (int) pid);
    struct stat st;

    return stat(path, &st) == 0 ? st.st_uid : (uid_t) -1;
}

/* Our processes look at the file with a lease and a lock of a moment. */
static bool is_ours(pid_t pid)
{
    g_autofree char *program = program_of(pid);

    return pid == getpid() || g_str_has_prefix(program, "hotfolder");
}

/* The entry of a process, made where there is none. */
static Holder *holder_of(Search *search, pid_t pid)
{
    for (guint i = 0; i < search->holders->len; i++)
        if (((Holder *) search->holders->pdata[i])->pid == pid)
            return search->holders->pdata[i];
    Holder *holder = g_new0(Holder, 1);
    holder->pid = pid;
    holder->program = program_of(pid);
    holder->user = user_of(pid);
    g_ptr_array_add(search->holders, holder);
    return holder;
}

/* Whether /proc/PID/fdinfo/FD says that it was opened for writing. */
static bool is_for_writing(const char *process, const char *number)
{
    g_autofree char *path = g_build_filename(process, "fdinfo", number, NULL);
    g_autofree char *text = NULL;
    const char *flags = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !(flags = strstr(text, "flags:")))
        return false;
    return (strtol(flags + strlen("flags:"), NULL, 8) & O_ACCMODE) != O_RDONLY;
}

/* Whether the open file is this one: asked of no server, which may not respond. */
static bool is_it(const Search *search, int dir_fd, const char *number)
{
    struct statx st;

    return statx(dir_fd, number, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &st) == 0 &&
           S_ISREG(st.stx_mode) && st.stx_ino == search->file.st_ino &&
           makedev(st.stx_dev_major, st.stx_dev_minor) == search->file.st_dev;
}

/* Whether it has the file open for writing. */
static bool has_open(Search *search, const char *process)
{
    g_autofree char *path = g_build_filename(process, "fd", NULL);
    DIR *dir = opendir(path);
    const struct dirent *entry = NULL;
    bool has = false;

    if (!dir)
        search->all &= errno != EACCES && errno != EPERM;
    /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
    while (dir && !has && (entry = readdir(dir)))
        has = is_it(search, dirfd(dir), entry->d_name) && is_for_writing(process, entry->d_name);
    if (dir)
        closedir(dir);
    return has;
}

/* Whether it has the file mapped for writing, as a program may that has closed it. */
static bool has_mapped(const Search *search, const char *process)
{
    g_autofree char *path = g_build_filename(process, "maps", NULL);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return false;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        unsigned high = 0, low = 0;
        unsigned long long inode = 0;
        char rights[8] = "";

        if (sscanf(*line, "%*s %7s %*s %x:%x %llu", rights, &high, &low, &inode) != 4 ||
            inode != search->file.st_ino || rights[1] != 'w' || rights[3] != 's')
            continue;
        dev_t device = makedev(high, low);
        if (device == search->file.st_dev || device == search->mounted)
            return true;
    }
    return false;
}

static void look_at_process(Search *search, pid_t pid)
{
    g_autofree char *process = g_strdup_printf("/proc/%d", (int) pid);

    if (is_ours(pid))
        return;
    if (has_open(search, process) || has_mapped(search, process))
        holder_of(search, pid)->writes = true;
}

/* ---- locks ---- */

/* A line of /proc/locks: "3: FLOCK  ADVISORY  WRITE 812 08:01:1234 0 EOF". */
static void look_at_lock(Search *search, const char *line)
{
    unsigned high = 0, low = 0;
    unsigned long long inode = 0;
    char kind[16] = "";
    int pid = 0;

    if (sscanf(line, "%*d: %15s %*s %*s %d %x:%x:%llu", kind, &pid, &high, &low, &inode) != 5 ||
        pid <= 0 || inode != search->file.st_ino)
        return;
    dev_t device = makedev(high, low);
    if ((device != search->file.st_dev && device != search->mounted) || is_ours(pid))
        return;
    Holder *holder = holder_of(search, pid);
    if (!strcmp(kind, "LEASE") || !strcmp(kind, "DELEG"))
        holder->leases = true;
    else
        holder->locks = true;
}

static void look_at_locks(Search *search)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents("/proc/locks", &text, NULL, NULL))
        return;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        look_at_lock(search, *line);
}

/* ---- all ---- */

static dev_t mounted_device(const char *path)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autofree char *real = mounts_real_path(path);
    const Mount *mount = mounts_find(mounts, real);
    unsigned high = 0, low = 0;

    return mount && sscanf(mount->device, "%u:%u", &high, &low) == 2 ? makedev(high, low) : 0;
}

static gint by_id(gconstpointer a, gconstpointer b)
{
    return (*(const Holder *const *) a)->pid - (*(const Holder *const *) b)->pid;
}

GPtrArray *holders_find(const char *path, bool *all)
{
    Search search = { .path = path, .all = true };
    const struct dirent *entry = NULL;
    DIR *proc = opendir("/proc");

    search.holders = g_ptr_array_new_with_free_func((GDestroyNotify) holder_free);
    if (proc && stat(path, &search.file) == 0) {
        search.mounted = mounted_device(path);
        look_at_locks(&search);
        /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
        while ((entry = readdir(proc)))
            if (g_ascii_isdigit(*entry->d_name))
                look_at_process(&search, (pid_t) strtol(entry->d_name, NULL, 10));
    }
    if (proc)
        closedir(proc);
    g_ptr_array_sort(search.holders, by_id);
    if (all)
        *all = search.all;
    return search.holders;
}

char *holder_text(const Holder *holder)
{
    g_autofree char *user = holder->user == (uid_t) -1 ? g_strdup("?") : user_name(holder->user);
    g_autofree char *program = text_escape(*holder->program ? holder->program : "a program");
    const char *what = holder->writes   ? "has it open for writing"
                       : holder->leases ? "has a lease on it"
                                        : "has locked it";

    return g_strdup_printf("%s (process %d, user %s) %s%s", program, (int) holder->pid, user, what,
                           holder->writes && holder->locks ? ", and has locked it" : "");
}
