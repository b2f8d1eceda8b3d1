#include "daemon/watch/files.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/files/beneath.h"
#include "daemon/journal/crash_record.h"
#include "daemon/journal/journal.h"
#include "daemon/settings/ignore.h"

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void drop_candidate(Place *place, const char *path)
{
    Candidate *candidate = settle_find(place->settle, path);

    if (candidate)
        settle_drop(place->settle, candidate);
}

static void gone(Place *place, const char *path)
{
    drop_candidate(place, path);
    left_drop(place->left, path);
}

/* Names that are always litter are only counted; a file that might have been meant is told of. */
static void leave(Place *place, const char *path, const FileId *id, const char *reason, bool tell)
{
    bool news = left_add(place->left, path, id, reason);

    drop_candidate(place, path);
    if (news && tell)
        journal_event(EVENT_LEFT, .folder = place->folder->name, .source = path, .reason = reason);
}

/* Waits for as long as the rule says; NULL when too many are waiting, and a scan shall come back.
 */
static Candidate *wait_on(Place *place, const char *path, const Past *past, const char *reason,
                          int64_t due_ms, int64_t now_ms)
{
    Candidate *candidate = settle_add(place->settle, path, now_ms);
    int64_t tell_ms = past->first_ms + SETTLE_TELL_MS;

    if (!candidate) {
        place->scan_ms = MIN(place->scan_ms, now_ms + PLACE_SOON_MS);
        return NULL;
    }
    candidate->past = *past;
    if (!candidate->told && now_ms >= tell_ms) {
        candidate->told = true;
        journal_event(EVENT_WAITING, .folder = place->folder->name, .source = path,
                      .reason = reason);
    }
    settle_wait(place->settle, candidate, reason, candidate->told ? due_ms : MIN(due_ms, tell_ms));
    left_pause(place->left, path);
    return candidate;
}

/* The intake did not take it: it stays, and is looked at again after a growing while. */
static void refused(Place *place, const char *path, const Past *past, const Error *error,
                    int64_t now_ms)
{
    const char *reason =
        error->kind == ERROR_LATER ? "replaced while it is worked on" : "the ledger cannot take it";
    Candidate *candidate = wait_on(place, path, past, reason, now_ms, now_ms);
    int64_t delay_ms = 0;

    if (candidate) {
        delay_ms = MIN(INT64_C(250) << MIN(candidate->refused, 8), 60000);
        candidate->refused++;
        settle_wait(place->settle, candidate, reason, now_ms + delay_ms);
    }
    if (error->kind != ERROR_LATER && !place->common->trouble_told) {
        place->common->trouble_told = true;
        journal_event(EVENT_TROUBLE, .folder = place->folder->name, .source = path, .error = error);
    }
}

static void offer(Place *place, const char *path, const Look *look, const Past *past,
                  int64_t now_ms)
{
    WatchCommon *common = place->common;
    g_autoptr(Error) error = NULL;

    if (!intake_offer(common->intake, place->folder, path, look->fd, &look->id, &error)) {
        refused(place, path, past, error, now_ms);
        return;
    }
    common->trouble_told = false;
    seen_drop(place->seen, path);
    gone(place, path); /* from what we have to care for */
    if (++common->offered >= PLACE_TURN)
        place_flush(common, now_ms);
}

void place_flush(WatchCommon *common, int64_t now_ms)
{
    g_autoptr(Error) error = NULL;

    if (intake_flush(common->intake, &error)) {
        common->offered = 0;
        common->flush_ms = 0;
        common->flush_fails = 0;
        return;
    }
    common->offered = 1; /* something is left to be flushed */
    common->flush_ms = now_ms + MIN(INT64_C(250) << MIN(common->flush_fails, 8), 60000);
    if (error->kind == ERROR_LATER) /* all was taken but what is in work: others need not wait */
        common->flush_fails = 0;
    else if (common->flush_fails++ == 0)
        journal_event(EVENT_TROUBLE, .error = error);
}

