/* A watched folder: whether its root is there, which of its directories are watched, and its scans.
 *
 * A scan is the truth and an event only a hint of where to look first; both end in watch_file.c. */
#include "daemon/watch_place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/beneath.h"
#include "daemon/journal.h"
#include "daemon/litter.h"
#include "daemon/watch_events.h"
#include "daemon/world.h"

static bool is_below(const char *path, const char *top)
{
    size_t length = strlen(top);

    return length == 0 ||
           (strncmp(path, top, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

/* Polls it where that is wanted: whoever wants events alone waits for the scan of all. */
static void poll_directory(Place *place, const char *path)
{
    if (place->folder->watch != WATCH_EVENTS)
        watch_poll_add(place->poll, path, clock_ms());
}

/* Whether its file system may change without an event here. */
static bool is_silent(Place *place, int fd, const struct stat *st)
{
    if (place->asked != st->st_dev)
        place->silent = look_is_remote(fd);
    place->asked = st->st_dev;
    return place->silent;
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

    if (*path == '\0' && (st->st_dev != place->dev || st->st_ino != place->ino)) {
        place_check(place, clock_ms()); /* it was replaced just now; a new scan follows */
        return false;
    }
    if (is_silent(place, fd, st))
        poll_directory(place, path);
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

static const WalkHooks fresh_hooks = { enter_fresh, descend, meet, barred };
static const WalkHooks scan_hooks = { enter_scan, descend, meet_scan, barred };

Place *place_new(WatchCommon *common, Settings *settings, const Folder *folder)
{
    Place *place = g_new0(Place, 1);

    place->common = common;
    place->settings = settings_ref(settings);
    place->folder = folder;
    place->fresh = walk_new(folder->path, &fresh_hooks, place);
    place->scan = walk_new(folder->path, &scan_hooks, place);
    place->poll = watch_poll_new();
    place->seen = seen_new();
    place->touched = g_ptr_array_new_with_free_func(g_free);
    place->touched_set = g_hash_table_new(g_str_hash, g_str_equal);
    place->settle = settle_new();
    place->left = left_new();
    place->scan_ms = SETTLE_NEVER;
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
    g_free(place->mount);
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
        !same_globs(place->folder->ignore, folder->ignore))
        return false;
    place->settings = settings_ref(settings);
    place->folder = folder;
    settings_unref(old);
    if (!place
             ->alive) { /* a reload also says: the directory is right as it is, without its mount */
        g_clear_pointer(&place->mount, g_free);
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
    place->scan_ms = SETTLE_NEVER;
    place->full_ms = now_ms;
    atomic_store(&place->met, 0);
    place->counting = 0;
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
        return;
    }
    way = watch_poll_news(place->poll);
    if (way)
        journal_event(EVENT_WATCH_WAY, .folder = place->folder->name, .reason = way);
    place->scan_full = false;
    left_scan_ended(place->left);
    place->scan_ms = MIN(place->scan_ms, now_ms + place->settings->reconcile_ms);
    place->unwatched = place->counting;
    place->common->counted = true;
    tidy(place);
    atomic_store(&place->scanned, true);
}

/* False with errno where it can't be looked at, 0 where it can. */
static bool is_mount_root(const char *path)
{
    struct statx st;

    errno = 0;
    return statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, 0, &st) == 0 &&
           (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* Where the file system of the folder is mounted, newly allocated; NULL for the one at / and where
 * the kernel doesn't say. */
static char *mount_of(const char *path)
{
    char *at = realpath(path, NULL);
    char *found = NULL;

    while (at && at[1] != '\0' && !found) {
        char *slash = strrchr(at, '/');

        if (is_mount_root(at))
            found = g_strdup(at);
        slash[slash == at] = '\0';
    }
    free(at);
    return found;
}

/* Everything known of its files is forgotten: the ledger remembers what matters. */
static void forget_files(Place *place)
{
    watch_dirs_end(place->common->dirs, place, "");
    walk_stop(place->fresh);
    walk_stop(place->scan);
    place->scan_full = false;
    place->unwatched = 0;
    place->scan_ms = SETTLE_NEVER;
    watch_poll_forget(place->poll);
    seen_clear(place->seen);
    settle_drop_below(place->settle, "");
    left_scan_begins(place->left);
    left_scan_ended(place->left);
}

/* What is mounted below the folder: mount ids and places, mixed into one number. */
static guint64 mounts_below(const Place *place)
{
    g_autofree char *text = NULL;
    g_autofree char *root = realpath(place->folder->path, NULL);
    g_auto(GStrv) lines = NULL;
    guint64 mixed = 0;

    if (!root || !g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL))
        return 0;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields =
            g_strsplit(*line, " ", 6); /* id parent device root mount-point ... */
        g_autofree char *point = g_strv_length(fields) > 5 ? g_strcompress(fields[4]) : NULL;

        if (point && strcmp(point, root) != 0 && is_below(point, root))
            mixed = mixed * 31 + g_str_hash(fields[0]) + ((guint64) g_str_hash(point) << 32);
    }
    return mixed;
}

void place_mounts_changed(Place *place, int64_t now_ms)
{
    guint64 below = mounts_below(place);

    place_check(place, now_ms);
    if (below != place->mounts_below)
        place_rescan(place, now_ms);
    place->mounts_below = below;
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

/* Why nothing is known to be mounted there, newly allocated; `code` is 0 where it could be looked
 * at. In the unit's sandbox each folder is a mount, and ends with its directory. */
static char *why_unmounted(const char *mount, int code)
{
    g_autoptr(Error) error = NULL;

    if (!code || code == ENOENT || code == ENOTDIR)
        return g_strdup_printf("nothing is mounted at '%s'; mount it again%s", mount,
                               g_getenv("HOTFOLDER_DROPIN")
                                   ? "; if the directory was made anew, restart the service"
                                   : "");
    error_errno(&error, code, "what is mounted at '%s' does not answer", mount);
    return error_text(error);
}

/* The root as it is now; false with a newly allocated reason when it can't be used. It is opened
 * for reading, as nothing less says whether it can be listed. */
static bool find_root(const Place *place, struct stat *st, char **reason)
{
    const char *path = place->folder->path;
    g_autoptr(Error) error = NULL;
    int fd = -1;

    if (place->mount && !is_mount_root(place->mount)) {
        *reason = why_unmounted(place->mount, errno);
        return false;
    }
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, st)) {
        error_errno(&error, errno, "cannot open '%s'", path);
        *reason = error_text(error);
        if (fd >= 0)
            close(fd);
        return false;
    }
    close(fd);
    return true;
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
    health_hold(place->common->health, place->folder->name, reason, 0);
}

void place_check(Place *place, int64_t now_ms)
{
    g_autofree char *reason = NULL;
    struct stat st;

    if (!find_root(place, &st, &reason)) {
        place_away(place, now_ms, reason);
        return;
    }
    if (place->alive && st.st_dev == place->dev && st.st_ino == place->ino)
        return;
    if (place->alive) /* another directory, or a mount over it */
        watch_dirs_end(place->common->dirs, place, "");
    place->dev = st.st_dev;
    place->ino = st.st_ino;
    place->alive = true;
    g_free(place->mount);
    place->mount = mount_of(place->folder->path);
    place->mounts_below = mounts_below(place);
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

void place_reset(Place *place, int64_t now_ms)
{
    walk_stop(place->fresh);
    walk_stop(place->scan);
    place->scan_full = false;
    place_rescan(place, now_ms);
}

void place_directory_came(Place *place, const char *path, const char *name)
{
    if (place->alive && descend(place, path, name))
        walk_push(place->fresh, path);
}

/* A directory whose watch ended may be there again, made anew before we heard of its end. */
void place_directory_lost(Place *place, const char *path)
{
    if (!place->alive)
        return;
    if (*path == '\0')
        place_check(place, clock_ms());
    if (place->alive)
        walk_push(place->fresh, path);
}

void place_directory_went(Place *place, const char *path)
{
    watch_dirs_end(place->common->dirs, place, path);
    settle_drop_below(place->settle, path);
    left_drop(place->left, path);
}

/* As many steps as a turn allows; what events named comes first. */
static bool walk_on(Place *place)
{
    int64_t began_ms = clock_ms(), now_ms = began_ms; /* whatever the looks took before it */
    bool more = true, ended = false;

    place->looks_ms = 0;
    for (int i = 0; i < PLACE_TURN && more && !ended && now_ms < began_ms + PLACE_TURN_MS; i++) {
        more = walk_step(place->fresh);
        if (!more && !walk_idle(place->scan)) {
            walk_step(place->scan);
            more = true;
            ended = walk_idle(place->scan);
        }
        now_ms = clock_ms();
    }
    watch_poll_spend(place->poll, now_ms - began_ms - place->looks_ms);
    if (ended && place->alive)
        scan_ended(place, now_ms);
    return more;
}

bool place_turn(Place *place, int64_t now_ms)
{
    if (!place->alive && now_ms >= place->root_ms)
        place_check(place, now_ms);
    place_look_at_touched(place, now_ms);
    if (!place->alive)
        return false;
    place_look_at_due(place, now_ms);
    if (now_ms >= place->scan_ms && !place->scan_full) {
        place_check(place, now_ms); /* what no event told: a parent was renamed */
        if (!place->alive)
            return false;
        begin_scan(place, true, now_ms);
    } else if (now_ms >= watch_poll_due(place->poll) && walk_idle(place->scan)) {
        begin_scan(place, false, now_ms);
    }
    return walk_on(place) || place->touched->len;
}

int64_t place_next_ms(const Place *place)
{
    int64_t scan_ms = MIN(place->scan_ms, watch_poll_due(place->poll));

    if (!place->alive)
        return place->root_ms;
    return MIN(scan_ms, settle_next_ms(place->settle));
}
