/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bounded ring, the logger thread, and the only file that knows sd-journal.h. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "daemon/journal/journal.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/journal/ratelimit.h"
#include "daemon/journal/record.h"

enum { RING_RECORDS = 4096, STOP_SECONDS = 5, LINGER_US = 500 * 1000 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    Record *ring[RING_RECORDS];
    RateLimiter *limiter;
    unsigned first, used;
    int64_t lost; /* messages that were lost and not reported yet */
    bool written; /* the last record was written: a report of lost ones would be, too */
    bool running, stopping, muted, to_journal;
} journal = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

/* Whether our standard error is the journal's own stream (systemd.exec(5), $JOURNAL_STREAM): then
 * records with their fields go to the journal, else lines go to stderr, to the person who started
 * us. */
static bool stderr_is_journal(void)
{
    const char *stream = g_getenv("JOURNAL_STREAM");
    uint64_t device = 0, inode = 0;
    struct stat st;

    return stream && sscanf(stream, "%" SCNu64 ":%" SCNu64, &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/* False where neither the journal nor standard error takes it. */
static bool write_record(const Record *record, bool to_journal)
{
    struct iovec parts[RECORD_FIELDS];

    for (unsigned i = 0; i < record->count; i++) {
        parts[i].iov_base = record->fields[i];
        parts[i].iov_len = strlen(record->fields[i]);
    }
    /* Without its socket sd_journal_sendv() succeeds, and the message is lost. */
    if (to_journal && access("/run/systemd/journal/socket", W_OK) == 0 &&
        sd_journal_sendv(parts, (int) record->count) >= 0)
        return true;
    return fprintf(stderr, "%s\n", record_message(record)) > 0;
}

/* ---- the logger thread; it holds the lock except while it writes a record ---- */

/* How many messages were suppressed, as a record, if that is due by now; else NULL. */
static Record *take_suppressed(int64_t now_ms)
{
    EventFields fields = { 0 };
    g_autofree char *folder = NULL;
    EventId id = EVENT_SUPPRESSED;

    if (!ratelimit_take_suppressed(journal.limiter, now_ms, &id, &folder, &fields.count))
        return NULL;
    fields.folder = folder;
    fields.reason = event_row(id)->name;
    return record_new(EVENT_SUPPRESSED, &fields);
}

/* The next record to write, and how many messages it stands for. NULL: none yet, or, when we are
 * stopping, none any more. */
static Record *take_next(int64_t *messages)
{
    Record *record = NULL;

    *messages = 1;
    if (journal.lost && journal.written) {
        EventFields fields = { .count = journal.lost };
        *messages = journal.lost;
        journal.lost = 0;
        return record_new(EVENT_MESSAGES_LOST, &fields);
    }
    record = take_suppressed(clock_ms());
    if (record)
        return record;
    if (journal.used) {
        record = journal.ring[journal.first];
        journal.first = (journal.first + 1) % RING_RECORDS;
        journal.used--;
        return record;
    }
    return journal.stopping ? take_suppressed(RATELIMIT_NEVER) : NULL;
}

static void wait_for_record(void)
{
    int64_t next_ms = ratelimit_next_ms(journal.limiter);
    int64_t ms = next_ms - clock_ms();
    struct timespec until;

    if (next_ms == RATELIMIT_NEVER) {
        pthread_cond_wait(&journal.changed, &journal.lock);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000 + 1; /* a count may come a little late */
    pthread_cond_clockwait(&journal.changed, &journal.lock, CLOCK_MONOTONIC, &until);
}

static void *run_logger(void *unused)
{
    (void) unused;
    pthread_mutex_lock(&journal.lock);
    for (;;) {
        int64_t messages = 0;
        Record *record = take_next(&messages);
        if (!record && journal.stopping)
            break;
        if (!record) {
            wait_for_record();
            continue;
        }
        pthread_mutex_unlock(&journal.lock);
        bool written = write_record(record, journal.to_journal);
        record_free(record);
        pthread_mutex_lock(&journal.lock);
        journal.written = written;
        journal.lost += written ? 0 : messages;
    }
    pthread_mutex_unlock(&journal.lock);
    return NULL;
}

/* ---- for the other threads ---- */

/* Whether too many of its kind came: then the event is only counted. */
static bool is_suppressed(EventId id, const EventFields *fields)
{
    pthread_mutex_lock(&journal.lock);
    bool suppressed =
        journal.running && !ratelimit_allows(journal.limiter, id, fields->folder, clock_ms());
    if (suppressed) /* the logger may have to wait for the end of the interval */
        pthread_cond_signal(&journal.changed);
    pthread_mutex_unlock(&journal.lock);
    return suppressed;
}

void journal_send(EventId id, const EventFields *fields)
{
    if (journal.muted || is_suppressed(id, fields))
        return;

    Record *record = record_new(id, fields);
    Record *discarded = NULL;
    pthread_mutex_lock(&journal.lock);
    bool running = journal.running;
    /* an error replaces the oldest record; another event is discarded */
    if (running && journal.used == RING_RECORDS) {
        bool replaces = record->priority <= LOG_ERR;
        discarded = replaces ? journal.ring[journal.first] : record;
        journal.first = (journal.first + replaces) % RING_RECORDS;
        journal.used -= replaces;
        journal.lost++;
    }
    if (running && record != discarded) {
        journal.ring[(journal.first + journal.used++) % RING_RECORDS] = record;
        pthread_cond_signal(&journal.changed);
    }
    pthread_mutex_unlock(&journal.lock);

    if (discarded)
        record_free(discarded);
    if (!running) {
        /* journald may no longer find out to which unit a process that is about to end belonged,
         * and `journalctl -u` would not show its last message. Of a stream it knows the unit. */
        if (stderr_is_journal())
            fprintf(stderr, "<%d>", record->priority);
        fprintf(stderr, "%s\n", record_message(record));
        record_free(record);
    }
}

void journal_start(void)
{
    journal.to_journal = stderr_is_journal();
    journal.limiter = ratelimit_new();
    journal.stopping = false;
    journal.written = true;
    journal.running = thread_start(&journal.thread, run_logger, NULL) == 0;
}

void journal_stop(void)
{
    struct timespec limit;

    if (!journal.running)
        return;
    pthread_mutex_lock(&journal.lock);
    journal.stopping = true;
    journal.running = false;
    pthread_cond_signal(&journal.changed);
    pthread_mutex_unlock(&journal.lock);
    /* A journal that hangs delays the stop by five seconds at most. */
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += STOP_SECONDS;
    if (pthread_timedjoin_np(journal.thread, NULL, &limit)) {
        pthread_detach(journal.thread); /* and the limiter stays, which the thread still uses */
        return;
    }
    ratelimit_free(g_steal_pointer(&journal.limiter));
}

void journal_linger(void)
{
    if (journal.to_journal)
        usleep(LINGER_US);
}

void journal_mute(void)
{
    journal.muted = true;
}
