/* SPDX-License-Identifier: LGPL-2.1-or-later */
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
    /* Two keyed hashes of the content, which decide whether two files have the same; both 0 while
     * it has not been read with a key. They are for the ledger only: no name, attribute, message or
     * answer may show them. */
    uint64_t keyed[2];
} FileId;

/* A secret of random bytes. A person who knows it can make two files with the same keyed hashes, as
 * every person can make two with the same XXH3-128. */
enum { FILE_KEY_BYTES = 192 };
typedef struct FileKey {
    unsigned char secret[2][FILE_KEY_BYTES];
} FileKey;

/* Fills the key with random bytes of the kernel. */
void fileid_new_key(FileKey *key);

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

/* The same, and id->keyed, in one reading: XXH3-64 with each of the two secrets. A pair of files
 * that is made to agree without a known secret has to agree under both. */
bool fileid_hash_keyed(int fd, const FileKey *key, FileId *id);

/* Whether its content was read: whether it has a hash. */
bool fileid_was_read(const FileId *id);

/* Back to a file that was not read. */
void fileid_forget_content(FileId *id);

/* Whether both have the same content: by their keyed hashes, or, where one of the files was read
 * without a key, by the other one. False where a file has not been read. */
bool fileid_same_content(const FileId *a, const FileId *b);

/* Compares the bytes of two open files. False with errno where they can't be read. */
bool fileid_compare(int a, int b, bool *same);

/* XXH3-64 of what fileid_same() compares: never of dev. */
uint64_t fileid_stat_hash(const FileId *id);

/* XXH3-64 of a text's or name's bytes. */
uint64_t fileid_text_hash(const char *text);
