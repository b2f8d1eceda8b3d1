#include "daemon/journal/ratelimit.h"

#include <string.h>

/* One kind of message about one folder, since its first. */
typedef struct Kind {
    EventId id;
    char *folder; /* NULL: about none */
    int64_t end_ms, count;
} Kind;

/* There are few: folders times the kinds that are limited. */
struct Flood {
    GPtrArray *kinds;
};

static void kind_free(void *data)
{
    Kind *kind = data;

    g_free(kind->folder);
    g_free(kind);
}

Flood *flood_new(void)
{
    Flood *flood = g_new0(Flood, 1);

    flood->kinds = g_ptr_array_new_with_free_func(kind_free);
    return flood;
}

void flood_free(Flood *flood)
{
    if (!flood)
        return;
    g_ptr_array_unref(flood->kinds);
    g_free(flood);
}

/* The kind's place among them, or their number where it is new. */
static guint find(const Flood *flood, EventId id, const char *folder)
{
    guint i = 0;

    for (; i < flood->kinds->len; i++) {
        const Kind *kind = flood->kinds->pdata[i];
        if (kind->id == id && !g_strcmp0(kind->folder, folder))
            break;
    }
    return i;
}

bool flood_passes(Flood *flood, EventId id, const char *folder, int64_t now_ms)
{
    if (event_row(id)->telling != TOLD_LIMITED)
        return true;

    guint place = find(flood, id, folder);
    Kind *kind = place < flood->kinds->len ? flood->kinds->pdata[place] : NULL;
    if (!kind) {
        kind = g_new0(Kind, 1);
        kind->id = id;
        kind->folder = g_strdup(folder);
        kind->end_ms = now_ms + FLOOD_MS;
        g_ptr_array_add(flood->kinds, kind);
    } else if (now_ms >= kind->end_ms && kind->count <= FLOOD_FIRST) { /* nothing to be told of */
        kind->count = 0;
        kind->end_ms = now_ms + FLOOD_MS;
    }
    return ++kind->count <= FLOOD_FIRST;
}

bool flood_due(Flood *flood, int64_t now_ms, EventId *id, char **folder, int64_t *count)
{
    for (guint i = 0; i < flood->kinds->len; i++) {
        Kind *kind = flood->kinds->pdata[i];
        if (kind->end_ms > now_ms || kind->count <= FLOOD_FIRST)
            continue;
        *id = kind->id;
        *folder = g_steal_pointer(&kind->folder);
        *count = kind->count - FLOOD_FIRST;
        g_ptr_array_remove_index_fast(flood->kinds, i);
        return true;
    }
    return false;
}

int64_t flood_next_ms(const Flood *flood)
{
    int64_t next_ms = FLOOD_NEVER;

    for (guint i = 0; i < flood->kinds->len; i++) {
        const Kind *kind = flood->kinds->pdata[i];
        if (kind->count > FLOOD_FIRST)
            next_ms = MIN(next_ms, kind->end_ms);
    }
    return next_ms;
}
