/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "daemon/control/why_internal.h"
#include "daemon/files/async.h"
#include "daemon/files/beneath.h"

enum { LOOK_MS = 1000 };

typedef struct LookCall {
    char *root, *path;
    Look look;
} LookCall;

static void call_free(void *data)
{
    LookCall *call = data;

    g_free(call->root);
    g_free(call->path);
    g_free(call);
}

static void work(void *data)
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
    LookCall *data = g_new0(LookCall, 1);
    Look look = { .result = LOOK_SILENT };

    data->root = g_strdup(root);
    data->path = g_strdup(path);
    AsyncCall *call = async_start(work, data, call_free);
    if (async_wait(call, LOOK_MS))
        look = data->look;
    async_abandon(call);
    return look;
}
