#include "daemon/folders/healthcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "daemon/files/async.h"
#include "daemon/files/dirs.h"

enum { LEAST_NEED = 64 * 1024, MOST_NEED = 4 * 1024 * 1024, LEAST_FILES = 16, NAME_TRIES = 8 };

/* A file without a name, or one whose name is removed at once. The name is always the same, so that
 * the next check removes what a crash left. The file is always a new one: a user who had made a
 * file of that name, or linked one of ours to it, could have it grow. Other checks do the same at
 * the same time. */
static int scratch_file(int dir_fd)
{
    static const char name[] = ".hotfolder-try";
    int fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    for (int i = 0; i < NAME_TRIES; i++) {
        unlinkat(dir_fd, name, 0);
        fd = openat(dir_fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            break;
    }
    if (fd >= 0)
        unlinkat(dir_fd, name, 0);
    return fd;
}

/* 0, or an errno value. posix_fallocate(3) would write where the file system can't reserve. */
static int reserve_space(int fd, int64_t bytes)
{
    if (fallocate(fd, 0, 0, bytes) == 0 || errno == EOPNOTSUPP || errno == EINVAL ||
        errno == ENOSYS)
        return 0;
    return errno;
}

static bool output_takes(const Folder *folder, int64_t need, Error **err)
{
    int root_fd = dirs_open_root(folder->output, err);
    int dir_fd = root_fd < 0 ? -1 : dirs_open(root_fd, "", false, err);
    int fd = dir_fd < 0 ? -1 : scratch_file(dir_fd);
    int code = fd < 0 ? errno : reserve_space(fd, CLAMP(need, LEAST_NEED, MOST_NEED));
    bool ok = fd >= 0 && code == 0;

    if (dir_fd >= 0 && !ok)
        error_errno(err, code, "cannot write into '%s'", folder->output);
    if (fd >= 0)
        close(fd);
    if (dir_fd >= 0)
        close(dir_fd);
    if (root_fd >= 0)
        close(root_fd);
    return ok;
}

bool healthcheck_space(const Folder *folder, Error **err)
{
    struct statvfs fs;

    if (!folder->min_free || statvfs(folder->output, &fs) < 0)
        return true;
    if (!fs.f_blocks) /* it does not say; df(1) understands it like that, too */
        return true;
    double free_bytes = (double) fs.f_bavail * (double) fs.f_frsize; /* some say "no limit" */
    if (free_bytes < (double) folder->min_free) {
        g_autofree char *least = units_bytes_text(folder->min_free);
        g_autofree char *left = units_bytes_rounded((int64_t) free_bytes); /* less than min_free */
        return error_set(err, ERROR_ENVIRONMENT,
                         "free some space on that file system, or lower min_free; hotfolder then "
                         "continues",
                         "only %s are free in '%s', less than min_free = %s", left, folder->output,
                         least);
    }
    return !fs.f_files || fs.f_favail >= LEAST_FILES || /* 0: it has no such number */
           error_set(err, ERROR_ENVIRONMENT, "remove files there; hotfolder then continues",
                     "the file system of '%s' takes no more files (no free inodes)",
                     folder->output);
}

bool healthcheck_output(const Folder *folder, Error **err)
{
    return output_takes(folder, 0, err);
}

bool healthcheck_originals(const Folder *folder, Error **err)
{
    struct stat st;

    if (folder->originals == ORIGINALS_UNTOUCHED || stat(folder->path, &st) < 0 ||
        !S_ISDIR(st.st_mode) || access(folder->path, W_OK | X_OK) == 0)
        return true;
    return error_errno(err, errno, "cannot move originals within '%s'", folder->path);
}

bool healthcheck_run(const Folder *folder, int64_t need, Error **err)
{
    return healthcheck_originals(folder, err) && healthcheck_space(folder, err) &&
           output_takes(folder, need, err);
}

/* ---- with a time limit ---- */

bool healthcheck_responds(const Folder *folder)
{
    g_autoptr(GPtrArray) directories = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(directories, g_strdup(folder->path));
    g_ptr_array_add(directories, g_strdup(folder->output));
    AsyncCall *call = async_ask_servers(directories);
    bool over = async_wait(call, HEALTHCHECK_TIMEOUT_MS);
    async_abandon(call);
    return over;
}

/* What the thread checks. */
typedef struct CheckRun {
    Settings *settings;
    const Folder *folder;
    int64_t need;
    bool ok;
    Error *why;
} CheckRun;

/* A check that runs in a thread of its own. */
typedef struct HealthCheck {
    Settings *settings; /* of the folder; a reference */
    const Folder *folder;
    AsyncCall *call; /* NULL: an earlier call still hangs */
    CheckRun *run;   /* the call's data */
} HealthCheck;

/* Calls that had no result when their check ended, by their directories. */
static struct {
    pthread_mutex_t lock;
    GHashTable *calls;
} hanging = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void run_free(void *data)
{
    CheckRun *run = data;

    settings_unref(run->settings);
    error_free(run->why);
    g_free(run);
}

static void run_check(void *data)
{
    CheckRun *run = data;

    run->ok = healthcheck_run(run->folder, run->need, &run->why);
}

/* The directories, as a folder of the same name may have others later; newly allocated. */
static char *key_of(const Folder *folder)
{
    return g_strdup_printf("%s\n%s", folder->path, folder->output);
}

/* One hanging call for each share is enough. */
bool healthcheck_is_hanging(const Folder *folder)
{
    g_autofree char *name = key_of(folder);

    pthread_mutex_lock(&hanging.lock);
    AsyncCall *call = hanging.calls ? g_hash_table_lookup(hanging.calls, name) : NULL;
    bool still = call && !async_wait(call, 0) && !async_mounts_changed(call);
    if (call && !still)
        g_hash_table_remove(hanging.calls, name);
    pthread_mutex_unlock(&hanging.lock);
    return still;
}

static void keep_hanging(const Folder *folder, AsyncCall *call)
{
    pthread_mutex_lock(&hanging.lock);
    if (!hanging.calls)
        hanging.calls =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) async_abandon);
    g_hash_table_replace(hanging.calls, key_of(folder), call);
    pthread_mutex_unlock(&hanging.lock);
}

