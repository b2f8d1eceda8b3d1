/* provenance.h - what a file of ours was made of, kept with it in the extended attribute
 * user.hotfolder.
 *
 * It makes our outputs known again without the ledger: a batch that is run again makes only what is
 * missing. Where the file system has no such attributes, nothing is known. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

typedef struct Origins {
    uint64_t source;     /* XXH3-64 of the source's absolute path */
    uint64_t content[2]; /* XXH3-128 of its bytes */
    uint64_t profile;    /* ProfileText.hash */
} Origins;

/* Marks the open file whose stat(2) data is st. It is written no more after this. */
void mark_set(int fd, const struct stat *st, const Origins *origins);

/* Whether `name` is the very file that would be made again: of these origins, and not changed since
 * it was marked. */
bool mark_is(int dir_fd, const char *name, const Origins *origins);

/* Whether the open file, whose stat(2) data is st, is one that we made and nobody changed since. */
bool mark_is_ours(int fd, const struct stat *st);

/* Whether it was made from the same source, whatever that held then. */
bool mark_source_is(int dir_fd, const char *name, const Origins *origins);
