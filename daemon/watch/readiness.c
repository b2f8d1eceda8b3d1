/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/readiness.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/reasons.h"

enum {
    CHECK_MIN_MS = 50,
    CHECK_WRITER_MS = 2,
    CHECK_MAX_MS = 1000,   /* in the first minute of a wait */
    CHECK_LONG_MS = 10000, /* later: an editor may keep a file open for hours */
    MINUTE_MS = 60000,
};

static const char not_permitted[] =
    "not readable; give the service the right to read it, as with `chmod g+r`";
static const char not_readable[] = "not readable; check the disk or the share that it is on";

const char readiness_made_by_us[] = "made by hotfolder; chain = yes accepts it";

void readiness_add(FileHistory *history, const Observation *observation, int64_t now_ms)
{
    bool first = history->first_ms == 0;

    if (first)
        history->first_ms = history->event_ms = now_ms;
    if (observation->presence != PRESENCE_FILE)
        return;
    if (first || observation->changed || !fileid_same(&history->id, &observation->id) ||
        history->ctime_ns != observation->ctime_ns)
        history->changed_ms = now_ms;
    history->id = observation->id;
    history->ctime_ns = observation->ctime_ns;
}

/* The next check: soon after an event, rarely when the wait is long. */
static int64_t next_check(const FileHistory *history, int64_t now_ms, int64_t least_ms)
{
    int64_t most_ms = now_ms - history->first_ms < MINUTE_MS ? CHECK_MAX_MS : CHECK_LONG_MS;

    return now_ms + CLAMP((now_ms - history->event_ms) / 2, least_ms, most_ms);
}

Verdict readiness_locked(const FileHistory *history, int64_t now_ms)
{
    Verdict verdict = { VERDICT_PENDING, REASON_LOCKED, 0 };

    verdict.again_ms = MIN(next_check(history, now_ms, CHECK_MIN_MS), now_ms + CHECK_MAX_MS);
    return verdict;
}

static Verdict wait_for(const char *reason, const FileHistory *history, int64_t now_ms)
{
    return (Verdict){ VERDICT_PENDING, reason, next_check(history, now_ms, CHECK_MIN_MS) };
}

/* The kernel sends the event of a close a moment before it stops counting the writer. */
static Verdict wait_for_writer(const FileHistory *history, int64_t now_ms)
{
    return (Verdict){ VERDICT_PENDING, REASON_WRITTEN,
                      next_check(history, now_ms, CHECK_WRITER_MS) };
}

/* Pending until the file has not changed for `span`; after that `then` with `reason`. */
static Verdict when_quiet(const FileHistory *history, int64_t span, int64_t now_ms,
                          const char *waiting, VerdictKind then, const char *reason)
{
    int64_t ready_ms = history->changed_ms + span;

    if (now_ms >= ready_ms)
        return (Verdict){ then, reason, 0 };
    return (Verdict){ VERDICT_PENDING, waiting,
                      MIN(ready_ms, next_check(history, now_ms, CHECK_MIN_MS)) };
}

static const char *reason_to_ignore(const Observation *observation)
{
    return observation->probe.format == FORMAT_NONE ? observation->probe.kind
                                                    : format_refusal(observation->probe.format);
}

/* The content is no picture of an accepted format. A file that should be one by its name fails, as
 * its user expects a picture of it; it has the time that a half picture has to arrive. A content of
 * a known kind is ignored at once where no process writes it; an unknown beginning may still become
 * a picture. */
static Verdict rule_other(const Observation *observation, const FileHistory *history,
                          const Folder *folder, int64_t now_ms)
{
    bool named = strcmp(observation->probe.kind, REASON_UNKNOWN) != 0;

    if (probe_breaks_promise(&observation->probe, observation->promised, folder->limits.accept))
        return when_quiet(history, folder->incomplete_ms, now_ms, REASON_MAYBE_CUT,
                          VERDICT_INCOMPLETE, observation->probe.kind);
    if (named && observation->lease == LEASE_FREE)
        return (Verdict){ VERDICT_IGNORE, reason_to_ignore(observation), 0 };
    return when_quiet(history, folder->quiet_ms, now_ms, REASON_MAYBE_CUT, VERDICT_IGNORE,
                      reason_to_ignore(observation));
}

