/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/folders/healthcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hidden.h"
#include "base/units.h"
#include "daemon/files/async.h"
#include "daemon/files/dirs.h"
#include "daemon/files/rights.h"
#include "daemon/folders/claim.h"

enum { LEAST_NEED = 64 * 1024, MOST_NEED = 4 * 1024 * 1024, LEAST_FILES = 16, NAME_TRIES = 8 };

/* A file without a name, or one whose name is removed at once. The name is always the same, so that
 * the next check removes what a crash left. The file is always a new one: a user who had made a
 * file of that name, or linked one of ours to it, could have it grow. Other checks do the same at
 * the same time. */
static int scratch_file(int dir_fd)
{
    static const char name[] = HIDDEN_PREFIX "try";
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

/* `setting` is the one that names the directory. */
static bool takes(const char *directory, const char *setting, int64_t need, Error **err)
{
    int root_fd = dirs_open_root(directory, err);
    int dir_fd = root_fd < 0 ? -1 : dirs_open(root_fd, "", false, err);
    int fd = dir_fd < 0 ? -1 : scratch_file(dir_fd);
    int code = fd < 0 ? errno : reserve_space(fd, CLAMP(need, LEAST_NEED, MOST_NEED));
    bool ok = fd >= 0 && code == 0;

    if (dir_fd >= 0 && !ok)
        rights_error(err, code, dir_fd, "cannot write into '%s'", directory);
    if (!ok)
        error_set_where(err, "%s", setting);
    if (fd >= 0)
        close(fd);
    if (dir_fd >= 0)
        close(dir_fd);
    if (root_fd >= 0)
        close(root_fd);
    return ok;
}

static bool output_takes(const Folder *folder, int64_t need, Error **err)
{
    return takes(folder->output, "output", need, err) &&
           (!folder->copy_to || takes(folder->copy_to, "copy_to", need, err));
}

static bool has_space(const Folder *folder, const char *directory, Error **err)
{
    struct statvfs fs;

    if (!folder->min_free || statvfs(directory, &fs) < 0)
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
                         "only %s are free in '%s', less than min_free = %s", left, directory,
                         least);
    }
    return !fs.f_files || fs.f_favail >= LEAST_FILES || /* 0: it has no such number */
           error_set(err, ERROR_ENVIRONMENT, "remove files there; hotfolder then continues",
                     "the file system of '%s' takes no more files (no free inodes)", directory);
}

bool healthcheck_space(const Folder *folder, Error **err)
{
    return has_space(folder, folder->output, err) &&
           (!folder->copy_to || has_space(folder, folder->copy_to, err));
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
    return claim_folder(folder, err) && healthcheck_originals(folder, err) &&
           healthcheck_space(folder, err) && output_takes(folder, need, err);
}

/* ---- with a time limit ---- */

/* Of char *, newly allocated. */
static GPtrArray *directories_of(const Folder *folder)
{
    GPtrArray *directories = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(directories, g_strdup(folder->path));
    g_ptr_array_add(directories, g_strdup(folder->output));
    if (folder->copy_to)
        g_ptr_array_add(directories, g_strdup(folder->copy_to));
    return directories;
}

bool healthcheck_responds(const Folder *folder)
{
    g_autoptr(GPtrArray) directories = directories_of(folder);
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
    Error *why;     /* why no work can be done for it */
    Error *missing; /* why its path cannot be watched */
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
    error_free(run->missing);
    g_free(run);
}

/* To open it for reading is the only test whether it can be listed. */
static void check_path(const char *path, Error **err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        dirs_root_error(errno, path, err);
    else
        close(fd);
}

static void run_check(void *data)
{
    CheckRun *run = data;

    check_path(run->folder->path, &run->missing);
    run->ok = healthcheck_run(run->folder, run->need, &run->why);
}

/* The directories, as a folder of the same name may have others later; newly allocated. */
static char *key_of(const Folder *folder)
{
    return g_strjoin("\n", folder->path, folder->output, folder->copy_to, NULL);
}

/* One hanging call for each share is enough. */
static bool is_hanging(const Folder *folder)
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

/* A question to the servers of a folder. */
typedef struct Question {
    AsyncCall *call;
    int64_t asked_ms;
} Question;

static void question_free(void *data)
{
    Question *question = data;

    async_abandon(question->call);
    g_free(question);
}

static Question *ask(const Folder *folder)
{
    Question *question = g_new(Question, 1);
    g_autoptr(GPtrArray) directories = directories_of(folder);

    question->call = async_ask_servers(directories);
    question->asked_ms = clock_ms();
    return question;
}

/* A question that was answered stays for a while, so that not each call asks again. */
bool healthcheck_is_silent(const Folder *folder)
{
    static GHashTable *questions;
    g_autofree char *name = key_of(folder);

    if (!questions)
        questions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, question_free);
    const Question *question = g_hash_table_lookup(questions, name);
    bool old = question && clock_ms() >= question->asked_ms + HEALTHCHECK_TIMEOUT_MS;
    bool answered = question && async_wait(question->call, 0);
    bool silent = old && !answered && !async_mounts_changed(question->call);
    if (!question || (old && !silent))
        g_hash_table_replace(questions, g_steal_pointer(&name), ask(folder));
    return silent;
}

