/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* token.h - the token that opens the page, and the cookie of a browser that gave it.
 *
 * Comparisons take the same time wherever two texts differ. A cookie is made of the token and the
 * time, so that it outlives a restart, does not show the token, and ends with it. Any thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

enum { TOKEN_COOKIE_S = 90 * 24 * 60 * 60 }; /* how long a cookie opens the page */

typedef struct Token Token;

/* The token in the only line of `file`, at least 16 characters. */
Token *token_read(const char *file, Error **err);

/* One of the given text; for tests. */
Token *token_new(const char *text);
void token_free(Token *token);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Token, token_free)

/* Whether `given` is the token. */
bool token_matches(const Token *token, const char *given);

/* The value of a cookie that is given at this time, seconds since 1970; newly allocated. */
char *token_cookie(const Token *token, int64_t now_s);

/* Whether it is such a value, not older than TOKEN_COOKIE_S. */
bool token_made_cookie(const Token *token, const char *value, int64_t now_s);
