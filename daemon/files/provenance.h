/* provenance.h - what an output was made of, stored with it in the extended attribute
 * user.hotfolder.
 *
 * By it our outputs are recognised without the ledger: a batch that runs again makes only what is
 * missing. Where the file system has no such attributes, nothing is known. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

typedef struct Origins {
    uint64_t source;     /* XXH3-64 of the source's absolute path */
    uint64_t content[2]; /* XXH3-128 of its bytes */
    uint64_t profile;    /* ProfileText.hash */
} Origins;

/* Stores it with the open file, whose stat(2) data is st and which is not written any more. */
void mark_set(int fd, const struct stat *st, const Origins *provenance);

/* Whether `name` is the file that would be made again: with this provenance, and unchanged since.
 */
bool mark_is(int dir_fd, const char *name, const Origins *provenance);

/* Whether the open file, whose stat(2) data is st, is an output of ours, unchanged since. */
bool mark_is_ours(int fd, const struct stat *st);

/* Whether `name` was made from the same source, with whatever content. */
bool mark_source_is(int dir_fd, const char *name, const Origins *provenance);
