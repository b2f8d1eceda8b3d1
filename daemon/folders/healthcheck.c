#include "daemon/folders/healthcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "daemon/files/async.h"
#include "daemon/files/dirs.h"

enum { LEAST_NEED = 64 * 1024, MOST_NEED = 4 * 1024 * 1024, LEAST_FILES = 16, TRIES = 8 };

/* A file without a name, or one whose name is gone at once. It is always the same name, so that one
 * that a crash left is removed again; and always a new file, as whoever had made one of that name,
 * or linked one of ours to it, could have it grow. Other trials do the same meanwhile. */
static int scratch_file(int dir_fd)
{
    static const char name[] = ".hotfolder-try";
    int fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    for (int i = 0; i < TRIES; i++) {
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
static int reserve(int fd, int64_t bytes)
{
    if (fallocate(fd, 0, 0, bytes) == 0 || errno == EOPNOTSUPP || errno == EINVAL ||
        errno == ENOSYS)
        return 0;
    return errno;
}

static bool takes_files(const Folder *folder, int64_t need, Error **err)
{
    int root_fd = tree_open(folder->output, err);
    int dir_fd = root_fd < 0 ? -1 : tree_dir(root_fd, "", false, err);
    int fd = dir_fd < 0 ? -1 : scratch_file(dir_fd);
    int code = fd < 0 ? errno : reserve(fd, CLAMP(need, LEAST_NEED, MOST_NEED));
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

bool world_room(const Folder *folder, Error **err)
{
    struct statvfs fs;

    if (!folder->min_free || statvfs(folder->output, &fs) < 0)
        return true;
    if (!fs.f_blocks) /* it does not say, as df(1) takes it, too */
        return true;
    double free_bytes = (double) fs.f_bavail * (double) fs.f_frsize; /* some say "no limit" */
    if (free_bytes < (double) folder->min_free) {
        g_autofree char *least = units_bytes_text(folder->min_free);
        return error_set(err, ERROR_WORLD,
                         "free some space on that file system, or lower min_free; work goes on by "
                         "itself",
                         "only %.1f MB are free in '%s', less than min_free = %s",
                         free_bytes / (1024 * 1024), folder->output, least);
    }
    return !fs.f_files || fs.f_favail >= LEAST_FILES || /* 0: it has no such number */
           error_set(err, ERROR_WORLD, "remove files there; work goes on by itself",
                     "the file system of '%s' takes no more files (no free inodes)",
                     folder->output);
}

bool world_check(const Folder *folder, int64_t need, Error **err)
{
    if (folder->originals != ORIGINALS_UNTOUCHED && access(folder->path, F_OK) == 0 &&
        access(folder->path, W_OK | X_OK) < 0)
        return error_errno(err, errno, "cannot move originals within '%s'", folder->path);
    return world_room(folder, err) && takes_files(folder, need, err);
}

/* ---- with a time limit ---- */

bool world_answers(const Folder *folder)
{
    g_autoptr(GPtrArray) directories = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(directories, g_strdup(folder->path));
    g_ptr_array_add(directories, g_strdup(folder->output));
    Errand *errand = errand_ask(directories);
    bool over = errand_over(errand, WORLD_PATIENCE_MS);
    errand_leave(errand);
    return over;
}

/* What the thread has. */
typedef struct Trial {
    Settings *settings;
    const Folder *folder;
    int64_t need;
    bool ok;
    Error *why;
} Trial;

struct WorldTrial {
    Settings *settings; /* of the folder; a reference */
    const Folder *folder;
    Errand *errand; /* NULL: an earlier one hangs still */
    Trial *trial;   /* the errand's */
};

/* Those that nobody waits for any more, by what they look at. */
static struct {
    pthread_mutex_t lock;
    GHashTable *errands;
} hanging = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void trial_free(void *data)
{
    Trial *trial = data;

    settings_unref(trial->settings);
    error_free(trial->why);
    g_free(trial);
}

static void try_it(void *data)
{
    Trial *trial = data;

    trial->ok = world_check(trial->folder, trial->need, &trial->why);
}

/* A folder of the same name whose directories are others is another question; newly allocated. */
static char *question(const Folder *folder)
{
    return g_strdup_printf("%s\n%s", folder->path, folder->output);
}

/* One at a time is enough to ask a share. */
bool world_is_silent(const Folder *folder)
{
    g_autofree char *name = question(folder);

    pthread_mutex_lock(&hanging.lock);
    Errand *errand = hanging.errands ? g_hash_table_lookup(hanging.errands, name) : NULL;
    bool still = errand && !errand_over(errand, 0) && !errand_outdated(errand);
    if (errand && !still)
        g_hash_table_remove(hanging.errands, name);
    pthread_mutex_unlock(&hanging.lock);
    return still;
}

static void let_hang(const Folder *folder, Errand *errand)
{
    pthread_mutex_lock(&hanging.lock);
    if (!hanging.errands)
        hanging.errands =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) errand_leave);
    g_hash_table_replace(hanging.errands, question(folder), errand);
    pthread_mutex_unlock(&hanging.lock);
}

char *world_silence(const Folder *folder)
{
    return g_strdup_printf("'%s' or '%s' does not answer", folder->path, folder->output);
}

static bool no_answer(const Folder *folder, Error **err)
{
    g_autofree char *what = world_silence(folder);

    return error_set(err, ERROR_WORLD,
                     "see what has become of the share that it lies on; work goes on by itself",
                     "%s", what);
}

WorldTrial *world_begin(Settings *settings, const Folder *folder, int64_t need)
{
    WorldTrial *trial = g_new0(WorldTrial, 1);

    trial->settings = settings_ref(settings);
    trial->folder = folder;
    if (world_is_silent(folder))
        return trial;
    trial->trial = g_new0(Trial, 1);
    *trial->trial = (Trial){ .settings = settings_ref(settings), .folder = folder, .need = need };
    trial->errand = errand_start(try_it, trial->trial, trial_free);
    return trial;
}

bool world_end(WorldTrial *trial, int64_t until_ms, Error **err)
{
    bool over = trial->errand && errand_over(trial->errand, MAX(until_ms - clock_ms(), 0));
    bool ok = over && trial->trial->ok;

    if (over) {
        *err = g_steal_pointer(&trial->trial->why);
        errand_leave(trial->errand);
    } else {
        no_answer(trial->folder, err);
        if (trial->errand)
            let_hang(trial->folder, trial->errand);
    }
    settings_unref(trial->settings);
    g_free(trial);
    return ok;
}

bool world_try(Settings *settings, const Folder *folder, int64_t need, Error **err)
{
    return world_end(world_begin(settings, folder, need), clock_ms() + WORLD_PATIENCE_MS, err);
}

/* ---- all folders ---- */

/* Tries those folders that are `wanted`, which says what they need, all at once: shares that do not
 * answer are waited for in common. */
static void try_all(Settings *settings, Health *health,
                    bool (*wanted)(Health *health, const char *folder, int64_t *need),
                    void (*tried)(Health *health, const char *folder, const Error *why))
{
    const GPtrArray *folders = settings->folders;
    g_autofree WorldTrial **trials = g_new0(WorldTrial *, folders->len);
    int64_t until_ms = clock_ms() + WORLD_PATIENCE_MS;

    for (unsigned i = 0; i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        int64_t need = 0;
        if (wanted(health, folder->name, &need))
            trials[i] = world_begin(settings, folder, need);
    }
    for (unsigned i = 0; i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        g_autoptr(Error) why = NULL;
        if (!trials[i])
            continue;
        world_end(trials[i], until_ms, &why);
        tried(health, folder->name, why);
    }
}

static void end_hold(Health *health, const char *folder, const Error *why)
{
    if (!why)
        health_trial(health, folder);
}

/* One that is away is the watcher's. */
static bool is_not_away(Health *health, const char *folder, int64_t *need)
{
    *need = 0;
    return health_get(health, folder, NULL) != HEALTH_AWAY;
}

static void begin_hold(Health *health, const char *folder, const Error *why)
{
    g_autofree char *reason = why ? error_text(why) : NULL;

    if (why)
        health_hold(health, folder, reason, 0);
}

void worlds_look(Settings *settings, Health *health)
{
    try_all(settings, health, is_not_away, begin_hold);
}

void worlds_try_held(Settings *settings, Health *health)
{
    try_all(settings, health, health_due, end_hold);
}
