/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* request.h - a request as its answer gets it: parameters that are decoded and of the right kind,
 * and who asks. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

typedef enum ParameterKind {
    PARAMETER_TEXT,   /* bytes */
    PARAMETER_PATH,   /* bytes that begin with a slash */
    PARAMETER_NUMBER, /* a whole number, 0 to 2^53 */
    PARAMETER_FLAG,   /* true or false */
} ParameterKind;

/* A row of a route's table, which an empty one ends. */
typedef struct Parameter {
    const char *name;
    ParameterKind kind;
    bool required;
    const char *help;
} Parameter;

typedef struct Request {
    uid_t uid;          /* who asks */
    char *user;         /* their name, for a slow route only: to look it up may take long */
    GHashTable *values; /* name -> what was given, as text */
} Request;

Request *request_new(uid_t uid);
void request_free(Request *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Request, request_free)

/* Takes a parameter of a query, decoded, of `size` bytes and a zero. False: there is none of this
 * name in the table (which may be NULL), it was given before, or it is of another kind. */
bool request_add(Request *request, const Parameter *table, const char *name, const char *value,
                 size_t size, Error **err);

/* The same for each member of a JSON object; an empty text is an object without members. */
bool request_add_body(Request *request, const Parameter *table, const char *body, size_t size,
                      Error **err);

/* Whether every required parameter was given. */
bool request_is_complete(const Request *request, const Parameter *table, Error **err);

/* What was given for a TEXT, or for a PATH, without "//", "." and "..": borrowed; NULL: nothing. */
const char *request_text(const Request *request, const char *name);

/* What was given for a NUMBER, or `otherwise`. */
int64_t request_number(const Request *request, const char *name, int64_t otherwise);

/* Whether a FLAG was given as true. */
bool request_flag(const Request *request, const char *name);
