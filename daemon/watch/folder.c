/* A watched folder: whether its root is there, which of its directories are watched, and its scans.
 *
 * A scan is the truth and an event only a hint of where to look first; both end in files.c. */
#include "daemon/watch/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/files/beneath.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/journal/journal.h"
#include "daemon/settings/ignore.h"
#include "daemon/watch/inotify.h"

enum {
    FRESH_MS = 250, /* that an answer is good for */
    AMID_MS = 2000, /* the same in the middle of a scan */
};

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

Place *place_new(WatchCommon *common, Settings *settings, const Folder *folder)
{
    Place *place = g_new0(Place, 1);

    place->common = common;
    place->settings = settings_ref(settings);
    place->folder = folder;
    place->fresh = walk_new(folder->path, &fresh_hooks, place);
    place->scan = walk_new(folder->path, &scan_hooks, place);
    place->root = watch_root_new();
    place->poll = watch_poll_new();
    place->seen = seen_new();
    place->touched = g_ptr_array_new_with_free_func(g_free);
    place->touched_set = g_hash_table_new(g_str_hash, g_str_equal);
    place->settle = settle_new();
    place->left = left_new();
    place->scan_ms = place->regular_ms = SETTLE_NEVER;
    /* as what a folder of its name watched before a reload was told */
    place->told_away = health_get(common->health, folder->name, NULL) == HEALTH_AWAY;
    return place;
}

void place_free(Place *place)
{
    if (!place)
        return;
    watch_dirs_end(place->common->dirs, place, "");
    walk_free(place->fresh);
    walk_free(place->scan);
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

static void begin_scan(Place *place, bool full, int64_t now_ms)
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
    place->scan_ms = place->regular_ms = SETTLE_NEVER;
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

/* Everything known of its files is forgotten: the ledger remembers what matters. */
static void forget_files(Place *place)
{
    watch_dirs_end(place->common->dirs, place, "");
    walk_stop(place->fresh);
    walk_stop(place->scan);
    place->scan_full = false;
    place->unwatched = 0;
    place->scan_ms = place->regular_ms = SETTLE_NEVER;
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
    place->root_ms = now_ms + PLACE_AWAY_MS;
    if (place->alive) {
        place->alive = false;
        atomic_store(&place->there, false);
        atomic_store(&place->scanned, false);
        forget_files(place);
    }
    health_set(place->common->health, place->folder->name, HEALTH_AWAY, reason);
    place->told_away = true;
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

static void place_silent(Place *place, int64_t now_ms)
{
    g_autofree char *reason = watch_root_silence(place->folder->path);

    place_away(place, now_ms, reason);
}

void place_begin(Place *place, int64_t now_ms, int64_t patience_ms)
{
    if (ask(place, patience_ms) == ROOT_ANSWERS)
        place_check(place, now_ms);
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

/* A step of a scan; what it takes itself counts. Returns the time. */
static int64_t scan_on(Place *place, int64_t began_ms)
{
    place->looks_ms = 0;
    walk_step(place->scan);
    int64_t now_ms = clock_ms();
    watch_poll_spend(place->poll, now_ms - began_ms - place->looks_ms);
    return now_ms;
}

/* As many steps as a turn allows; what events named comes first. */
static bool walk_on(Place *place)
{
    int64_t began_ms = clock_ms(), now_ms = began_ms; /* whatever the looks took before it */
    bool more = true, ended = false;

    for (int i = 0; i < PLACE_TURN && more && !ended && now_ms < began_ms + PLACE_TURN_MS; i++) {
        more = walk_step(place->fresh);
        if (!more && !walk_idle(place->scan)) {
            now_ms = scan_on(place, now_ms);
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
        begin_scan(place, true, now_ms);
    } else if (now_ms >= watch_poll_due(place->poll) && walk_idle(place->scan)) {
        begin_scan(place, false, now_ms);
    }
    return walk_on(place) || place->touched->len;
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
