/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/assets.h"

#include <glib.h>
#include <string.h>

static const struct {
    const char *end, *type;
} types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".json", "application/json" },
};

const Asset *assets_find(const char *path)
{
    if (!strcmp(path, "/"))
        path = "/index.html";
    else if (!strcmp(path, "/login"))
        path = "/login.html";
    for (const Asset *asset = assets; asset->path; asset++)
        if (!strcmp(path, asset->path))
            return asset;
    return NULL;
}

const char *assets_type(const Asset *asset)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_suffix(asset->path, types[i].end))
            return types[i].type;
    return "application/octet-stream";
}

/* A list of tags, each perhaps weak (W/), or "*". */
bool assets_has(const Asset *asset, const char *if_none_match)
{
    return if_none_match && (!strcmp(if_none_match, "*") || strstr(if_none_match, asset->etag));
}
