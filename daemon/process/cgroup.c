/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/process/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/units.h"

/* About twice what process.c allows, which reports it first. */
enum { THREADS_MAX = 64, THREADS_OF_PROCESSOR = 4, DIGITS = 24 };

/* What the kernel counts besides RLIMIT_DATA: libraries, stacks, sockets, files being read. */
static const int64_t overhead = INT64_C(128) << 20;

/* Written before pool threads start, but for `failed`. */
static struct {
    char *group; /* its directory; NULL: it is not delegated to us */
    bool memory, pids;
    int leaves;
    atomic_bool failed; /* a worker could not be put into its leaf */
} ours;

typedef struct Kills {
    int64_t by_limit; /* times that it reached its own limit and no memory could be taken back */
    int64_t all;
} Kills;

struct CgroupLeaf {
    char *path;
    bool entered;
    int64_t limit; /* bytes; 0: none yet */
    Kills before;  /* at the start of the current process */
};

/* ---- files of the kernel ---- */

static char *read_file(const char *group, const char *file)
{
    g_autofree char *path = g_build_filename(group, file, NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

static bool write_file(const char *group, const char *file, const char *text)
{
    g_autofree char *path = g_build_filename(group, file, NULL);
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

    if (fd < 0)
        return false;
    bool written = write(fd, text, strlen(text)) == (ssize_t) strlen(text);
    close(fd);
    return written;
}

static bool write_number(const char *group, const char *file, int64_t number)
{
    char text[DIGITS] = "";

    g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, (gint64) number);
    return write_file(group, file, text);
}

/* The number in a line such as "oom_kill 2"; 0 where there is none. */
static int64_t number_of(const char *group, const char *file, const char *name)
{
    g_autofree char *text = read_file(group, file);
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);

    for (char **word = words; word[0] && word[1]; word += 2)
        if (!strcmp(word[0], name))
            return g_ascii_strtoll(word[1], NULL, 10);
    return 0;
}

static bool has_controller(const char *group, const char *name)
{
    g_autofree char *text = read_file(group, "cgroup.controllers");
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);

    return g_strv_contains((const char *const *) words, name);
}

static bool make_group(const char *path)
{
    return mkdir(path, 0755) == 0 || errno == EEXIST;
}

/* ---- whether it is delegated ---- */

/* Our group; NULL where the unified hierarchy does not have us. */
static char *own_group(const char *root)
{
    g_autofree char *table = g_build_filename(root, "/proc/self", NULL);
    g_autofree char *text = read_file(table, "cgroup");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, "0::/"))
            return g_build_filename(*root ? root : "/", "sys/fs/cgroup", *line + strlen("0::/"),
                                    NULL);
    return NULL;
}

