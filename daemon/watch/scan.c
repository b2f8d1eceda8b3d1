#include "daemon/watch/scan.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/settings/ignore.h"
#include "daemon/watch/files.h"
#include "daemon/watch/inotify.h"

/* Polls it where that is wanted: whoever wants events alone waits for the scan of all. */
static void poll_directory(Place *place, const char *path)
{
    if (place->folder->watch != WATCH_EVENTS)
        watch_poll_add(place->poll, path, clock_ms());
}

static Ground ground_of(Place *place, int fd, const struct stat *st)
{
    if (place->asked != st->st_dev)
        place->ground = look_ground(fd);
    place->asked = st->st_dev;
    return place->ground;
}

/* Where somebody else may change it, no event tells. Of an overlay that is what is written behind
 * it, into a lower layer: the kernel reads its directories anew for each scan, and so finds new
 * names, unless somebody asked for that very name before it was there. It answers as this machine's
 * own, and its leases know who writes through it. */
static void note_ground(Place *place, const char *path, int fd, const struct stat *st)
{
    Ground ground = ground_of(place, fd, st);

    if (ground == GROUND_REMOTE)
        place->shares = place->meeting = true;
    if (ground == GROUND_LAYERED && place->folder->watch == WATCH_AUTO)
        watch_poll_add_beside(place->poll, path, clock_ms());
    else if (ground != GROUND_LOCAL)
        poll_directory(place, path);
}

/* The limit of watches is reached: a full scan counts how many are missing. */
static void note_limit(Place *place, bool scan)
{
    if (scan && place->scan_full)
        place->counting++;
    else if (place->unwatched == 0)
        place_rescan(place, clock_ms());
}

/* Watches a directory that isn't watched yet. */
static void watch_directory(Place *place, const char *path, int fd, const struct stat *st,
                            bool scan)
{
    WatchDir dir = {
        .place = place, .count = &place->directories, .dev = st->st_dev, .ino = st->st_ino
    };

    if (place->folder->watch == WATCH_POLL)
        return; /* all of it is polled */
    errno = EBADF;
    dir.wd = place->common->blind ? -1 : watch_events_add(fd);
    if (dir.wd >= 0) {
        watch_dirs_put(place->common->dirs, &dir, path);
        left_drop(place->left, path);              /* it could be opened: no longer barred */
        if (place->unwatched && !place->scan_full) /* there is room again */
            place->scan_ms = MIN(place->scan_ms, place->full_ms + PLACE_SOON_MS);
        return;
    }
    if (errno == EACCES)
        return; /* the listing will fail too; its parent tells when that changes */
    if (errno == ENOSPC)
        note_limit(place, scan);
    poll_directory(place, path);
}

/* True when it has to be listed: always by a scan, by an event only when it wasn't watched before;
 * whatever came after its watch was made has its own event. */
static bool enter(Place *place, const char *path, int fd, const struct stat *st, bool scan)
{
    WatchDir *dir = watch_dirs_by_inode(place->common->dirs, st->st_dev, st->st_ino);

    if (*path == '\0' && !watch_root_is(place->root, st->st_dev, st->st_ino)) {
        place_check(place, clock_ms()); /* it was replaced just now; a new scan follows */
        return false;
    }
    note_ground(place, path, fd, st);
    if (dir && dir->place == place && strcmp(dir->path, path) == 0)
        return scan;
    if (dir) { /* it was moved here, and its events would still say the old path */
        watch_events_remove(dir->wd);
        watch_dirs_forget(place->common->dirs, dir);
    }
    watch_directory(place, path, fd, st, scan);
    return true;
}

static bool enter_fresh(void *user, const char *path, int fd, const struct stat *st)
{
    return enter(user, path, fd, st, false);
}

static bool enter_scan(void *user, const char *path, int fd, const struct stat *st)
{
    return enter(user, path, fd, st, true);
}

static bool descend(void *user, const char *path, const char *name)
{
    const Place *place = user;

    return place->folder->recursive && !litter_reserved(path) &&
           !litter_reason(place->folder, name, true);
}

/* Whoever names directories faster than they are listed fills no memory with them. */
static bool has_room(Place *place)
{
    if (walk_waiting(place->fresh) < place->common->hints_max)
        return true;
    place_hints_lost(place, clock_ms());
    return false;
}

static bool descend_fresh(void *user, const char *path, const char *name)
{
    return descend(user, path, name) && has_room(user);
}

static void meet(void *user, const char *path, const char *name, const struct stat *st)
{
    place_meet(user, path, name, st, false, clock_ms());
}

