/* journal.h - everything the daemon tells: one row for each kind of message.
 *
 * An event goes into a bounded ring and a thread of its own hands it to the journal, because a
 * journal that hangs must never stop work. Where there is no journal, plain lines go to stderr.
 * Log once, where it is decided; actions and helpers never log. */
#pragma once

#include "base/error.h"

typedef enum EventId {
    EVENT_STARTED,
    EVENT_STOPPED,
    EVENT_RELOADED,
    EVENT_RELOAD_FAILED,
    EVENT_MISTAKE,
    EVENT_FOLDER_ALIVE,
    EVENT_FOLDER_AWAY,
    EVENT_FOLDER_HELD,
    EVENT_WAITING,
    EVENT_DONE,
    EVENT_DEFERRED,
    EVENT_FAILED,
    EVENT_SUPERSEDED,
    EVENT_LEFT,
    EVENT_RETIRE_FAILED,
    EVENT_WORKER_DIED,
    EVENT_OVERFLOW,
    EVENT_WATCH_LIMIT,
    EVENT_RECOVERED,
    EVENT_TROUBLE,
    EVENT_DROPPED,
    EVENT_COUNT
} EventId;

/* What an event is about; leave out what does not apply. Nothing is kept by reference. */
typedef struct EventFields {
    const char *folder;
    const char *profile;
    const char *source; /* bytes; escaped where they are shown */
    const char *output; /* likewise */
    const char *reason; /* UTF-8, lower case, no full stop */
    const Error *error;
    int64_t job;         /* 0: none */
    int attempt;         /* 0: none */
    int64_t duration_ms; /* with `timed` */
    bool timed;
    int64_t delay_ms; /* until the next attempt */
    int64_t count;
} EventFields;

/* journal_event(EVENT_DONE, .folder = "inbox", .source = "beach.jpg"). Never blocks. */
#define journal_event(id, ...) journal_send(id, &(EventFields){ __VA_ARGS__ })
void journal_send(EventId id, const EventFields *fields);

/* Starts the logger thread. Before it, and after journal_stop(), events go straight to stderr. */
void journal_start(void);
void journal_stop(void); /* after everything in the ring was told */

/* Nothing is told at all: for a program that shows its own lines (hotfolder run). */
void journal_mute(void);

/* The rows, for the catalog and the manual: NULL after the last. */
typedef struct EventRow {
    const char *name;       /* "done" */
    const char *message_id; /* 32 hexadecimal digits */
    int priority;           /* LOG_ERR, ... */
    const char *sentence;   /* "{source}: done in {duration}": placeholders are EventFields */
    const char *advice;     /* what it means and what to do; the catalog's text */
} EventRow;
const EventRow *journal_row(EventId id);
