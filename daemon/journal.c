/* The bounded ring, the logger thread, and the only file that knows sd-journal.h. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "daemon/journal.h"

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

#include "daemon/entry.h"

enum { RING = 4096, STOP_SECONDS = 5 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    pthread_t thread;
    Entry *ring[RING];
    unsigned first, used;
    int64_t dropped;
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

static void tell(const Entry *entry, bool to_journal)
{
    struct iovec parts[ENTRY_FIELDS];

    for (unsigned i = 0; i < entry->count; i++) {
        parts[i].iov_base = entry->fields[i];
        parts[i].iov_len = strlen(entry->fields[i]);
    }
    /* Without its socket the journal takes messages in silence and loses them. */
    if (to_journal && access("/run/systemd/journal/socket", W_OK) == 0 &&
        sd_journal_sendv(parts, (int) entry->count) >= 0)
        return;
    fprintf(stderr, "%s\n", entry_message(entry));
}

static void tell_dropped(int64_t dropped, bool to_journal)
{
    EventFields fields = { .count = dropped };
    Entry *entry = entry_new(EVENT_DROPPED, &fields);

    tell(entry, to_journal);
    entry_free(entry);
}

static void *log_all(void *unused)
{
    (void) unused;
    pthread_mutex_lock(&journal.lock);
    for (;;) {
        while (!journal.used && !journal.stopping)
            pthread_cond_wait(&journal.filled, &journal.lock);
        if (!journal.used)
            break;
        Entry *entry = journal.ring[journal.first];
        int64_t dropped = journal.dropped;
        journal.first = (journal.first + 1) % RING;
        journal.used--;
        journal.dropped = 0;
        pthread_mutex_unlock(&journal.lock);

        if (dropped)
            tell_dropped(dropped, journal.to_journal);
        tell(entry, journal.to_journal);
        entry_free(entry);
        pthread_mutex_lock(&journal.lock);
    }
    pthread_mutex_unlock(&journal.lock);
    return NULL;
}

void journal_send(EventId id, const EventFields *fields)
{
    if (journal.muted)
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
        tell(entry, stderr_is_journal());
        entry_free(entry);
    }
}

void journal_start(void)
{
    journal.to_journal = stderr_is_journal();
    journal.stopping = false;
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
    if (pthread_timedjoin_np(journal.thread, NULL, &limit))
        pthread_detach(journal.thread);
}

void journal_mute(void)
{
    journal.muted = true;
}