static Verdict rule_picture(const Observation *observation, const FileHistory *history,
                            const Folder *folder, int64_t now_ms)
{
    switch (observation->probe.complete) {
    case COMPLETE_NO:
        return when_quiet(history, folder->incomplete_ms, now_ms, REASON_CUT, VERDICT_INCOMPLETE,
                          observation->probe.missing);
    case COMPLETE_YES:
        if (observation->lease == LEASE_FREE)
            return (Verdict){ VERDICT_READY, NULL, 0 };
        break;
    case COMPLETE_UNKNOWN:
        break;
    }
    return when_quiet(history, folder->quiet_ms, now_ms, REASON_MAYBE_CUT, VERDICT_READY, NULL);
}

/* What is true of every file. READY: its content decides. */
static Verdict rule_any(const Observation *observation, const FileHistory *history,
                        const Folder *folder, int64_t now_ms)
{
    switch (observation->presence) {
    case PRESENCE_GONE:
        return (Verdict){ VERDICT_GONE, NULL, 0 };
    case PRESENCE_IRREGULAR:
        return (Verdict){ VERDICT_IGNORE, observation->irregular, 0 };
    case PRESENCE_UNREADABLE:
        /* a change of its permissions is an event; one more check reports it */
        return (Verdict){ VERDICT_PENDING,
                          observation->error == EACCES || observation->error == EPERM
                              ? not_permitted
                              : not_readable,
                          now_ms - history->first_ms < READINESS_REPORT_MS
                              ? history->first_ms + READINESS_REPORT_MS
                              : CLOCK_NEVER };
    case PRESENCE_FILE:
        break;
    }
    if (observation->changed)
        return (Verdict){ VERDICT_PENDING, REASON_CHANGES, now_ms + CHECK_MIN_MS };
    if (observation->id.size == 0)
        return wait_for(REASON_EMPTY, history, now_ms);
    if (observation->lease == LEASE_WRITER ||
        (observation->lease == LEASE_UNCERTAIN &&
         now_ms < history->changed_ms + folder->incomplete_ms))
        return wait_for_writer(history, now_ms);
    if (observation->control_file)
        return wait_for(REASON_DOWNLOADED, history, now_ms);
    if (!observation->probed)
        return wait_for(not_readable, history, now_ms);
    if (observation->made_by_us && !folder->chain)
        return (Verdict){ VERDICT_IGNORE, readiness_made_by_us, 0 };
    return (Verdict){ VERDICT_READY, NULL, 0 };
}

Verdict readiness_verdict(const Observation *observation, const FileHistory *history,
                          const Folder *folder, int64_t now_ms)
{
    Verdict any = rule_any(observation, history, folder, now_ms);

    if (any.kind != VERDICT_READY)
        return any;
    if (!(folder->limits.accept & FORMAT_BIT(observation->probe.format)))
        return rule_other(observation, history, folder, now_ms);
    return rule_picture(observation, history, folder, now_ms);
}

/* Nothing is made of it: what stays incomplete moves as it is. */
Verdict readiness_companion(const Observation *observation, const FileHistory *history,
                            const Folder *folder, int64_t now_ms)
{
    Verdict any = rule_any(observation, history, folder, now_ms);
    bool cut = observation->probe.complete == COMPLETE_NO;

    if (any.kind != VERDICT_READY ||
        (observation->probe.complete == COMPLETE_YES && observation->lease == LEASE_FREE))
        return any;
    return when_quiet(history, cut ? folder->incomplete_ms : folder->quiet_ms, now_ms,
                      cut ? REASON_CUT : REASON_MAYBE_CUT, VERDICT_READY, NULL);
}
