/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/folders/claim.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/user.h"
#include "daemon/settings/feedback.h"

#define DIRECTORY "/run/lock"
#define PREFIX    "hotfolder-"

enum {
    TEXT_MAX = 4 * PATH_MAX,
    AGAIN_US = 200000, /* for a service that has claimed at the same moment, and gives way */
};

/* A claim of ours. */
typedef struct OwnClaim {
    char *file; /* its path */
    int fd;     /* locked */
    uint64_t dev, ino;
    bool recursive;
} OwnClaim;

static struct {
    pthread_mutex_t lock;
    GHashTable *claims; /* of OwnClaim, by the folder's path as it is configured */
    char *config, *runtime_dir;
} own = { .lock = PTHREAD_MUTEX_INITIALIZER };

void claim_free(void *data)
{
    Claim *claim = data;

    g_free(claim->path);
    g_free(claim->folder);
    g_free(claim->config);
    g_free(claim->runtime_dir);
    g_free(claim);
}

/* The name goes first: a file without a name is not looked at. */
static void own_claim_free(void *data)
{
    OwnClaim *claim = data;

    unlink(claim->file);
    close(claim->fd);
    g_free(claim->file);
    g_free(claim);
}

void claims_set_service(const char *config, const char *runtime_dir)
{
    own.config = g_canonicalize_filename(config, NULL);
    own.runtime_dir = g_canonicalize_filename(runtime_dir, NULL);
    own.claims = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, own_claim_free);
}

/* ---- one file ---- */

/* Only a file's owner can open it for writing, and so lock it like this. */
static bool lock_file(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static bool is_locked(int fd)
{
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1 };

    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_WRLCK;
}

/* A file whose service ended without removing it is not locked, and is removed by the next service
 * of that user. One that is just made is empty until it is locked. */
static bool is_alive(int fd, const char *file, const struct stat *st)
{
    if (is_locked(fd))
        return true;
    if (st->st_size && st->st_uid == geteuid())
        unlink(file);
    return false;
}

/* The next text of a claim, newly allocated, each of which ends with a zero byte. */
static char *next_text(const char **at, const char *end)
{
    const char *begin = *at;

    *at += strnlen(begin, (size_t) (end - begin)) + 1;
    return begin < end ? g_strdup(begin) : NULL;
}

/* Any user may have written it. NULL: it is no claim. */
static Claim *parse_claim(const char *text, size_t length, uid_t user)
{
    Claim *claim = g_new0(Claim, 1);
    const char *at = text, *end = text + length;
    g_autofree char *numbers = next_text(&at, end);
    int recursive = 0;

    bool whole = numbers && sscanf(numbers, "%d %" SCNu64 " %" SCNu64 " %d", &claim->pid,
                                   &claim->dev, &claim->ino, &recursive) == 4;
    claim->user = user;
    claim->recursive = recursive;
    claim->path = next_text(&at, end);
    claim->folder = next_text(&at, end);
    claim->config = next_text(&at, end);
    claim->runtime_dir = next_text(&at, end);
    if (whole && claim->runtime_dir && *claim->path == '/')
        return claim;
    claim_free(claim);
    return NULL;
}

/* NULL: it is no claim of a service that runs. */
static Claim *read_claim(const char *file)
{
    int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    g_autofree char *text = g_malloc0(TEXT_MAX + 1);
    struct stat st;
    ssize_t length = 0;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_alive(fd, file, &st))
        length = read(fd, text, TEXT_MAX);
    close(fd);
    return length > 0 ? parse_claim(text, (size_t) length, st.st_uid) : NULL;
}

/* Newly allocated; the texts are those of next_text(). */
static GString *claim_text(const Claim *claim)
{
    const char *const texts[] = { claim->path, claim->folder, claim->config, claim->runtime_dir };
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%d %" PRIu64 " %" PRIu64 " %d", claim->pid, claim->dev, claim->ino,
                    claim->recursive);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_string_append_c(text, '\0');
        g_string_append(text, texts[i]);
    }
    return text;
}

/* Other users see the file when it is locked and written. */
static OwnClaim *write_claim(const Claim *claim)
{
    g_autoptr(GString) text = claim_text(claim);
    g_autofree char *file = g_strdup(DIRECTORY "/" PREFIX "XXXXXX");
    OwnClaim *made = NULL;

    int fd = mkostemp(file, O_CLOEXEC);
    if (fd < 0)
        return NULL;
    made = g_new0(OwnClaim, 1);
    *made = (OwnClaim){ .file = g_steal_pointer(&file),
                        .fd = fd,
                        .dev = claim->dev,
                        .ino = claim->ino,
                        .recursive = claim->recursive };
    if (lock_file(fd) && write(fd, text->str, text->len) == (ssize_t) text->len &&
        fchmod(fd, 0644) == 0)
        return made;
    own_claim_free(made);
    return NULL;
}

/* ---- those of others ---- */

/* Whether the user may add and remove pictures in the directory, as its mode says. */
static bool may_write(uid_t user, const struct stat *directory)
{
    return !user || user == geteuid() || user == directory->st_uid ||
           (directory->st_mode & S_IWOTH) ||
           ((directory->st_mode & S_IWGRP) && user_is_member(user, directory->st_gid));
}

static FeedbackFolder watched(const Claim *claim)
{
    return (FeedbackFolder){
        .name = "", .path = claim->path, .recursive = claim->recursive, .path_file = ""
    };
}

static bool is_inside(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    return !strncmp(path, directory, length) && path[length] == '/';
}