char *healthcheck_hang_text(const Folder *folder)
{
    if (folder->copy_to)
        return g_strdup_printf("'%s', '%s' or '%s' does not respond", folder->path, folder->output,
                               folder->copy_to);
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
    if (is_hanging(folder))
        return check;
    check->run = g_new0(CheckRun, 1);
    *check->run = (CheckRun){ .settings = settings_ref(settings), .folder = folder, .need = need };
    check->call = async_start(run_check, check->run, run_free);
    return check;
}

/* Waits until `until_ms` on clock_ms(); frees the check. `missing` may be NULL. */
static bool end_check(HealthCheck *check, int64_t until_ms, Error **missing, Error **err)
{
    bool over = check->call && async_wait(check->call, MAX(until_ms - clock_ms(), 0));
    bool ok = over && check->run->ok;

    if (over) {
        *err = g_steal_pointer(&check->run->why);
        if (missing)
            *missing = g_steal_pointer(&check->run->missing);
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
    return end_check(begin_check(settings, folder, need), clock_ms() + HEALTHCHECK_TIMEOUT_MS, NULL,
                     err);
}

/* ---- all folders ---- */

/* A check of a folder that is held. */
typedef struct HeldCheck {
    char *folder;
    HealthCheck *check;
    int64_t until_ms;
} HeldCheck;

static void held_check_free(void *data)
{
    HeldCheck *held = data;

    g_free(held->folder);
    g_free(held);
}

static bool is_over(const HealthCheck *check)
{
    return !check->call || async_wait(check->call, 0);
}

/* Ends the checks that have a result, or whose time is up; whether some are left. */
static bool end_held(GPtrArray *checks, Health *health)
{
    for (guint i = checks->len; i > 0; i--) {
        const HeldCheck *held = checks->pdata[i - 1];
        g_autoptr(Error) why = NULL;

        if (!is_over(held->check) && clock_ms() < held->until_ms)
            continue;
        end_check(held->check, 0, NULL, &why);
        if (!why)
            health_begin_trial(health, held->folder);
        g_ptr_array_remove_index(checks, i - 1);
    }
    return checks->len > 0;
}

static bool has_check(const GPtrArray *checks, const char *folder)
{
    for (guint i = 0; i < checks->len; i++)
        if (!g_strcmp0(((const HeldCheck *) checks->pdata[i])->folder, folder))
            return true;
    return false;
}

static void begin_held(GPtrArray *checks, Settings *settings, const Folder *folder, int64_t need)
{
    HeldCheck *held = g_new(HeldCheck, 1);

    held->folder = g_strdup(folder->name);
    held->check = begin_check(settings, folder, need);
    held->until_ms = clock_ms() + HEALTHCHECK_TIMEOUT_MS;
    g_ptr_array_add(checks, held);
}

bool healthcheck_held(Settings *settings, Health *health)
{
    static GPtrArray *checks; /* of HeldCheck */
    const GPtrArray *folders = settings->folders;

    if (!checks)
        checks = g_ptr_array_new_with_free_func(held_check_free);
    for (unsigned i = 0; i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        int64_t need = 0;
        if (!has_check(checks, folder->name) && health_retry_due(health, folder->name, &need))
            begin_held(checks, settings, folder, need);
    }
    return end_held(checks, health);
}

static void add_problem(GPtrArray *problems, const Folder *folder, HealthState state,
                        const char *reason)
{
    Error *problem = NULL;

    error_set(&problem, ERROR_ENVIRONMENT, NULL, "folder '%s' is %s: %s", folder->name,
              health_word(state), reason);
    g_ptr_array_add(problems, problem);
}

static void take_result(HealthCheck *check, int64_t until_ms, const Folder *folder, Health *health,
                        GPtrArray *problems)
{
    g_autoptr(Error) missing = NULL, why = NULL;
    bool ok = end_check(check, until_ms, &missing, &why);
    g_autofree char *reason = ok ? NULL : error_text(why);
    g_autofree char *none = missing ? error_text(missing) : NULL;

    if (!ok)
        health_hold(health, folder->name, reason, 0);
    if (problems && (missing || !ok))
        add_problem(problems, folder,
                    missing ? HEALTH_UNAVAILABLE : health_get(health, folder->name, NULL),
                    missing ? none : reason);
}

/* All of them are waited for together. */
void healthcheck_all(Settings *settings, Health *health, GPtrArray *problems)
{
    const GPtrArray *folders = settings->folders;
    g_autofree HealthCheck **checks = g_new0(HealthCheck *, folders->len);
    int64_t until_ms = clock_ms() + HEALTHCHECK_TIMEOUT_MS;

    for (unsigned i = 0; i < folders->len; i++)
        checks[i] = begin_check(settings, g_ptr_array_index(folders, i), 0);
    for (unsigned i = 0; i < folders->len; i++)
        take_result(checks[i], until_ms, g_ptr_array_index(folders, i), health, problems);
}
