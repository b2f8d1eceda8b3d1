/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* assets.h - the files of daemon/page/web/, compiled in. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct Asset {
    const char *path; /* "/app.js"; NULL ends the list */
    const unsigned char *bytes;
    size_t size;
    const char *etag; /* in its quotes */
} Asset;

extern const Asset assets[];

/* The file at this path; "/" is /index.html, "/login" is /login.html. NULL: none. Static. */
const Asset *assets_find(const char *path);

/* Its media type; static. */
const char *assets_type(const Asset *asset);

/* Whether a browser that says `if_none_match` (NULL: nothing) has it. */
bool assets_has(const Asset *asset, const char *if_none_match);
