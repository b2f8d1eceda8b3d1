#include "daemon/watch/folder.h"

#include "base/clock.h"
#include "daemon/folders/healthcheck.h"

enum { AWAY_MS = 1000 }; /* between two looks for a root that is away */

/* Everything known of its files is forgotten: the ledger remembers what matters. */
static void forget_files(Place *place)
{
    watch_dirs_end(place->common->dirs, place, "");
    walk_stop(place->fresh);
    walk_stop(place->scan);
    place->scan_full = false;
    place->unwatched = 0;
    place->scan_ms = place->regular_ms = CLOCK_NEVER;
    watch_poll_forget(place->poll);
    seen_clear(place->seen);
    settle_drop_below(place->settle, "");
    left_scan_begins(place->left);
    left_scan_ended(place->left);
}

void place_mounts_changed(Place *place, int64_t now_ms)
{
    place->mounts_changed = true;
    place->root_ms = MIN(place->root_ms, now_ms);
}

static void place_away(Place *place, int64_t now_ms, const char *reason)
{
    place->root_ms = now_ms + AWAY_MS;
    if (place->alive) {
        place->alive = false;
        atomic_store(&place->there, false);
        atomic_store(&place->scanned, false);
        forget_files(place);
    }
    health_set(place->common->health, place->folder->name, HEALTH_AWAY, reason);
    place->told_away = true;
}

void place_silent(Place *place, int64_t now_ms)
{
    g_autofree char *reason = watch_root_silence(place->folder->path);

    place_away(place, now_ms, reason);
}

/* As at a start: what was made anew may not be ours to write. */
static void tell_back(const Place *place)
{
    g_autoptr(Error) why = NULL;

    if (world_try(place->settings, place->folder, 0, &why)) {
        health_set(place->common->health, place->folder->name, HEALTH_ALIVE, NULL);
        return;
    }
    g_autofree char *reason = error_text(why);
    health_set(place->common->health, place->folder->name, HEALTH_HELD, reason);
}

void place_check(Place *place, int64_t now_ms)
{
    g_autofree char *reason = NULL;
    RootState state = watch_root_check(place->root, place->folder->path, &reason);

    if (state == ROOT_AWAY) {
        place_away(place, now_ms, reason);
        return;
    }
    if (place->alive && state == ROOT_SAME)
        return;
    if (place->alive) /* another directory, or a mount over it */
        watch_dirs_end(place->common->dirs, place, "");
    place->alive = true;
    place_rescan(place, now_ms);
    if (place->told_away)
        tell_back(place);
    place->told_away = false;
    atomic_store(&place->there, true);
}

void place_rescan(Place *place, int64_t now_ms)
{
    if (place->alive)
        place->scan_ms = MIN(place->scan_ms, now_ms);
}

void place_hints_lost(Place *place, int64_t now_ms)
{
    place_rescan(place, MAX(now_ms, place->full_ms + PLACE_SOON_MS));
}

void place_reset(Place *place, int64_t now_ms)
{
    walk_stop(place->fresh);
    walk_stop(place->scan);
    place->scan_full = false;
    place_rescan(place, now_ms);
}
