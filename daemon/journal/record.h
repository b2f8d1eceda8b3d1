/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* record.h - an event as the journal takes it: a message for people, and fields to filter by. */
#pragma once

#include "daemon/journal/events.h"

enum { RECORD_FIELDS = 24 };

typedef struct Record {
    int priority;
    unsigned count;
    char *fields[RECORD_FIELDS]; /* "NAME=value"; the first is MESSAGE= */
} Record;

/* Newly allocated. A debug build aborts when the event does not carry what its row says. Any
 * thread. */
Record *record_new(EventId id, const EventFields *fields);
void record_free(Record *record);

/* The message, which is one line; borrowed. */
const char *record_message(const Record *record);