static void meet_scan(void *user, const char *path, const char *name, const struct stat *st)
{
    Place *place = user;

    atomic_fetch_add(&place->met, 1);
    place_meet(place, path, name, st, !place->scan_full, clock_ms());
}

static void barred(void *user, const char *path, int error)
{
    Place *place = user;

    if (*path == '\0') {
        place_check(place, clock_ms());
        return;
    }
    if (left_add(place->left, path, NULL, "folder not readable"))
        journal_event(EVENT_LEFT, .folder = place->folder->name, .source = path,
                      .reason = g_strerror(error));
}

static const WalkHooks fresh_hooks = { enter_fresh, descend_fresh, meet, barred };
static const WalkHooks scan_hooks = { enter_scan, descend, meet_scan, barred };

void scan_init(Place *place)
{
    place->fresh = walk_new(place->folder->path, &fresh_hooks, place);
    place->scan = walk_new(place->folder->path, &scan_hooks, place);
    place->scan_ms = place->regular_ms = CLOCK_NEVER;
}

void scan_clear(Place *place)
{
    walk_free(place->fresh);
    walk_free(place->scan);
}

void scan_begin(Place *place, bool full, int64_t now_ms)
{
    walk_stop(place->scan);
    place->scan_full = full;
    place->asked = 0;
    if (!full) {
        watch_poll_begin(place->poll, place->scan, now_ms);
        return;
    }
    watch_poll_clear(place->poll);
    if (place->folder->watch == WATCH_POLL)
        poll_directory(place, "");
    seen_clear(place->seen);
    place->scan_ms = place->regular_ms = CLOCK_NEVER;
    place->full_ms = now_ms;
    atomic_store(&place->met, 0);
    place->counting = 0;
    place->meeting = false;
    left_scan_begins(place->left);
    walk_push(place->scan, "");
}

/* What fails here is tried again after the next scan. */
static void tidy(Place *place)
{
    g_autoptr(Error) ignored = NULL;

    intake_tidy(place->common->intake, place->folder, place->settings->history_ms, &ignored);
}

static void scan_ended(Place *place, int64_t now_ms)
{
    g_autofree char *way = NULL;

    if (!place->scan_full) {
        watch_poll_end(place->poll, now_ms);
        /* it goes through all of this, too */
        place->regular_ms = MAX(place->regular_ms, now_ms + watch_poll_rest(place->poll));
        return;
    }
    way = watch_poll_news(place->poll);
    if (way)
        journal_event(EVENT_WATCH_WAY, .folder = place->folder->name, .reason = way);
    place->scan_full = false;
    left_scan_ended(place->left);
    place->regular_ms = now_ms + MAX(place->settings->reconcile_ms, watch_poll_rest(place->poll));
    place->unwatched = place->counting;
    place->shares = place->meeting;
    place->common->counted = true;
    tidy(place);
    atomic_store(&place->scanned, true);
}

void place_directory_came(Place *place, const char *path, const char *name)
{
    if (place->alive && descend_fresh(place, path, name))
        walk_push(place->fresh, path);
}

/* A directory whose watch ended may be there again, made anew before we heard of its end. */
void place_directory_lost(Place *place, const char *path)
{
    if (!place->alive)
        return;
    if (*path == '\0')
        place_check(place, clock_ms());
    if (place->alive && has_room(place))
        walk_push(place->fresh, path);
}

void place_directory_went(Place *place, const char *path)
{
    watch_dirs_end(place->common->dirs, place, path);
    settle_drop_below(place->settle, path);
    left_drop(place->left, path);
}

/* A step of a scan; what it takes itself counts. Returns the time. */
static int64_t step(Place *place, int64_t began_ms)
{
    place->looks_ms = 0;
    walk_step(place->scan);
    int64_t now_ms = clock_ms();
    watch_poll_spend(place->poll, now_ms - began_ms - place->looks_ms);
    return now_ms;
}

bool scan_steps(Place *place)
{
    int64_t began_ms = clock_ms(), now_ms = began_ms; /* whatever the looks took before it */
    bool more = true, ended = false;

    for (int i = 0; i < PLACE_TURN && more && !ended && now_ms < began_ms + PLACE_TURN_MS; i++) {
        more = walk_step(place->fresh);
        if (!more && !walk_idle(place->scan)) {
            now_ms = step(place, now_ms);
            more = true;
            ended = walk_idle(place->scan);
        } else {
            now_ms = clock_ms();
        }
    }
    if (ended && place->alive)
        scan_ended(place, now_ms);
    return more;
}
