#include "daemon/watch/readiness.h"

#include <string.h>

#include "base/clock.h"

enum {
    LOOK_MIN_MS = 50,
    LOOK_WRITER_MS = 2,
    LOOK_MAX_MS = 1000,   /* for the first minute of a wait */
    LOOK_LONG_MS = 10000, /* and after it: an editor that keeps a file open costs nothing */
    MINUTE_MS = 60000,
};

const char settle_ours[] = "made by hotfolder: chain = yes would take it";

void settle_note(Past *past, const Look *look, int64_t now_ms)
{
    bool first = past->first_ms == 0;

    if (first)
        past->first_ms = past->news_ms = now_ms;
    if (look->sight != SIGHT_FILE)
        return;
    if (first || look->changed || !fileid_same(&past->id, &look->id) ||
        past->ctime_ns != look->ctime_ns)
        past->changed_ms = now_ms;
    past->id = look->id;
    past->ctime_ns = look->ctime_ns;
}

/* Soon after there was news, rarely when it takes long. */
static int64_t next_look(const Past *past, int64_t now_ms, int64_t least_ms)
{
    int64_t most_ms = now_ms - past->first_ms < MINUTE_MS ? LOOK_MAX_MS : LOOK_LONG_MS;

    return now_ms + CLAMP((now_ms - past->news_ms) / 2, least_ms, most_ms);
}

static Ruling wait_for(const char *reason, const Past *past, int64_t now_ms)
{
    return (Ruling){ VERDICT_WAIT, reason, next_look(past, now_ms, LOOK_MIN_MS) };
}

/* The kernel tells that a writer has closed the file a moment before it stops counting them. */
static Ruling wait_for_writer(const Past *past, int64_t now_ms)
{
    return (Ruling){ VERDICT_WAIT, "still being written", next_look(past, now_ms, LOOK_WRITER_MS) };
}

/* Waits until it has not changed for `span`; then `then` with `reason`. */
static Ruling when_quiet(const Past *past, int64_t span, int64_t now_ms, const char *waiting,
                         Verdict then, const char *reason)
{
    int64_t ready_ms = past->changed_ms + span;

    if (now_ms >= ready_ms)
        return (Ruling){ then, reason, 0 };
    return (Ruling){ VERDICT_WAIT, waiting, MIN(ready_ms, next_look(past, now_ms, LOOK_MIN_MS)) };
}

static const char *left_reason(const Look *look)
{
    return look->probe.format == FORMAT_NONE ? look->probe.kind
                                             : format_refusal(look->probe.format);
}

/* No picture that we work on. What calls itself by a name is left at once where nobody writes it;
 * an unknown beginning may still become a picture. */
static Ruling rule_other(const Look *look, const Past *past, const Folder *folder, int64_t now_ms)
{
    bool named = strcmp(look->probe.kind, "unknown") != 0;

    if (named && look->lease == LEASE_FREE)
        return (Ruling){ VERDICT_LEAVE, left_reason(look), 0 };
    return when_quiet(past, folder->quiet_ms, now_ms, "not known to be finished", VERDICT_LEAVE,
                      left_reason(look));
}

static Ruling rule_picture(const Look *look, const Past *past, const Folder *folder, int64_t now_ms)
{
    switch (look->probe.complete) {
    case COMPLETE_NO:
        return when_quiet(past, folder->incomplete_ms, now_ms, "incomplete", VERDICT_INCOMPLETE,
                          look->probe.missing);
    case COMPLETE_YES:
        if (look->lease == LEASE_FREE)
            return (Ruling){ VERDICT_READY, NULL, 0 };
        break;
    case COMPLETE_UNKNOWN:
        break;
    }
    return when_quiet(past, folder->quiet_ms, now_ms, "not known to be finished", VERDICT_READY,
                      NULL);
}

Ruling settle_rule(const Look *look, const Past *past, const Folder *folder, int64_t now_ms)
{
    switch (look->sight) {
    case SIGHT_GONE:
        return (Ruling){ VERDICT_GONE, NULL, 0 };
    case SIGHT_ODD:
        return (Ruling){ VERDICT_LEAVE, look->odd, 0 };
    case SIGHT_BARRED: /* a change of its permissions is an event; look once more to tell of it */
        return (Ruling){ VERDICT_WAIT, "not readable",
                         now_ms - past->first_ms < SETTLE_TELL_MS ? past->first_ms + SETTLE_TELL_MS
                                                                  : CLOCK_NEVER };
    case SIGHT_FILE:
        break;
    }
    if (look->changed)
        return (Ruling){ VERDICT_WAIT, "still changing", now_ms + LOOK_MIN_MS };
    if (look->id.size == 0)
        return wait_for("empty", past, now_ms);
    if (look->lease == LEASE_WRITER ||
        (look->lease == LEASE_DOUBT && now_ms < past->changed_ms + folder->incomplete_ms))
        return wait_for_writer(past, now_ms);
    if (look->partner)
        return wait_for("still being downloaded", past, now_ms);
    if (!look->probed)
        return wait_for("not readable", past, now_ms);
    if (look->ours && !folder->chain)
        return (Ruling){ VERDICT_LEAVE, settle_ours, 0 };
    if (!(folder->limits.accept & FORMAT_BIT(look->probe.format)))
        return rule_other(look, past, folder, now_ms);
    return rule_picture(look, past, folder, now_ms);
}
