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
#include "daemon/journal/ratelimit.h"
#include "daemon/journal/record.h"

enum { RING = 4096, STOP_SECONDS = 5 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    pthread_t thread;
    Entry *ring[RING];
    Flood *flood;
    unsigned first, used;
    int64_t dropped; /* not told yet that they were */
    bool heard;      /* the last one was taken: that some were not can be told */
    bool running, stopping, muted, to_journal;
} journal = { .lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER };

/* Whether our standard error is the journal's own stream (systemd.exec(5), $JOURNAL_STREAM): then
 * the entries with their fields go to the journal, else lines go to stderr for who started us. */
static bool stderr_is_journal(void)
{
    const char *stream = g_getenv("JOURNAL_STREAM");
    uint64_t device = 0, inode = 0;
    struct stat st;

    return stream && sscanf(stream, "%" SCNu64 ":%" SCNu64, &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/* False where neither the journal nor standard error takes it. */
static bool tell(const Entry *entry, bool to_journal)
{
    struct iovec parts[ENTRY_FIELDS];

    for (unsigned i = 0; i < entry->count; i++) {
        parts[i].iov_base = entry->fields[i];
        parts[i].iov_len = strlen(entry->fields[i]);
    }
    /* Without its socket the journal takes messages in silence and loses them. */
    if (to_journal && access("/run/systemd/journal/socket", W_OK) == 0 &&
        sd_journal_sendv(parts, (int) entry->count) >= 0)
        return true;
    return fprintf(stderr, "%s\n", entry_message(entry)) > 0;
}

/* ---- the logger thread; the lock is held but while something is told ---- */

/* The sum of messages that were kept back, if it is to be told by now; else NULL. */
static Entry *take_sum(int64_t now_ms)
{
    EventFields fields = { 0 };
    g_autofree char *folder = NULL;
    EventId id = EVENT_MORE;

    if (!flood_due(journal.flood, now_ms, &id, &folder, &fields.count))
        return NULL;
    fields.folder = folder;
    fields.reason = event_row(id)->name;
    return entry_new(EVENT_MORE, &fields);
}

/* What is to be told next, and for how many messages it stands; NULL: nothing yet, or, when we are
 * stopping, nothing more. */
static Entry *take(int64_t *stands_for)
{
    Entry *entry = NULL;

    *stands_for = 1;
    if (journal.dropped && journal.heard) {
        EventFields fields = { .count = journal.dropped };
        *stands_for = journal.dropped;
        journal.dropped = 0;
        return entry_new(EVENT_DROPPED, &fields);
    }
    entry = take_sum(clock_ms());
    if (entry)
        return entry;
    if (journal.used) {
        entry = journal.ring[journal.first];
        journal.first = (journal.first + 1) % RING;
        journal.used--;
        return entry;
    }
    return journal.stopping ? take_sum(FLOOD_NEVER) : NULL;
}

static void wait_for_more(void)
{
    int64_t next_ms = flood_next_ms(journal.flood);
    int64_t ms = next_ms - clock_ms();
    struct timespec until;

    if (next_ms == FLOOD_NEVER) {
        pthread_cond_wait(&journal.filled, &journal.lock);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000 + 1; /* a sum may come a little late */
    pthread_cond_clockwait(&journal.filled, &journal.lock, CLOCK_MONOTONIC, &until);
}

static void *log_all(void *unused)
{
    (void) unused;
    pthread_mutex_lock(&journal.lock);
    for (;;) {
        int64_t stands_for = 0;
        Entry *entry = take(&stands_for);
        if (!entry && journal.stopping)
            break;
        if (!entry) {
            wait_for_more();
            continue;
        }
        pthread_mutex_unlock(&journal.lock);
        bool heard = tell(entry, journal.to_journal);
        entry_free(entry);
        pthread_mutex_lock(&journal.lock);
        journal.heard = heard;
        journal.dropped += heard ? 0 : stands_for;
    }
    pthread_mutex_unlock(&journal.lock);
    return NULL;
}

/* ---- what others call ---- */

/* Whether it is kept back, and counted, since there are too many of its kind. */
static bool kept_back(EventId id, const EventFields *fields)
{
    pthread_mutex_lock(&journal.lock);
    bool kept = journal.running && !flood_passes(journal.flood, id, fields->folder, clock_ms());
    if (kept)
        pthread_cond_signal(&journal.filled); /* it may have to wait until the sum is due */
    pthread_mutex_unlock(&journal.lock);
    return kept;
}

void journal_send(EventId id, const EventFields *fields)
{
    if (journal.muted || kept_back(id, fields))
        return;

    Entry *entry = entry_new(id, fields);
    Entry *lost = NULL;
    pthread_mutex_lock(&journal.lock);
    bool running = journal.running;
    if (running &&
        journal.used == RING) { /* an error drives out the oldest; the rest is lost itself */
        bool keep = entry->priority <= LOG_ERR;
        lost = keep ? journal.ring[journal.first] : entry;
        journal.first = (journal.first + keep) % RING;
        journal.used -= keep;
        journal.dropped++;
    }
    if (running && entry != lost) {
        journal.ring[(journal.first + journal.used++) % RING] = entry;
        pthread_cond_signal(&journal.filled);
    }
    pthread_mutex_unlock(&journal.lock);

    if (lost)
        entry_free(lost);
    if (!running) {
        /* Of a process that is about to end, journald may no longer find out which unit it was, and
         * journalctl -u would not show its last words. Of a stream it knows. */
        if (stderr_is_journal())
            fprintf(stderr, "<%d>", entry->priority);
        fprintf(stderr, "%s\n", entry_message(entry));
        entry_free(entry);
    }
}

void journal_start(void)
{
    journal.to_journal = stderr_is_journal();
    journal.flood = flood_new();
    journal.stopping = false;
    journal.heard = true;
    journal.running = pthread_create(&journal.thread, NULL, log_all, NULL) == 0;
}

void journal_stop(void)
{
    struct timespec limit;

    if (!journal.running)
        return;
    pthread_mutex_lock(&journal.lock);
    journal.stopping = true;
    journal.running = false;
    pthread_cond_signal(&journal.filled);
    pthread_mutex_unlock(&journal.lock);
    /* A journal that hangs keeps us for a while, not for ever. */
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += STOP_SECONDS;
    if (pthread_timedjoin_np(journal.thread, NULL, &limit)) {
        pthread_detach(journal.thread); /* and leave it what it works with */
        return;
    }
    flood_free(g_steal_pointer(&journal.flood));
}

void journal_mute(void)
{
    journal.muted = true;
}
