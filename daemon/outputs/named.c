/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/outputs/named.h"

struct Named {
    GHashTable *made; /* a Provenance -> itself */
};

static guint hash_of(gconstpointer key)
{
    return (guint) ((const Provenance *) key)->source;
}

static gboolean is_same(gconstpointer key, gconstpointer other)
{
    const Provenance *a = key, *b = other;

    return a->source == b->source && a->content[0] == b->content[0] &&
           a->content[1] == b->content[1] && a->profile == b->profile;
}

Named *named_new(void)
{
    Named *named = g_new0(Named, 1);

    named->made = g_hash_table_new_full(hash_of, is_same, NULL, g_free);
    return named;
}

void named_free(Named *named)
{
    if (!named)
        return;
    g_hash_table_unref(named->made);
    g_free(named);
}

/* Of outputs of two times, which an older version has made, the one of the earlier counts. */
void named_add(Named *named, const Provenance *made)
{
    const Provenance *known = g_hash_table_lookup(named->made, made);
    Provenance *kept = NULL;

    if (made->time == PROVENANCE_NO_TIME || (known && known->time <= made->time))
        return;
    kept = g_memdup2(made, sizeof(*made));
    g_hash_table_replace(named->made, kept, kept);
}

int64_t named_time(const Named *named, const Provenance *picture, int64_t time)
{
    const Provenance *known = named ? g_hash_table_lookup(named->made, picture) : NULL;

    return known ? known->time : time;
}
