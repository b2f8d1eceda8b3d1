/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* events.h - every message that the service can log: one row for each kind of message, and one for
 * each field.
 *
 * From these rows come the journal's messages, its catalog and the manual. Constant data; any
 * thread. */
#pragma once

#include "base/error.h"

typedef enum EventId {
    EVENT_STARTED,
    EVENT_STOPPED,
    EVENT_RELOADED,
    EVENT_RELOAD_FAILED,
    EVENT_CONFIG_ERROR,
    EVENT_NO_FOLDERS,
    EVENT_FOLDER_AVAILABLE,
    EVENT_FOLDER_UNAVAILABLE,
    EVENT_FOLDER_HELD,
    EVENT_FOLDER_PAUSED,
    EVENT_FOLDER_RESUMED,
    EVENT_FOLDER_SCANNED,
    EVENT_FOLDER_WORLD_WRITABLE,
    EVENT_FOLDER_REMOVED,
    EVENT_STATUS_FILE,
    EVENT_FOLDER_UNCONFIGURED,
    EVENT_LEDGER_AVAILABLE,
    EVENT_LEDGER_UNAVAILABLE,
    EVENT_PENDING,
    EVENT_DONE,
    EVENT_DUPLICATE,
    EVENT_DEFERRED,
    EVENT_FAILED,
    EVENT_SUPERSEDED,
    EVENT_TAKEN_OVER,
    EVENT_CANCELLED,
    EVENT_RETRIED,
    EVENT_REPROCESSED,
    EVENT_IGNORED,
    EVENT_WRONG_EXTENSION,
    EVENT_ORIGINAL_NOT_MOVED,
    EVENT_ORIGINAL_MOVED,
    EVENT_PARTS_NOT_MOVED,
    EVENT_PARTS_MOVED,
    EVENT_UNDONE,
    EVENT_NOT_UNDONE,
    EVENT_UNDO_DELAYED,
    EVENT_WORKER_DIED,
    EVENT_CRASH_LOOP,
    EVENT_OVERFLOW,
    EVENT_WATCH_LIMIT,
    EVENT_WATCHES_OK,
    EVENT_WATCH_METHOD,
    EVENT_RECOVERED,
    EVENT_DAEMON_CRASHED,
    EVENT_LEDGER_DAMAGED,
    EVENT_SANDBOX,
    EVENT_STALE_MOUNT,
    EVENT_CARD_FOUND,
    EVENT_CARD_IGNORED,
    EVENT_CARD_KNOWN,
    EVENT_CARD_BEGUN,
    EVENT_CARD_HELD,
    EVENT_CARD_INTERRUPTED,
    EVENT_CARD_SAFE,
    EVENT_CARD_NOT_SAFE,
    EVENT_CARD_COPIED,
    EVENT_CARD_FAILED,
    EVENT_CARD_FILE_FAILED,
    EVENT_CARD_COPY_FAILED,
    EVENT_CARD_NOT_HANDED,
    EVENT_CATALOG_DAMAGED,
    EVENT_NOTICE_FAILED,
    EVENT_NOTICE_SENT_AGAIN,
    EVENT_ERROR,
    EVENT_SUPPRESSED,
    EVENT_MESSAGES_LOST,
    EVENT_COUNT
} EventId;

/* The values of one event; leave out what does not apply. Nothing is kept by reference. */
typedef struct EventFields {
    const char *folder;
    const char *profile;
    const char *source; /* bytes; escaped where they are shown */
    const char *output; /* bytes too */
    const char *parts;  /* bytes too */
    const char *reason; /* UTF-8, lower case, no full stop */
    const char *note;   /* the same */
    const Error *error;
    int64_t job;     /* 0: none */
    int64_t attempt; /* 0: none */
    int64_t duration_ms;
    int64_t delay_ms; /* until the next attempt */
    int64_t count;
    const char *step;   /* of the profile: "web.conf:12 (scale)" */
    int64_t signal;     /* 0: none */
    const char *call;   /* a system call: "socket" */
    int64_t memory_kb;  /* at most */
    const char *who;    /* the user who asked for it */
    const char *card;   /* bytes; see event_fields */
    const char *notice; /* its name in the configuration */
    const char *way;    /* "run", "mail" or "post" */
} EventFields;

typedef enum RateLimiting {
    RATE_UNLIMITED,
    RATE_LIMITED, /* of many at once only the first are logged; ratelimit.h */
} RateLimiting;

typedef struct EventRow {
    const char *name;       /* "done" */
    const char *message_id; /* 32 hexadecimal digits */
    int priority;           /* LOG_ERR, ... */
    RateLimiting rate;
    const char *title;    /* the catalog's subject; may have placeholders */
    const char *fields;   /* the words of its fields, each with a ? if it may be missing */
    const char *sentence; /* "{source}: done in {duration}": placeholders are words of fields */
    const char *advice;   /* what it means and what to do: the catalog's text, with placeholders */
} EventRow;
const EventRow *event_row(EventId id);

/* The name that the event had before hotfolder 0.2; static, NULL: the same. */
const char *event_former_name(EventId id);

typedef enum FieldPresence { FIELD_ABSENT, FIELD_OPTIONAL, FIELD_REQUIRED } FieldPresence;
FieldPresence event_field_presence(const EventRow *row, const char *word);

typedef enum FieldKind {
    FIELD_TEXT,       /* char *: bytes */
    FIELD_ERROR,      /* Error *: its text */
    FIELD_ERROR_KIND, /* Error *: its kind */
    FIELD_NUMBER,     /* int64_t */
    FIELD_TIME,       /* int64_t: milliseconds */
} FieldKind;

typedef struct FieldRow {
    const char *word; /* in sentences and EventRow.fields; two rows may share one */
    const char *name; /* in the journal: "HOTFOLDER_FOLDER" */
    FieldKind kind;
    size_t offset; /* in EventFields */
    const char *help;
} FieldRow;
extern const FieldRow event_fields[]; /* a row without a word ends it */

/* A sentence, title or advice with each {word} replaced by the text that `value` returns for it;
 * newly allocated. `value` returns a newly allocated text, or NULL where the field is missing: then
 * the part in [ ] around it is omitted. */
typedef char *EventValue(const FieldRow *field, const void *user);
char *event_expand(const char *text, EventValue *value, const void *user);
