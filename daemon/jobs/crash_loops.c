/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/crash_loops.h"

#include <pthread.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/metrics/metrics.h"

enum { CRASH_LOOP = 10 }; /* crashes of workers over one folder's pictures, within a window */

/* The crashes over one folder's pictures. */
typedef struct CrashLoop {
    int crashes; /* since window_began_ms */
    int64_t window_began_ms;
    int64_t paused_until_ms; /* when the folder goes on; 0: it does not pause */
} CrashLoop;

struct CrashLoops {
    pthread_mutex_t lock;
    GHashTable *by_folder; /* folder name -> CrashLoop */
};

CrashLoops *crash_loops_new(void)
{
    CrashLoops *loops = g_new0(CrashLoops, 1);

    loops->by_folder = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    pthread_mutex_init(&loops->lock, NULL);
    return loops;
}

void crash_loops_free(CrashLoops *loops)
{
    g_hash_table_destroy(loops->by_folder);
    pthread_mutex_destroy(&loops->lock);
    g_free(loops);
}

/* Under the lock. */
static CrashLoop *loop_of(CrashLoops *loops, const char *folder)
{
    CrashLoop *loop = g_hash_table_lookup(loops->by_folder, folder);

    if (!loop) {
        loop = g_new0(CrashLoop, 1);
        g_hash_table_insert(loops->by_folder, g_strdup(folder), loop);
    }
    return loop;
}

void crash_loops_count(CrashLoops *loops, const char *folder, const JobTimes *times)
{
    int64_t now = clock_ms();

    pthread_mutex_lock(&loops->lock);
    CrashLoop *loop = loop_of(loops, folder);
    if (now - loop->window_began_ms > times->crash_window_ms) {
        loop->window_began_ms = now;
        loop->crashes = 0;
    }
    loop->crashes++;
    pthread_mutex_unlock(&loops->lock);
}

int64_t crash_loops_pause(CrashLoops *loops, const char *folder, const JobTimes *times)
{
    int64_t now = clock_ms(), until = 0;
    int crashes = 0;

    pthread_mutex_lock(&loops->lock);
    CrashLoop *loop = g_hash_table_lookup(loops->by_folder, folder);
    if (loop && loop->crashes >= CRASH_LOOP) {
        crashes = loop->crashes;
        *loop = (CrashLoop){ .paused_until_ms = now + times->cool_down_ms };
    }
    if (loop && loop->paused_until_ms > now)
        until = loop->paused_until_ms;
    pthread_mutex_unlock(&loops->lock);
    if (crashes) {
        metrics_add(METRIC_CRASH_LOOPS, 1, folder, NULL, NULL);
        journal_event(EVENT_CRASH_LOOP, .folder = folder, .count = crashes);
    }
    return until;
}
