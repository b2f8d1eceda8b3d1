/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/login.h"

#include <string.h>

char *login_token(const char *form, size_t size)
{
    g_autoptr(GHashTable) fields =
        g_uri_parse_params(form, (gssize) size, "&", G_URI_PARAMS_WWW_FORM, NULL);
    const char *token = fields ? g_hash_table_lookup(fields, "token") : NULL;

    return token ? g_strstrip(g_strdup(token)) : NULL;
}

/* The page has the message, hidden. */
char *login_again(const unsigned char *page, size_t size)
{
    GString *text = g_string_new_len((const char *) page, (gssize) size);

    g_string_replace(text, "role=\"alert\" hidden", "role=\"alert\"", 1);
    return g_string_free(text, FALSE);
}
