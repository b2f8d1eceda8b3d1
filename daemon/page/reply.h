/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reply.h - answers as the HTTP library has them, with the headers that all of them have. */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

#include "page/assets.h"

struct MHD_Response;

/* Headers of an answer; NULL where it does not have one. */
typedef struct ReplyHeaders {
    const char *type, *allow, *location, *cookie, *etag, *authenticate, *refresh, *connection;
    const char *cache; /* NULL: it is not kept, or, with an etag, asked for again */
} ReplyHeaders;

/* The caller gives it to the library, and destroys it. The bytes are copied. */
struct MHD_Response *reply_new(const void *bytes, size_t size, const ReplyHeaders *headers);

/* { "error", "fix" }; fix may be NULL. */
struct MHD_Response *reply_refusal(const char *what, const char *fix, const ReplyHeaders *headers);

/* The same as lines of text, for a person. */
struct MHD_Response *reply_refusal_text(const char *what, const char *fix,
                                        const ReplyHeaders *headers);

/* A file, which stays as it is; without its bytes where the browser has it. */
struct MHD_Response *reply_asset(const Asset *asset, bool has_it);

/* A stream of events; `read` as the library calls it. */
struct MHD_Response *
reply_stream(ssize_t (*read)(void *user, uint64_t position, char *to, size_t most), void *user);
