/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* login.h - the form of the login, and how slow wrong tokens are answered. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    LOGIN_WAIT_MS = 1000, /* until a wrong token is answered */
    LOGIN_EACH = 4, /* answers that wait, of one address, before its tokens are not looked at */
    LOGIN_ALL = 64, /* the same of all addresses */
};

/* The field `token` of a form, newly allocated; NULL: there is none. */
char *login_token(const char *form, size_t size);

/* The page of the login that says that the token was wrong; newly allocated. */
char *login_again(const unsigned char *page, size_t size);