static bool is_writable(const char *group, const char *file)
{
    g_autofree char *path = g_build_filename(group, file, NULL);

    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

/* Whether systemd marked the group, for Delegate=. */
static bool is_marked_delegated(const char *group)
{
    char mark = 0;

    return (getxattr(group, "user.delegate", &mark, 1) == 1 ||
            getxattr(group, "trusted.delegate", &mark, 1) == 1) &&
           mark == '1';
}

/* Root may write everywhere, so root needs the mark. A group that has other processes, as on a
 * terminal, is not ours alone. */
static bool is_delegated(const char *group)
{
    g_autofree char *processes = read_file(group, "cgroup.procs");

    return is_writable(group, ".") && is_writable(group, "cgroup.procs") &&
           is_writable(group, "cgroup.subtree_control") &&
           g_ascii_strtoll(g_strstrip(processes), NULL, 10) == getpid() &&
           !strchr(processes, '\n') && (geteuid() != 0 || is_marked_delegated(group));
}

/* ---- the daemon's group ---- */

static char *daemon_group(const char *group)
{
    return g_build_filename(group, "daemon", NULL);
}

static void leave_group(const char *group)
{
    g_autofree char *daemon = daemon_group(group);

    write_file(group, "cgroup.subtree_control", "-memory");
    write_file(group, "cgroup.subtree_control", "-pids");
    write_number(group, "cgroup.procs", getpid());
    rmdir(daemon);
}

static bool make_groups(const char *group)
{
    g_autofree char *daemon = daemon_group(group);
    const char *wanted = !ours.pids ? "+memory" : !ours.memory ? "+pids" : "+memory +pids";

    if (!make_group(daemon))
        return false;
    if (write_number(daemon, "cgroup.procs", getpid()) &&
        write_file(group, "cgroup.subtree_control", wanted))
        return true;
    leave_group(group);
    return false;
}

void cgroup_start(const char *root)
{
    g_autofree char *group = own_group(root);

    if (!group || !is_delegated(group))
        return;
    ours.memory = has_controller(group, "memory");
    ours.pids = has_controller(group, "pids");
    ours.leaves = 0;
    atomic_store(&ours.failed, false);
    if ((ours.memory || ours.pids) && make_groups(group))
        ours.group = g_steal_pointer(&group);
}

void cgroup_stop(void)
{
    if (ours.group)
        leave_group(ours.group);
    g_clear_pointer(&ours.group, g_free);
}

const char *cgroup_limits(void)
{
    if (!ours.group || atomic_load(&ours.failed))
        return NULL;
    return !ours.pids ? "memory" : !ours.memory ? "threads" : "memory and threads";
}

/* ---- a worker's group ---- */

CgroupLeaf *cgroup_leaf_new(void)
{
    CgroupLeaf *leaf = g_new0(CgroupLeaf, 1);

    if (ours.group)
        leaf->path = g_strdup_printf("%s/worker-%d", ours.group, ++ours.leaves);
    return leaf;
}

void cgroup_leaf_free(CgroupLeaf *leaf)
{
    if (leaf->path)
        rmdir(leaf->path);
    g_free(leaf->path);
    g_free(leaf);
}

static Kills kills_in(const CgroupLeaf *leaf)
{
    return (Kills){ .by_limit = number_of(leaf->path, "memory.events", "oom"),
                    .all = number_of(leaf->path, "memory.events", "oom_kill") };
}

/* An earlier process may have left other limits. Not every kernel has every file. */
static void set_limits(const CgroupLeaf *leaf)
{
    write_file(leaf->path, "memory.max", "max");
    write_file(leaf->path, "memory.swap.max", "0");
    write_file(leaf->path, "memory.oom.group", "1");
    write_number(leaf->path, "pids.max",
                 THREADS_MAX + THREADS_OF_PROCESSOR * (int64_t) g_get_num_processors());
}

void cgroup_leaf_add(CgroupLeaf *leaf, pid_t pid)
{
    if (!leaf->path)
        return;
    leaf->entered = make_group(leaf->path);
    if (leaf->entered)
        set_limits(leaf);
    leaf->limit = 0;
    leaf->before = kills_in(leaf);
    leaf->entered = leaf->entered && write_number(leaf->path, "cgroup.procs", pid);
    if (!leaf->entered)
        atomic_store(&ours.failed, true);
}

/* Bytes that the kernel cannot take back. */
static int64_t unreclaimable(const CgroupLeaf *leaf)
{
    return number_of(leaf->path, "memory.stat", "anon") +
           number_of(leaf->path, "memory.stat", "shmem");
}

void cgroup_leaf_set_memory(CgroupLeaf *leaf, int64_t bytes)
{
    int64_t limit = MIN(bytes, INT64_MAX / 2);

    limit += limit / 64 + overhead; /* page tables, which grow with the data */
    if (!leaf->entered || !ours.memory || limit == leaf->limit)
        return;
    /* Memory that the allocator keeps from an earlier picture must not kill the worker over this
     * one. */
    if (leaf->limit && limit < leaf->limit && unreclaimable(leaf) > limit - overhead / 2)
        return;
    if (write_number(leaf->path, "memory.max", limit))
        leaf->limit = limit;
}

char *cgroup_leaf_kill_reason(const CgroupLeaf *leaf, bool *outgrew)
{
    if (!leaf->entered)
        return NULL;
    Kills now = kills_in(leaf);
    if (now.all <= leaf->before.all)
        return NULL;
    *outgrew = now.by_limit > leaf->before.by_limit && leaf->limit;
    if (!*outgrew)
        return g_strdup("the memory of the service, or of the machine, ran out");
    g_autofree char *limit = units_bytes_rounded(leaf->limit);
    return g_strdup_printf("it used more than the %s of memory that its control group allows",
                           limit);
}
