/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* proof.h - reads a copy back from its disk, past the kernel's cache, and says what it is.
 *
 * fdatasync(2), POSIX_FADV_DONTNEED, then mincore(2) says whether a page stayed in memory; O_DIRECT
 * where that is not enough and the file system has it. On a share only O_DIRECT passes the client's
 * cache. Any thread. */
#pragma once

#include "daemon/files/content.h"
#include "daemon/import/medium.h"

typedef enum ProofEnd {
    PROOF_NONE,    /* it was not read back: what is set to zero proves nothing */
    PROOF_RIGHT,   /* read back from its disk: the content is the expected one */
    PROOF_WRONG,   /* read back, and it is another one */
    PROOF_MISSING, /* there is no such file */
    PROOF_FAILED,  /* it cannot be read: `error` */
    PROOF_CACHED,  /* the cache cannot be passed here: what was read proves nothing */
} ProofEnd;

/* Whether copies on this medium can be proved, for `check` and before the first byte; writes and
 * removes a hidden file in `directory` where that is the only way. `why`, newly allocated, says
 * what prevents it; NULL where it can. */
bool proof_is_possible(const char *directory, const Medium *medium, char **why);

/* Reads `name` below the directory `destination` back, following no link. `content` gets what was
 * read (with these digests) after RIGHT, WRONG and CACHED. *err is set with FAILED alone. */
ProofEnd proof_read(const char *destination, const char *name, const Medium *medium,
                    const Content *expected, unsigned digests, Content *content, Error **err);

/* The same of a copy that was synced when it was whole: it is not synced once more. */
ProofEnd proof_read_synced(const char *destination, const char *name, const Medium *medium,
                           const Content *expected, unsigned digests, Content *content,
                           Error **err);

/* The same of an open file of a card, for `verify = all`. */
ProofEnd proof_read_open(int fd, const char *name, const Medium *medium, const Content *expected,
                         Content *content, Error **err);
