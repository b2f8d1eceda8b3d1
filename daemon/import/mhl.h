/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mhl.h - the texts of ASC MHL v2.0: a generation (a hash list) and the chain of all of them.
 *
 * Source: the ASC's specification and its schemas, ASCMHL.xsd and ASCMHLDirectory.xsd. XML holds no
 * bytes that are no UTF-8, and no control characters: in a path U+FFFD stands for each, and its
 * `metadata` has the bytes, as %FF. It has what the clock of a camera showed, and what is right,
 * where that clock is corrected. No file is opened. Any thread. */
#pragma once

#include "base/error.h"
#include "daemon/import/manifest.h"

#define MHL_DIRECTORY "ascmhl"
#define MHL_CHAIN     "ascmhl_chain.xml"

/* A file of a generation. */
typedef struct MhlFile {
    char *path;      /* bytes */
    char *previous;  /* its name in generations before; NULL: the same */
    Content content; /* xxh128 and md5; "" where they are not there */
    int64_t mtime_ns;
} MhlFile;

typedef struct MhlList {
    GPtrArray *files;    /* of MhlFile */
    GPtrArray *patterns; /* of char *: what is left out */
} MhlList;

void mhl_list_free(MhlList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MhlList, mhl_list_free)

/* Reads a generation. Errors: CONFIG where it is none, or names a file outside the directory. */
bool mhl_parse(const char *text, size_t length, MhlList **list, Error **err);

/* A link of the chain. */
typedef struct MhlLink {
    int64_t number;
    char *name; /* of the file of the generation */
    char *c4;   /* of its text; "" where another digest stands there */
} MhlLink;

/* Reads a chain: array of MhlLink. Errors as above. */
bool mhl_parse_chain(const char *text, size_t length, GPtrArray **links, Error **err);

/* What earlier generations say of a path; NULL: nothing. */
typedef const Content *(*MhlKnown)(void *user, const char *path);

/* A generation of the manifest's files, newly allocated: "original" where `known` has nothing of a
 * path, "verified" where it has the same, "failed" where it has another content. */
char *mhl_compose(const Manifest *manifest, const GPtrArray *patterns, MhlKnown known, void *user);

/* The chain with one more link; `chain` NULL: its first one. Newly allocated. What else stands in
 * it is kept. */
char *mhl_add_link(const char *chain, int64_t number, const char *name, const char *c4);

/* "0001_CARD_2024-05-01_120000Z.mhl", newly allocated. */
char *mhl_name(const Manifest *manifest, int64_t number);

/* The number in such a name; 0: it is no such name. */
int64_t mhl_number(const char *name);

/* The C4 identifier of bytes, newly allocated: "c4" and their SHA-512 in base 58. */
char *mhl_c4(const char *bytes, size_t length);
