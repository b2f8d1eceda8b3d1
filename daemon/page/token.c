/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    SHORTEST = 16,       /* characters of the token: a shorter one can be guessed */
    LONGEST = 4096,      /* bytes of the file */
    CLOCK_SLACK_S = 600, /* that a clock may have been put back since a cookie was given */
};

struct Token {
    char *text;
};

Token *token_new(const char *text)
{
    Token *token = g_new0(Token, 1);

    token->text = g_strdup(text);
    return token;
}

void token_free(Token *token)
{
    if (!token)
        return;
    g_free(token->text);
    g_free(token);
}

/* The error of a file that cannot be opened or read. */
static bool refuse_file(const char *file, int code, Error **err)
{
    const char *user = g_get_user_name();

    if (code == EACCES)
        return error_set(err, ERROR_CONFIG,
                         "give it to a group of that user: chgrp hotfolder-page FILE, and chmod "
                         "640 FILE; the directories above it must let the user pass",
                         "the user %s cannot read token_file = %s: %s", user, file,
                         g_strerror(code));
    return error_set(err, ERROR_CONFIG,
                     "hotfolder-page(8) has the command that makes one; it must not lie in /home, "
                     "/root or /tmp",
                     "the user %s cannot read token_file = %s: %s", user, file, g_strerror(code));
}

static bool read_file(const char *file, char *text, size_t size, Error **err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
    int code = errno;

    if (fd >= 0)
        close(fd);
    if (got < 0)
        return refuse_file(file, code, err);
    text[got] = '\0';
    return true;
}

static bool is_token(const char *text)
{
    size_t length = 0;

    for (; text[length]; length++)
        if (!g_ascii_isgraph(text[length]))
            return false;
    return length >= SHORTEST;
}

Token *token_read(const char *file, Error **err)
{
    char text[LONGEST + 1] = "";

    if (!read_file(file, text, sizeof(text), err))
        return NULL;
    if (is_token(g_strstrip(text)))
        return token_new(text);
    error_set(err, ERROR_CONFIG, "hotfolder-page(8) has the command that makes one",
              "token_file = %s: its only line must have the token, at least 16 characters without "
              "spaces",
              file);
    return NULL;
}

/* As long and as quick for all texts of one length. */
static bool is_same(const char *a, const char *b)
{
    size_t length = strlen(a);
    unsigned char differs = strlen(b) != length;

    if (differs)
        return false;
    for (size_t i = 0; i < length; i++)
        differs |= (unsigned char) (a[i] ^ b[i]);
    return !differs;
}

static char *digest(const Token *token, const char *of)
{
    return g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *) token->text,
                                     strlen(token->text), of, -1);
}

/* Digests have one length, so that not even that of the token shows. */
bool token_matches(const Token *token, const char *given)
{
    g_autofree char *ours = digest(token, token->text), *theirs = digest(token, given);

    return is_same(ours, theirs);
}

static char *cookie_of(const Token *token, int64_t at_s)
{
    g_autofree char *signs = g_strdup_printf("hotfolder-page cookie %" G_GINT64_FORMAT, at_s);
    g_autofree char *signature = digest(token, signs);

    return g_strdup_printf("%" G_GINT64_FORMAT ".%s", at_s, signature);
}

char *token_cookie(const Token *token, int64_t now_s)
{
    return cookie_of(token, now_s);
}

bool token_made_cookie(const Token *token, const char *value, int64_t now_s)
{
    int64_t at_s = g_ascii_strtoll(value, NULL, 10);

    if (at_s <= 0 || at_s > now_s + CLOCK_SLACK_S || at_s < now_s - TOKEN_COOKIE_S)
        return false;
    g_autofree char *ours = cookie_of(token, at_s);
    return is_same(ours, value);
}
