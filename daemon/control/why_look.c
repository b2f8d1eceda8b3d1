/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemon/control/why_internal.h"
#include "daemon/files/async.h"
#include "daemon/files/beneath.h"
#include "daemon/files/filename.h"

enum { LOOK_MS = 1000 };

typedef struct LookCall {
    char *root, *path;
    Look look;
    char *similar;
} LookCall;

static void call_free(void *data)
{
    LookCall *call = data;

    g_free(call->root);
    g_free(call->path);
    g_free(call->similar);
    g_free(call);
}

static LookCall *call_new(const char *root, const char *path)
{
    LookCall *call = g_new0(LookCall, 1);

    call->root = g_strdup(root);
    call->path = g_strdup(path);
    return call;
}

/* ---- at a path ---- */

static void look_there(void *data)
{
    LookCall *call = data;

    if (beneath_stat(call->root, call->path, &call->look.st))
        call->look.result = LOOK_THERE;
    else if (errno == ELOOP)
        call->look.result = LOOK_LINK;
    else if (errno == ENOENT || errno == ENOTDIR)
        call->look.result = LOOK_GONE;
}

Look why_look(const char *root, const char *path)
{
    LookCall *data = call_new(root, path);
    Look look = { .result = LOOK_SILENT };

    AsyncCall *call = async_start(look_there, data, call_free);
    if (async_wait(call, LOOK_MS))
        look = data->look;
    async_abandon(call);
    return look;
}

/* ---- beside it ---- */

/* Without capitals, and with letters like "é" in one of their two spellings; newly allocated, NULL:
 * the name is no UTF-8. */
static char *spelling_of(const char *name)
{
    g_autofree char *folded = g_utf8_validate(name, -1, NULL) ? g_utf8_casefold(name, -1) : NULL;

    return folded ? g_utf8_normalize(folded, -1, G_NORMALIZE_NFD) : NULL;
}

static char *find_spelling(DIR *listing, const char *spelling)
{
    const struct dirent *entry = NULL;

    /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
    while ((entry = readdir(listing))) {
        g_autofree char *other = spelling_of(entry->d_name);
        if (other && !strcmp(other, spelling))
            return g_strdup(entry->d_name);
    }
    return NULL;
}

static void look_beside(void *data)
{
    LookCall *call = data;
    g_autofree char *directory = NULL, *name = NULL;

    filename_split(call->path, &directory, &name);
    g_autofree char *spelling = spelling_of(name);
    int fd = spelling ? beneath_open(call->root, directory, O_RDONLY | O_DIRECTORY) : -1;
    DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
    g_autofree char *found = listing ? find_spelling(listing, spelling) : NULL;

    call->similar = found ? filename_join(directory, found) : NULL;
    if (listing)
        closedir(listing);
    else if (fd >= 0)
        close(fd);
}

char *why_similar(const char *root, const char *path)
{
    LookCall *data = call_new(root, path);
    AsyncCall *call = async_start(look_beside, data, call_free);
    char *similar = async_wait(call, LOOK_MS) ? g_steal_pointer(&data->similar) : NULL;

    async_abandon(call);
    return similar;
}