char *healthcheck_hang_text(const Folder *folder)
{
    return g_strdup_printf("'%s' or '%s' does not respond", folder->path, folder->output);
}

static bool set_unresponsive(const Folder *folder, Error **err)
{
    g_autofree char *what = healthcheck_hang_text(folder);

    return error_set(err, ERROR_ENVIRONMENT,
                     "check the share that it is on; hotfolder then continues", "%s", what);
}

static HealthCheck *begin_check(Settings *settings, const Folder *folder, int64_t need)
{
    HealthCheck *check = g_new0(HealthCheck, 1);

    check->settings = settings_ref(settings);
    check->folder = folder;
    if (healthcheck_is_hanging(folder))
        return check;
    check->run = g_new0(CheckRun, 1);
    *check->run = (CheckRun){ .settings = settings_ref(settings), .folder = folder, .need = need };
    check->call = async_start(run_check, check->run, run_free);
    return check;
}

/* Waits until `until_ms` on clock_ms(); frees the check. */
static bool end_check(HealthCheck *check, int64_t until_ms, Error **err)
{
    bool over = check->call && async_wait(check->call, MAX(until_ms - clock_ms(), 0));
    bool ok = over && check->run->ok;

    if (over) {
        *err = g_steal_pointer(&check->run->why);
        async_abandon(check->call);
    } else {
        set_unresponsive(check->folder, err);
        if (check->call)
            keep_hanging(check->folder, check->call);
    }
    settings_unref(check->settings);
    g_free(check);
    return ok;
}

bool healthcheck_run_timed(Settings *settings, const Folder *folder, int64_t need, Error **err)
{
    return end_check(begin_check(settings, folder, need), clock_ms() + HEALTHCHECK_TIMEOUT_MS, err);
}

/* ---- all folders ---- */

/* Checks all folders at once that are `wanted`, which gives their need of bytes: shares that do not
 * respond are waited for together. */
static void check_all(Settings *settings, Health *health,
                      bool (*wanted)(Health *health, const char *folder, int64_t *need),
                      void (*checked)(Health *health, const char *folder, const Error *why))
{
    const GPtrArray *folders = settings->folders;
    g_autofree HealthCheck **checks = g_new0(HealthCheck *, folders->len);
    int64_t until_ms = clock_ms() + HEALTHCHECK_TIMEOUT_MS;

    for (unsigned i = 0; i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        int64_t need = 0;
        if (wanted(health, folder->name, &need))
            checks[i] = begin_check(settings, folder, need);
    }
    for (unsigned i = 0; i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        g_autoptr(Error) why = NULL;
        if (!checks[i])
            continue;
        end_check(checks[i], until_ms, &why);
        checked(health, folder->name, why);
    }
}

static void begin_trial(Health *health, const char *folder, const Error *why)
{
    if (!why)
        health_begin_trial(health, folder);
}

/* An unavailable folder is left to the watcher. */
static bool is_not_unavailable(Health *health, const char *folder, int64_t *need)
{
    *need = 0;
    return health_get(health, folder, NULL) != HEALTH_UNAVAILABLE;
}

static void hold_folder(Health *health, const char *folder, const Error *why)
{
    g_autofree char *reason = why ? error_text(why) : NULL;

    if (why)
        health_hold(health, folder, reason, 0);
}

void healthcheck_all(Settings *settings, Health *health)
{
    check_all(settings, health, is_not_unavailable, hold_folder);
}

void healthcheck_held(Settings *settings, Health *health)
{
    check_all(settings, health, health_retry_due, begin_trial);
}
