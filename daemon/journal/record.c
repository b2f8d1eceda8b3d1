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

static bool is_given(const FieldRow *field, const EventFields *fields)
{
    return field->kind >= FIELD_NUMBER ? number_at(field, fields) != 0
                                       : text_at(field, fields) != NULL;
}

/* As a person reads it. */
static char *shown(const FieldRow *field, const void *user)
{
    const EventFields *fields = user;

    switch (field->kind) {
    case FIELD_NUMBER:
        return g_strdup_printf("%" PRId64, number_at(field, fields));
    case FIELD_TIME:
        return g_strdup_printf("%.2f s", (double) number_at(field, fields) / 1000);
    case FIELD_ERROR:
    case FIELD_CAUSE:
        return error_at(field, fields) ? error_text(error_at(field, fields)) : NULL;
    case FIELD_TEXT:
        break;
    }
    if (!strcmp(field->word, "output") && !text_at(field, fields))
        return g_strdup("nothing to write: it is there already");
    return g_strdup(text_at(field, fields));
}

/* As a program reads it; NULL: it is missing. */
static char *stored(const FieldRow *field, Carried carried, const EventFields *fields)
{
    if (carried == CARRIED_NEVER || (carried == CARRIED_MAYBE && !is_given(field, fields)))
        return NULL;
    switch (field->kind) {
    case FIELD_NUMBER:
    case FIELD_TIME:
        return g_strdup_printf("%" PRId64, number_at(field, fields));
    case FIELD_ERROR:
        return error_at(field, fields) ? error_text(error_at(field, fields)) : NULL;
    case FIELD_CAUSE:
        return error_at(field, fields) ? g_strdup(error_kind_word(error_at(field, fields)->kind))
                                       : NULL;
    case FIELD_TEXT:
        break;
    }
    return g_strdup(text_at(field, fields));
}

static void add(Entry *entry, const char *name, const char *value)
{
    if (!value)
        return;
    g_assert(entry->count < ENTRY_FIELDS);
    entry->fields[entry->count++] = g_strdup_printf("%s=%s", name, value);
}

/* A number that may be 0 can't be told from a missing one: it is always there where the row says
 * so. A release does not ask. */
G_GNUC_UNUSED static bool as_its_row_says(const FieldRow *field, Carried carried,
                                          const EventFields *fields)
{
    bool given = is_given(field, fields);

    return (!given || carried != CARRIED_NEVER) &&
           (given || carried != CARRIED_ALWAYS || field->kind >= FIELD_NUMBER);
}

Entry *entry_new(EventId id, const EventFields *fields)
{
    const EventRow *row = event_row(id);
    Entry *entry = g_new0(Entry, 1);
    g_autofree char *sentence = event_text(row->sentence, shown, fields);
    g_autofree char *message = text_escape(sentence);
    g_autofree char *priority = g_strdup_printf("%d", row->priority);

    entry->priority = row->priority;
    add(entry, "MESSAGE", message);
    add(entry, "MESSAGE_ID", row->message_id);
    add(entry, "PRIORITY", priority);
    add(entry, "SYSLOG_IDENTIFIER", "hotfolder");
    add(entry, "HOTFOLDER_EVENT", row->name);
    for (const FieldRow *field = event_fields; field->word; field++) {
        Carried carried = event_carries(row, field->word);
        g_autofree char *value = stored(field, carried, fields);
        assert(as_its_row_says(field, carried, fields));
        add(entry, field->name, value);
    }
    return entry;
}

void entry_free(Entry *entry)
{
    for (unsigned i = 0; i < entry->count; i++)
        g_free(entry->fields[i]);
    g_free(entry);
}

const char *entry_message(const Entry *entry)
{
    return entry->fields[0] + strlen("MESSAGE=");
}
