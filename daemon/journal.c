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

#include "base/text.h"

enum { RING = 4096, FIELDS = 16, STOP_SECONDS = 5 };

/* One message, ready to be told. */
typedef struct Record {
    int priority;
    unsigned count;
    char *fields[FIELDS]; /* "NAME=value", the first is MESSAGE= */
} Record;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    pthread_t thread;
    Record *ring[RING];
    unsigned first, used;
    int64_t dropped;
    bool running, stopping, muted, to_journal;
} journal = { .lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER };

static void record_free(Record *record)
{
    for (unsigned i = 0; i < record->count; i++)
        g_free(record->fields[i]);
    g_free(record);
}

/* ---- from fields to text ---- */

static char *value_of(const char *name, const EventFields *f)
{
    if (!strcmp(name, "folder"))
        return text_escape(f->folder ? f->folder : "");
    if (!strcmp(name, "source"))
        return text_escape(f->source ? f->source : "");
    if (!strcmp(name, "output"))
        return text_escape(f->output ? f->output : "nothing to write");
    if (!strcmp(name, "reason"))
        return g_strdup(f->reason ? f->reason : "");
    if (!strcmp(name, "error"))
        return f->error ? error_text(f->error) : g_strdup("");
    if (!strcmp(name, "attempt"))
        return g_strdup_printf("%d", f->attempt);
    if (!strcmp(name, "count"))
        return g_strdup_printf("%" PRId64, f->count);
    if (!strcmp(name, "duration"))
        return g_strdup_printf("%.2f s", (double) f->duration_ms / 1000);
    if (!strcmp(name, "delay"))
        return g_strdup_printf("%.1f s", (double) f->delay_ms / 1000);
    g_assert_not_reached();
}

static char *sentence(EventId id, const EventFields *f)
{
    GString *text = g_string_new(NULL);

    for (const char *c = journal_row(id)->sentence; *c; c++) {
        const char *end = *c == '{' ? strchr(c, '}') : NULL;
        if (!end) {
            g_string_append_c(text, *c);
            continue;
        }
        g_autofree char *name = g_strndup(c + 1, (gsize) (end - c - 1));
        g_autofree char *value = value_of(name, f);
        g_string_append(text, value);
        c = end;
    }
    return g_string_free(text, FALSE);
}

static void add(Record *record, const char *name, const char *value)
{
    if (!value)
        return;
    g_assert(record->count < FIELDS);
    record->fields[record->count++] = g_strdup_printf("%s=%s", name, value);
}

static void add_number(Record *record, const char *name, bool known, int64_t number)
{
    g_autofree char *text = g_strdup_printf("%" PRId64, number);

    if (known)
        add(record, name, text);
}

static Record *record_of(EventId id, const EventFields *f)
{
    const EventRow *row = journal_row(id);
    Record *record = g_new0(Record, 1);
    g_autofree char *message = sentence(id, f);
    g_autofree char *error = f->error ? error_text(f->error) : NULL;

    record->priority = row->priority;
    add(record, "MESSAGE", message);
    add(record, "MESSAGE_ID", row->message_id);
    add_number(record, "PRIORITY", true, row->priority);
    add(record, "SYSLOG_IDENTIFIER", "hotfolder");
    add(record, "HOTFOLDER_FOLDER", f->folder);
    add(record, "HOTFOLDER_PROFILE", f->profile);
    add(record, "HOTFOLDER_SOURCE", f->source);
    add(record, "HOTFOLDER_OUTPUT", f->output);
    add(record, "HOTFOLDER_REASON", f->reason);
    add(record, "HOTFOLDER_ERROR", error);
    add(record, "HOTFOLDER_ERROR_KIND", f->error ? error_kind_word(f->error->kind) : NULL);
    add_number(record, "HOTFOLDER_JOB", f->job != 0, f->job);
    add_number(record, "HOTFOLDER_ATTEMPT", f->attempt != 0, f->attempt);
    add_number(record, "HOTFOLDER_DURATION_MS", f->timed, f->duration_ms);
    add_number(record, "HOTFOLDER_COUNT", f->count != 0, f->count);
    return record;
}

/* ---- telling ---- */

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

static void tell(const Record *record, bool to_journal)
{
    struct iovec parts[FIELDS];

    for (unsigned i = 0; i < record->count; i++) {
        parts[i].iov_base = record->fields[i];
        parts[i].iov_len = strlen(record->fields[i]);
    }
    /* Without its socket the journal takes messages in silence and loses them. */
    if (to_journal && access("/run/systemd/journal/socket", W_OK) == 0 &&
        sd_journal_sendv(parts, (int) record->count) >= 0)
        return;
    fprintf(stderr, "%s\n", record->fields[0] + strlen("MESSAGE="));
}

static void tell_dropped(int64_t dropped, bool to_journal)
{
    EventFields fields = { .count = dropped };
    Record *record = record_of(EVENT_DROPPED, &fields);

    tell(record, to_journal);
    record_free(record);
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
        Record *record = journal.ring[journal.first];
        int64_t dropped = journal.dropped;
        journal.first = (journal.first + 1) % RING;
        journal.used--;
        journal.dropped = 0;
        pthread_mutex_unlock(&journal.lock);

        if (dropped)
            tell_dropped(dropped, journal.to_journal);
        tell(record, journal.to_journal);
        record_free(record);
        pthread_mutex_lock(&journal.lock);
    }
    pthread_mutex_unlock(&journal.lock);
    return NULL;
}

void journal_send(EventId id, const EventFields *fields)
{
    if (journal.muted)
        return;

    Record *record = record_of(id, fields);
    Record *lost = NULL;
    pthread_mutex_lock(&journal.lock);
    bool running = journal.running;
    if (running &&
        journal.used == RING) { /* an error drives out the oldest; the rest is lost itself */
        bool keep = record->priority <= LOG_ERR;
        lost = keep ? journal.ring[journal.first] : record;
        journal.first = (journal.first + keep) % RING;
        journal.used -= keep;
        journal.dropped++;
    }
    if (running && record != lost) {
        journal.ring[(journal.first + journal.used++) % RING] = record;
        pthread_cond_signal(&journal.filled);
    }
    pthread_mutex_unlock(&journal.lock);

    if (lost)
        record_free(lost);
    if (!running) {
        tell(record, stderr_is_journal());
        record_free(record);
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