static void judge(Place *place, const char *path, const Look *look, int64_t now_ms)
{
    const Candidate *candidate = settle_find(place->settle, path);
    Past past = candidate ? candidate->past : (Past){ 0 };
    Ruling ruling;

    settle_note(&past, look, now_ms);
    ruling = settle_rule(look, &past, place->folder, now_ms);
    switch (ruling.verdict) {
    case VERDICT_GONE:
        gone(place, path);
        place_check(place, now_ms); /* or the whole folder is gone, which no event tells */
        break;
    case VERDICT_WAIT:
        wait_on(place, path, &past, ruling.reason, ruling.again_ms, now_ms);
        break;
    case VERDICT_READY:
        if (!place->folder->chain && intake_made(place->common->intake, &look->id)) {
            leave(place, path, &look->id, settle_ours, true);
            break;
        }
        G_GNUC_FALLTHROUGH;
    case VERDICT_INCOMPLETE: /* the attempt at it will say what is missing */
        offer(place, path, look, &past, now_ms);
        break;
    case VERDICT_LEAVE:
        leave(place, path, look->sight == SIGHT_FILE ? &look->id : NULL, ruling.reason, true);
        break;
    }
}

static void look_now(Place *place, const char *path, int64_t now_ms)
{
    Look look;

    obituary_subject(place->folder->name, path);
    look_at(place->folder->path, path, &look);
    judge(place, path, &look, now_ms);
    look_close(&look);
    obituary_subject(NULL, NULL);
}

/* Whether nothing needs to be opened: its name, its type, or an earlier verdict on this very file
 * says enough. */
static bool known(Place *place, const char *path, const char *name, const struct stat *st)
{
    const char *litter = litter_reason(place->folder, name, false);
    const char *odd = look_odd(st->st_mode);
    FileId id = fileid_of(st);
    bool over = false;

    if (litter || odd) {
        leave(place, path, NULL, litter ? litter : odd, !litter);
        return true;
    }
    if (left_knows(place->left, path, &id))
        return true;
    if (id.size == 0 || !intake_knows(place->common->intake, place->folder, path, &id, &over))
        return false;
    if (over && watch_poll_any(place->poll))
        seen_add(place->seen, path, &id);
    gone(place, path);
    return true;
}

void place_meet(Place *place, const char *path, const char *name, const struct stat *st, bool poll,
                int64_t now_ms)
{
    FileId id = fileid_of(st);

    if (poll && seen_has(place->seen, path, &id))
        return;
    if (known(place, path, name, st))
        return;
    const Candidate *candidate = settle_find(place->settle, path);
    if (candidate && candidate->due_ms != CLOCK_NEVER) { /* it has its own time */
        left_pause(place->left, path);
        return;
    }
    look_now(place, path, now_ms);
    place->looks_ms += clock_ms() - now_ms;
}

void place_file_touched(Place *place, const char *path)
{
    if (g_hash_table_contains(place->touched_set, path))
        return;
    if (place->touched->len >= place->common->hints_max) {
        place_hints_lost(place, clock_ms());
        return;
    }
    g_ptr_array_add(place->touched, g_strdup(path));
    g_hash_table_add(place->touched_set, place->touched->pdata[place->touched->len - 1]);
}

void place_file_went(Place *place, const char *path)
{
    gone(place, path);
    if (g_str_has_suffix(path, ".aria2")) { /* the download beside it has ended */
        g_autofree char *download = g_strndup(path, strlen(path) - strlen(".aria2"));

        place_file_touched(place, download);
    }
}

void place_look_at_touched(Place *place, int64_t now_ms)
{
    guint done = 0;

    /* A look may read many megabytes: other folders have their turn, too. */
    for (; done < place->touched->len && (!done || clock_ms() < now_ms + PLACE_TURN_MS); done++) {
        const char *path = place->touched->pdata[done];
        Candidate *candidate = settle_find(place->settle, path);
        struct stat st;

        if (candidate)
            candidate->past.news_ms = now_ms;

        if (!beneath_stat(place->folder->path, path, &st)) {
            look_now(place, path, now_ms); /* gone, most likely: the rule knows */
        } else if (S_ISDIR(st.st_mode)) {
            gone(place, path);
        } else if (!known(place, path, last_part(path), &st)) {
            look_now(place, path, clock_ms());
        }
    }
    for (guint i = 0; i < done; i++)
        g_hash_table_remove(place->touched_set, place->touched->pdata[i]);
    if (done)
        g_ptr_array_remove_range(place->touched, 0, done);
}

void place_look_at_due(Place *place, int64_t now_ms)
{
    const Candidate *candidate = NULL;

    for (int i = 0; i < PLACE_TURN && (!i || clock_ms() < now_ms + PLACE_TURN_MS) &&
                    (candidate = settle_due(place->settle, now_ms));
         i++) {
        g_autofree char *path = g_strdup(candidate->path); /* the look may drop it */

        look_now(place, path, now_ms);
    }
}