/* No server of a directory that is elsewhere is asked for it: it may not respond. */
static bool overlap(const Claim *a, const Claim *b)
{
    const FeedbackFolder both[] = { watched(a), watched(b) };
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

    if (a->dev == b->dev && a->ino == b->ino)
        return true;
    if (!is_inside(a->path, b->path) && !is_inside(b->path, a->path))
        return false;
    feedback_check(both, G_N_ELEMENTS(both), errors);
    return errors->len;
}

static bool stands_against(const Claim *theirs, const Claim *ours, const struct stat *directory)
{
    return overlap(theirs, ours) && may_write(theirs->user, directory);
}

/* Always false. */
static bool refuse(const Claim *theirs, Error **err)
{
    g_autofree char *user = user_name(theirs->user);

    return error_set(err, ERROR_ENVIRONMENT,
                     "let only one of them watch it; this one continues when the other one has "
                     "ended",
                     "another hotfolder (process %d of user %s) watches '%s'", theirs->pid, user,
                     theirs->path);
}

static bool is_own(const char *file)
{
    GHashTableIter each;
    void *claim = NULL;

    if (!own.claims)
        return false;
    g_hash_table_iter_init(&each, own.claims);
    while (g_hash_table_iter_next(&each, NULL, &claim))
        if (!strcmp(((const OwnClaim *) claim)->file, file))
            return true;
    return false;
}

/* With own.lock. */
static GPtrArray *read_others(void)
{
    GPtrArray *claims = g_ptr_array_new_with_free_func(claim_free);
    g_autoptr(GDir) files = g_dir_open(DIRECTORY, 0, NULL);
    const char *name = NULL;

    while (files && (name = g_dir_read_name(files))) {
        g_autofree char *file = g_build_filename(DIRECTORY, name, NULL);
        Claim *claim = g_str_has_prefix(name, PREFIX) && !is_own(file) ? read_claim(file) : NULL;
        if (claim)
            g_ptr_array_add(claims, claim);
    }
    return claims;
}

GPtrArray *claims_read(void)
{
    pthread_mutex_lock(&own.lock);
    GPtrArray *claims = read_others();
    pthread_mutex_unlock(&own.lock);
    return claims;
}

/* False with *err where a claim stands against ours; *pid is of its process. */
static bool is_free(const Claim *ours, const struct stat *directory, pid_t *pid, Error **err)
{
    g_autoptr(GPtrArray) others = read_others();

    for (guint i = 0; i < others->len; i++) {
        const Claim *theirs = others->pdata[i];
        if (!stands_against(theirs, ours, directory))
            continue;
        *pid = theirs->pid;
        return refuse(theirs, err);
    }
    return true;
}

/* Ours is there before those of others are looked at: of two at the same moment, at least one sees
 * the other. Where both do, the one with the larger number gives way at once. */
static bool claim_against_others(const Claim *ours, const struct stat *directory, Error **err)
{
    g_autoptr(Error) first = NULL;
    pid_t other = 0;

    if (is_free(ours, directory, &other, &first))
        return true;
    if (ours->pid > other) {
        *err = g_steal_pointer(&first);
        return false;
    }
    g_usleep(AGAIN_US);
    return is_free(ours, directory, &other, err);
}

static bool is_same(const OwnClaim *claim, const Claim *wanted)
{
    return claim && claim->dev == wanted->dev && claim->ino == wanted->ino &&
           claim->recursive == wanted->recursive;
}

/* With own.lock. */
static bool claim(const Claim *wanted, const Folder *folder, const struct stat *directory,
                  Error **err)
{
    if (is_same(g_hash_table_lookup(own.claims, folder->path), wanted))
        return true;
    g_hash_table_remove(own.claims, folder->path);
    OwnClaim *made = write_claim(wanted);
    if (!made) /* the locks of its pictures remain */
        return true;
    g_hash_table_insert(own.claims, g_strdup(folder->path), made);
    if (claim_against_others(wanted, directory, err))
        return true;
    g_hash_table_remove(own.claims, folder->path);
    return false;
}

bool claim_folder(const Folder *folder, Error **err)
{
    g_autofree char *path = own.claims && folder->originals != ORIGINALS_UNTOUCHED
                                ? realpath(folder->path, NULL)
                                : NULL;
    struct stat st;

    if (!path || stat(path, &st) < 0) /* the watcher reports it */
        return true;
    const Claim wanted = { .pid = getpid(),
                           .dev = st.st_dev,
                           .ino = st.st_ino,
                           .recursive = folder->recursive,
                           .path = path,
                           .folder = folder->name,
                           .config = own.config,
                           .runtime_dir = own.runtime_dir };
    pthread_mutex_lock(&own.lock);
    bool claimed = claim(&wanted, folder, &st, err);
    pthread_mutex_unlock(&own.lock);
    return claimed;
}

static bool has_path(const Settings *settings, const char *path)
{
    for (guint i = 0; settings && i < settings->folders->len; i++)
        if (!strcmp(((const Folder *) settings->folders->pdata[i])->path, path))
            return true;
    return false;
}

void claims_retain(const Settings *settings)
{
    GHashTableIter each;
    void *path = NULL;

    pthread_mutex_lock(&own.lock);
    if (own.claims)
        g_hash_table_iter_init(&each, own.claims);
    while (own.claims && g_hash_table_iter_next(&each, &path, NULL))
        if (!has_path(settings, path))
            g_hash_table_iter_remove(&each);
    pthread_mutex_unlock(&own.lock);
}
