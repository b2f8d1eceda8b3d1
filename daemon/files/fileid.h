/* fileid.h - which file this is: the same name is not the same file. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

typedef struct FileId {
    dev_t dev;
    ino_t ino; /* not enough alone: it is reused at once */
    off_t size;
    int64_t mtime_ns; /* since 1970, as the file system says; only ever compared for equality */
    uint64_t hash[2]; /* XXH3-128 of the content; both 0 while it has not been read */
} FileId;

/* All but the hash, which stays 0. */
FileId fileid_of(const struct stat *st);

/* Whether both are one file with unchanged content, as far as stat(2) can tell, at one path: ino,
 * size and mtime. Not dev: a disk may get another number at a restart, btrfs gets one at each
 * mount. */
bool fileid_same(const FileId *a, const FileId *b);

/* Whether this file has this name in the directory; a link is not followed. */
bool fileid_is_at(const FileId *file, int dir_fd, const char *name);

/* Reads the first id->size bytes of fd with pread(2) and fills id->hash. False with errno set when
 * they can't be read. */
bool fileid_hash(int fd, FileId *id);

/* XXH3-64 of a text's or name's bytes. */
uint64_t fileid_text_hash(const char *text);
