/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* error.h - what went wrong, where, and what to do about it.
 *
 * A function that can fail returns bool and takes `Error **err` last. It returns true and leaves
 * *err as it is, or returns false with *err set. The caller decides by the kind what to do next;
 * texts are compared only to tell whether two errors are the same. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum ErrorKind {
    ERROR_TRANSIENT,   /* may succeed if tried again: a file in use, a worker that died */
    ERROR_MEMORY,      /* too little memory; may succeed if tried again too */
    ERROR_PICTURE,     /* this picture can never succeed: damaged, not a picture, too large */
    ERROR_CONFIG,      /* a person must change something: the configuration, a permission */
    ERROR_ENVIRONMENT, /* the file system failed: full, unmounted, read-only; hold the folder */
    ERROR_INTERNAL,    /* a bug of ours: report it, keep the file, continue with the next one */
    ERROR_TAKEN,       /* the ledger's only: another one has the row; stop, touch nothing of it */
} ErrorKind;

typedef struct Error {
    ErrorKind kind;
    char *what;     /* "sigma = 22: too large"; lower case, no full stop */
    char *where;    /* "studio.conf:14", "step 3 (sharpen)"; may be NULL */
    char *fix;      /* "give 0.1 to 10 px"; may be NULL */
    bool uncertain; /* of a change in the ledger: it may have been made all the same */
} Error;

/* Sets *err and returns false, so that a caller can say `return error_set(...)`. fix may be NULL;
 * both texts are copied. err must not be NULL, and *err must be NULL: an error is never dropped. */
bool error_set(Error **err, ErrorKind kind, const char *fix, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Sets *err from the errno value `code` of a system call: the text of `code` is appended to the
 * formatted subject ("cannot open 'x': Permission denied"). The kind follows from the code:
 * ENVIRONMENT for ENOSPC, EDQUOT, EROFS, EIO, ESTALE, ENOTCONN, ENODEV, ENXIO and EHOSTDOWN, CONFIG
 * for EACCES and EPERM, MEMORY for ENOMEM, TRANSIENT for any other. Returns false. */
bool error_errno(Error **err, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Sets where an error happened, unless a callee has set it already. Returns false. */
bool error_set_where(Error **err, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* "where: what; fix", newly allocated. */
char *error_text(const Error *error);

/* "transient", "memory", "picture", "config", "environment", "internal" or "taken": static. */
const char *error_kind_word(ErrorKind kind);

/* The kind of such a word; INTERNAL for any other word and for NULL. */
ErrorKind error_kind_from_word(const char *word);

/* Newly allocated; all texts are copied. */
Error *error_copy(const Error *error);
void error_free(Error *error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Error, error_free)
