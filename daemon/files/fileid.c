#include "daemon/files/fileid.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
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

bool fileid_hash(int fd, FileId *id)
{
    g_autofree char *buffer = g_malloc(READ_SIZE);
    XXH3_state_t *state = XXH3_createState();
    off_t offset = 0;
    ssize_t got = 0;

    XXH3_128bits_reset(state);
    while (offset < id->size) { /* not what is appended meanwhile */
        got = pread(fd, buffer, (size_t) MIN(READ_SIZE, id->size - offset), offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        XXH3_128bits_update(state, buffer, (size_t) got);
        offset += got;
    }
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    id->hash[0] = hash.high64;
    id->hash[1] = hash.low64;
    XXH3_freeState(state);
    return got >= 0;
}

uint64_t fileid_text_hash(const char *text)
{
    return XXH3_64bits(text, strlen(text));
}
