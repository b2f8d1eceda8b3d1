/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/journal/record.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"

static const void *value_at(const FieldRow *field, const EventFields *fields)
{
    return (const char *) fields + field->offset;
}

static int64_t number_at(const FieldRow *field, const EventFields *fields)
{
    return *(const int64_t *) value_at(field, fields);
}

static const char *text_at(const FieldRow *field, const EventFields *fields)
{
    return *(const char *const *) value_at(field, fields);
}

static const Error *error_at(const FieldRow *field, const EventFields *fields)
{
    return *(const Error *const *) value_at(field, fields);
}

static bool is_set(const FieldRow *field, const EventFields *fields)
{
    return field->kind >= FIELD_NUMBER ? number_at(field, fields) != 0
                                       : text_at(field, fields) != NULL;
}

/* As a person reads it; newly allocated, NULL: it is missing. */
static char *field_text(const FieldRow *field, const void *user)
{
    const EventFields *fields = user;

    switch (field->kind) {
    case FIELD_NUMBER:
        return g_strdup_printf("%" PRId64, number_at(field, fields));
    case FIELD_TIME:
        return g_strdup_printf("%.2f s", (double) number_at(field, fields) / 1000);
    case FIELD_ERROR:
    case FIELD_ERROR_KIND:
        return error_at(field, fields) ? error_text(error_at(field, fields)) : NULL;
    case FIELD_TEXT:
        break;
    }
    if (!strcmp(field->word, "output") && !text_at(field, fields))
        return g_strdup(fields->note ? "nothing new" : "nothing new: each output exists already");
    return g_strdup(text_at(field, fields));
}

/* As a program reads it; newly allocated, NULL: it is missing. */
static char *field_value(const FieldRow *field, FieldPresence use, const EventFields *fields)
{
    if (use == FIELD_ABSENT || (use == FIELD_OPTIONAL && !is_set(field, fields)))
        return NULL;
    switch (field->kind) {
    case FIELD_NUMBER:
    case FIELD_TIME:
        return g_strdup_printf("%" PRId64, number_at(field, fields));
    case FIELD_ERROR:
        return error_at(field, fields) ? error_text(error_at(field, fields)) : NULL;
    case FIELD_ERROR_KIND:
        return error_at(field, fields) ? g_strdup(error_kind_word(error_at(field, fields)->kind))
                                       : NULL;
    case FIELD_TEXT:
        break;
    }
    return g_strdup(text_at(field, fields));
}

static void add_field(Record *record, const char *name, const char *value)
{
    if (!value)
        return;
    g_assert(record->count < RECORD_FIELDS);
    record->fields[record->count++] = g_strdup_printf("%s=%s", name, value);
}

/* 0 may be a value or mean a missing number, so a number is not checked: it is there where the row
 * says so. A release does not check at all. */
G_GNUC_UNUSED static bool matches_row(const FieldRow *field, FieldPresence use,
                                      const EventFields *fields)
{
    bool set = is_set(field, fields);

    return (!set || use != FIELD_ABSENT) &&
           (set || use != FIELD_REQUIRED || field->kind >= FIELD_NUMBER);
}

Record *record_new(EventId id, const EventFields *fields)
{
    const EventRow *row = event_row(id);
    Record *record = g_new0(Record, 1);
    g_autofree char *sentence = event_expand(row->sentence, field_text, fields);
    g_autofree char *message = text_escape(sentence);
    g_autofree char *priority = g_strdup_printf("%d", row->priority);

    record->priority = row->priority;
    add_field(record, "MESSAGE", message);
    add_field(record, "MESSAGE_ID", row->message_id);
    add_field(record, "PRIORITY", priority);
    add_field(record, "SYSLOG_IDENTIFIER", "hotfolder");
    add_field(record, "HOTFOLDER_EVENT", row->name);
    for (const FieldRow *field = event_fields; field->word; field++) {
        FieldPresence use = event_field_presence(row, field->word);
        g_autofree char *value = field_value(field, use, fields);
        assert(matches_row(field, use, fields));
        add_field(record, field->name, value);
    }
    return record;
}

void record_free(Record *record)
{
    for (unsigned i = 0; i < record->count; i++)
        g_free(record->fields[i]);
    g_free(record);
}

const char *record_message(const Record *record)
{
    return record->fields[0] + strlen("MESSAGE=");
}
