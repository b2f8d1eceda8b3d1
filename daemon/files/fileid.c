/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/fileid.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <xxhash.h>

enum { READ_SIZE = 256 * 1024 };

FileId fileid_of(const struct stat *st)
{
    return (FileId){
        .dev = st->st_dev,
        .ino = st->st_ino,
        .size = st->st_size,
        .mtime_ns = (int64_t) st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
    };
}

bool fileid_same(const FileId *a, const FileId *b)
{
    return a->ino == b->ino && a->size == b->size && a->mtime_ns == b->mtime_ns;
}

bool fileid_is_at(const FileId *file, int dir_fd, const char *name)
{
    struct stat st;

    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    FileId there = fileid_of(&st);
    return fileid_same(&there, file);
}

/* The hashes of one file while it is read; keyed: NULL without a key. */
typedef struct Hashes {
    XXH3_state_t *plain, *keyed[2];
} Hashes;

/* The key must live as long. */
static Hashes hashes_begin(const FileKey *key)
{
    Hashes hashes = { .plain = XXH3_createState() };

    XXH3_128bits_reset(hashes.plain);
    for (unsigned i = 0; key && i < G_N_ELEMENTS(hashes.keyed); i++) {
        hashes.keyed[i] = XXH3_createState();
        XXH3_64bits_reset_withSecret(hashes.keyed[i], key->secret[i], FILE_KEY_BYTES);
    }
    return hashes;
}

static void hashes_add(const Hashes *hashes, const char *bytes, size_t count)
{
    XXH3_128bits_update(hashes->plain, bytes, count);
    for (unsigned i = 0; i < G_N_ELEMENTS(hashes->keyed); i++)
        if (hashes->keyed[i])
            XXH3_64bits_update(hashes->keyed[i], bytes, count);
}

static void hashes_end(const Hashes *hashes, FileId *id)
{
    XXH128_hash_t plain = XXH3_128bits_digest(hashes->plain);

    id->hash[0] = plain.high64;
    id->hash[1] = plain.low64;
    XXH3_freeState(hashes->plain);
    for (unsigned i = 0; i < G_N_ELEMENTS(hashes->keyed); i++) {
        if (hashes->keyed[i])
            id->keyed[i] = XXH3_64bits_digest(hashes->keyed[i]);
        XXH3_freeState(hashes->keyed[i]);
    }
}

/* Up to READ_SIZE bytes, up to `end`; what is appended meanwhile is not read. */
static ssize_t read_some(int fd, char *buffer, off_t at, off_t end)
{
    ssize_t got = 0;

    do
        got = pread(fd, buffer, (size_t) CLAMP(end - at, 0, READ_SIZE), at);
    while (got < 0 && errno == EINTR);
    return got;
}

bool fileid_hash_keyed(int fd, const FileKey *key, FileId *id)
{
    g_autofree char *buffer = g_malloc(READ_SIZE);
    Hashes hashes = hashes_begin(key);
    off_t at = 0;
    ssize_t got = 0;

    while ((got = read_some(fd, buffer, at, id->size)) > 0) {
        hashes_add(&hashes, buffer, (size_t) got);
        at += got;
    }
    hashes_end(&hashes, id);
    return got == 0;
}

bool fileid_hash(int fd, FileId *id)
{
    return fileid_hash_keyed(fd, NULL, id);
}

static bool is_known(const uint64_t hash[2])
{
    return hash[0] || hash[1];
}

bool fileid_was_read(const FileId *id)
{
    return is_known(id->hash);
}

void fileid_forget_content(FileId *id)
{
    memset(id->hash, 0, sizeof(id->hash));
    memset(id->keyed, 0, sizeof(id->keyed));
}

bool fileid_same_content(const FileId *a, const FileId *b)
{
    if (is_known(a->keyed) && is_known(b->keyed))
        return !memcmp(a->keyed, b->keyed, sizeof(a->keyed));
    return is_known(a->hash) && !memcmp(a->hash, b->hash, sizeof(a->hash));
}

bool fileid_compare(int a, int b, bool *same)
{
    g_autofree char *one = g_malloc(READ_SIZE), *other = g_malloc(READ_SIZE);
    struct stat st_a, st_b;
    off_t at = 0;

    if (fstat(a, &st_a) < 0 || fstat(b, &st_b) < 0)
        return false;
    *same = st_a.st_size == st_b.st_size;
    while (*same && at < st_a.st_size) {
        ssize_t got = read_some(a, one, at, st_a.st_size);
        ssize_t there = got > 0 ? read_some(b, other, at, at + got) : got;
        if (got < 0 || there < 0)
            return false;
        *same = got > 0 && there == got && !memcmp(one, other, (size_t) got);
        at += got;
    }
    return true;
}

/* The kernel has them since its start, long before this runs; nothing works without. */
void fileid_new_key(FileKey *key)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(key->secret); i++)
        if (getrandom(key->secret[i], FILE_KEY_BYTES, 0) != FILE_KEY_BYTES)
            g_error("the kernel gives no random bytes: %s", g_strerror(errno));
}

uint64_t fileid_stat_hash(const FileId *id)
{
    const uint64_t compared[] = { (uint64_t) id->ino, (uint64_t) id->size,
                                  (uint64_t) id->mtime_ns };

    return XXH3_64bits(compared, sizeof(compared));
}

uint64_t fileid_text_hash(const char *text)
{
    return XXH3_64bits(text, strlen(text));
}
