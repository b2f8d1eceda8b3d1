/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/folders/claim.h"

#include <fcntl.h>
#include <inttypes.h>
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
    TEXT_MAX = 8192,   /* bytes of a claim: numbers and a path */
    AGAIN_US = 200000, /* for a service that has claimed at the same moment, and gives way */
};

/* What a claim says: "PID DEVICE INODE RECURSIVE PATH". */
typedef struct Claim {
    int pid;
    uint64_t dev, ino;
    int recursive;
    char *path; /* resolved */
    uid_t user; /* the owner of the file: only this user can have locked it */
} Claim;

static void claim_clear(Claim *claim)
{
    g_free(claim->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Claim, claim_clear)

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
} own = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The name goes first: a file without a name is not looked at. */
static void own_claim_free(void *data)
{
    OwnClaim *claim = data;

    unlink(claim->file);
    close(claim->fd);
    g_free(claim->file);
    g_free(claim);
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

static bool read_claim(const char *file, Claim *claim)
{
    int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char text[TEXT_MAX + 1] = "";
    struct stat st = { 0 };
    int at = 0;

    if (fd < 0)
        return false;
    bool whole = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_alive(fd, file, &st) &&
                 read(fd, text, TEXT_MAX) > 0 &&
                 sscanf(text, "%d %" SCNu64 " %" SCNu64 " %d %n", &claim->pid, &claim->dev,
                        &claim->ino, &claim->recursive, &at) == 4;
    close(fd);
    claim->user = st.st_uid;
    claim->path = g_strdup(text + at);
    return whole && at && text[at] == '/';
}

/* Other users see the file when it is locked and written. */
static OwnClaim *write_claim(const Claim *claim)
{
    g_autofree char *text = g_strdup_printf("%d %" PRIu64 " %" PRIu64 " %d %s", claim->pid,
                                            claim->dev, claim->ino, claim->recursive, claim->path);
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
    if (lock_file(fd) && write(fd, text, strlen(text)) == (ssize_t) strlen(text) &&
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
static bool refuse(const Claim *theirs, const Folder *folder, Error **err)
{
    g_autofree char *user = user_name(theirs->user);

    return error_set(err, ERROR_ENVIRONMENT,
                     "let only one of them watch it; this one continues when the other one has "
                     "ended",
                     "another hotfolder (process %d of user %s) watches '%s'", theirs->pid, user,
                     strcmp(theirs->path, folder->path) ? theirs->path : folder->path);
}

static bool is_own(const char *file)
{
    GHashTableIter each;
    void *claim = NULL;

    g_hash_table_iter_init(&each, own.claims);
    while (g_hash_table_iter_next(&each, NULL, &claim))
        if (!strcmp(((const OwnClaim *) claim)->file, file))
            return true;
    return false;
}

/* False with the claim of another service that stands against ours. */
static bool is_free(const Claim *ours, const struct stat *directory, Claim *theirs)
{
    g_autoptr(GDir) claims = g_dir_open(DIRECTORY, 0, NULL);
    const char *name = NULL;

    while (claims && (name = g_dir_read_name(claims))) {
        g_autofree char *file = g_build_filename(DIRECTORY, name, NULL);
        if (!g_str_has_prefix(name, PREFIX) || is_own(file))
            continue;
        claim_clear(theirs);
        if (read_claim(file, theirs) && stands_against(theirs, ours, directory))
            return false;
    }
    return true;
}

/* Ours is there before those of others are looked at: of two at the same moment, at least one sees
 * the other. Where both do, the one with the larger number gives way at once. */
static bool claim_against_others(const Claim *ours, const Folder *folder,
                                 const struct stat *directory, Error **err)
{
    g_auto(Claim) theirs = { 0 };

    if (is_free(ours, directory, &theirs))
        return true;
    if (ours->pid < theirs.pid) {
        g_usleep(AGAIN_US);
        if (is_free(ours, directory, &theirs))
            return true;
    }
    return refuse(&theirs, folder, err);
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
    if (!own.claims)
        own.claims = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, own_claim_free);
    if (is_same(g_hash_table_lookup(own.claims, folder->path), wanted))
        return true;
    g_hash_table_remove(own.claims, folder->path);
    OwnClaim *made = write_claim(wanted);
    if (!made) /* the locks of its pictures remain */
        return true;
    g_hash_table_insert(own.claims, g_strdup(folder->path), made);
    if (claim_against_others(wanted, folder, directory, err))
        return true;
    g_hash_table_remove(own.claims, folder->path);
    return false;
}

bool claim_folder(const Folder *folder, Error **err)
{
    g_autofree char *path =
        folder->originals == ORIGINALS_UNTOUCHED ? NULL : realpath(folder->path, NULL);
    struct stat st;

    if (!path || stat(path, &st) < 0) /* the watcher reports it */
        return true;
    const Claim wanted = { .pid = getpid(),
                           .dev = st.st_dev,
                           .ino = st.st_ino,
                           .recursive = folder->recursive,
                           .path = path };
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
