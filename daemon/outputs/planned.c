/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/outputs/planned.h"

#include <pthread.h>

struct Planned {
    pthread_mutex_t lock;
    GHashTable *names;
};

Planned *planned_new(void)
{
    Planned *planned = g_new0(Planned, 1);

    pthread_mutex_init(&planned->lock, NULL);
    planned->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return planned;
}

void planned_free(Planned *planned)
{
    if (!planned)
        return;
    g_hash_table_destroy(planned->names);
    pthread_mutex_destroy(&planned->lock);
    g_free(planned);
}

bool planned_take(Planned *planned, const char *path)
{
    pthread_mutex_lock(&planned->lock);
    bool taken = g_hash_table_add(planned->names, g_strdup(path));
    pthread_mutex_unlock(&planned->lock);
    return taken;
}
