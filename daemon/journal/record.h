/* record.h - an event as the journal takes it: a message for people, and fields to filter by. */
#pragma once

#include "daemon/journal/events.h"

enum { ENTRY_FIELDS = 24 };

typedef struct Entry {
    int priority;
    unsigned count;
    char *fields[ENTRY_FIELDS]; /* "NAME=value"; the first is MESSAGE= */
} Entry;

/* In a debug build it ends the program when the event does not carry what its row says. Newly
 * allocated. */
Entry *entry_new(EventId id, const EventFields *fields);
void entry_free(Entry *entry);

/* The message, which is one line; borrowed. */
const char *entry_message(const Entry *entry);
