#include "daemon/watch/turn.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/watch/files.h"
#include "daemon/watch/scan.h"

enum {
    FRESH_MS = 250, /* that an answer is good for */
    AMID_MS = 2000, /* the same in the middle of a scan */
};

Place *place_new(WatchCommon *common, Settings *settings, const Folder *folder)
{
    Place *place = g_new0(Place, 1);

    place->common = common;
    place->settings = settings_ref(settings);
    place->folder = folder;
    scan_init(place);
    place->root = watch_root_new();
    place->poll = watch_poll_new();
    place->seen = seen_new();
    place->touched = g_ptr_array_new_with_free_func(g_free);
    place->touched_set = g_hash_table_new(g_str_hash, g_str_equal);
    place->settle = settle_new();
    place->left = left_new();
    /* as what a folder of its name watched before a reload was told */
    place->told_away = health_get(common->health, folder->name, NULL) == HEALTH_AWAY;
    return place;
}

void place_free(Place *place)
{
    if (!place)
        return;
    watch_dirs_end(place->common->dirs, place, "");
    scan_clear(place);
    g_hash_table_destroy(place->touched_set);
    g_ptr_array_unref(place->touched);
    watch_poll_free(place->poll);
    seen_free(place->seen);
    settle_free(place->settle);
    left_free(place->left);
    watch_root_free(place->root);
    settings_unref(place->settings);
    g_free(place);
}

static bool same_globs(char **a, char **b)
{
    if (!a || !b)
        return !(a && *a) && !(b && *b);
    return g_strv_equal((const char *const *) a, (const char *const *) b);
}

bool place_renew(Place *place, Settings *settings, const Folder *folder)
{
    Settings *old = place->settings;

    if (strcmp(place->folder->path, folder->path) != 0 ||
        place->folder->recursive != folder->recursive || place->folder->watch != folder->watch ||
        place->folder->limits.accept != folder->limits.accept ||
        place->folder->chain != folder->chain || !same_globs(place->folder->ignore, folder->ignore))
        return false;
    place->settings = settings_ref(settings);
    place->folder = folder;
    settings_unref(old);
    if (!place
             ->alive) { /* a reload also says: the directory is right as it is, without its mount */
        watch_root_accept(place->root);
        place->root_ms = 0;
    }
    return true;
}

/* Asks what the folder lies on, and each share in it, before they are looked at; in the middle of
 * it now and then. */
static RootAnswer ask(Place *place, int64_t patience_ms)
{
    if (place->alive && !place->shares)
        return ROOT_ANSWERS; /* it is this machine's own */
    bool amid = place->alive && !walk_idle(place->scan);
    return watch_root_ask(place->root, place->folder->path, watch_poll_tops(place->poll),
                          amid ? AMID_MS : FRESH_MS, patience_ms);
}

void place_begin(Place *place, int64_t now_ms, int64_t patience_ms)
{
    if (ask(place, patience_ms) == ROOT_ANSWERS)
        place_check(place, now_ms);
}

/* When something of a folder that is there is due. */
static int64_t next_ms(const Place *place)
{
    int64_t scan_ms = MIN(MIN(place->scan_ms, place->regular_ms), watch_poll_due(place->poll));

    return place->mounts_changed ? 0 : MIN(scan_ms, settle_next_ms(place->settle));
}

/* A regular one waits for the end of a running poll, which says when it should come. */
static bool is_full_due(const Place *place, int64_t now_ms)
{
    return !place->scan_full &&
           (now_ms >= place->scan_ms || (now_ms >= place->regular_ms && walk_idle(place->scan)));
}

static bool has_work(const Place *place, int64_t now_ms)
{
    if (!place->alive)
        return now_ms >= place->root_ms;
    return now_ms >= next_ms(place) || place->touched->len || !walk_idle(place->fresh) ||
           !walk_idle(place->scan);
}

/* What came or went was not what it lies on itself, or that is told. */
static void look_at_mounts(Place *place, int64_t now_ms)
{
    place->mounts_changed = false;
    place_check(place, now_ms);
    if (place->alive && watch_root_mounts_changed(place->root))
        place_rescan(place, now_ms);
}

/* What it lies on answers. */
static bool work(Place *place, int64_t now_ms)
{
    if (place->mounts_changed)
        look_at_mounts(place, now_ms);
    if (!place->alive)
        place_check(place, now_ms);
    if (!place->alive)
        return false;
    place_look_at_touched(place, now_ms);
    if (!place->alive)
        return false;
    place_look_at_due(place, now_ms);
    if (is_full_due(place, now_ms)) {
        place_check(place, now_ms); /* what no event told: a parent was renamed */
        if (!place->alive)
            return false;
        scan_begin(place, true, now_ms);
    } else if (now_ms >= watch_poll_due(place->poll) && walk_idle(place->scan)) {
        scan_begin(place, false, now_ms);
    }
    return scan_steps(place) || place->touched->len;
}

bool place_turn(Place *place, int64_t now_ms)
{
    if (!has_work(place, now_ms))
        return false;
    switch (ask(place, PLACE_ASK_MS)) {
    case ROOT_ANSWERS:
        return work(place, now_ms);
    case ROOT_ASKED:
        break;
    case ROOT_SILENT:
        place_silent(place, now_ms);
        break;
    }
    return false;
}

int64_t place_next_ms(const Place *place)
{
    int64_t ask_ms = watch_root_ask_ms(place->root);

    if (!place->alive)
        return MAX(place->root_ms, ask_ms);
    return ask_ms ? ask_ms : next_ms(place);
}
