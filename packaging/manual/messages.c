/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events and their fields: the journal's catalog, and what the manual says of them. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/journal/events.h"
#include "daemon/journal/ratelimit.h"
#include "document.h"
#include "scd.h"

enum { WIDTH = 80 };

/* ---- catalog ---- */

/* journalctl puts the entry's own value there. */
static char *variable(const FieldRow *field, const void *unused)
{
    (void) unused;
    return g_strdup_printf("@%s@", field->name);
}

static void print_entry(const EventRow *row)
{
    g_autofree char *title = event_expand(row->title, variable, NULL);
    g_autofree char *advice = event_expand(row->advice, variable, NULL);
    g_autofree char *wrapped = text_wrap(advice, 0, WIDTH);

    printf("\n-- %s\n", row->message_id);
    printf("Subject: %s\n", title);
    puts("Defined-By: hotfolder");
    puts("Support: " HOTFOLDER_SUPPORT);
    puts("Documentation: man:hotfolder.journal-fields(7) man:hotfolderd(8)\n");
    fputs(wrapped, stdout);
}

bool part_catalog(const char *about)
{
    for (EventId id = 0; id < EVENT_COUNT; id++)
        print_entry(event_row(id));
    return !*about;
}

/* ---- manual ---- */

/* A placeholder as manuals show what stands for something: FOLDER. */
static char *stand_in(const FieldRow *field, const void *unused)
{
    (void) unused;
    return g_ascii_strup(field->word, -1);
}

static const char *priority_word(int priority)
{
    static const char *const words[] = { "emerg",   "alert",  "crit", "err",
                                         "warning", "notice", "info", "debug" };

    return words[priority];
}

static void print_event(const EventRow *row)
{
    g_autofree char *sentence = event_expand(row->sentence, stand_in, NULL);
    g_autofree char *advice = event_expand(row->advice, stand_in, NULL);
    g_autofree char *title = event_expand(row->title, stand_in, NULL);
    g_autofree char *shown_title = scd_sentence(title);
    g_autofree char *shown = scd_text(sentence);
    g_autofree char *shown_advice = scd_sentence(advice);
    g_autoptr(GString) names = g_string_new(NULL);

    for (const FieldRow *field = event_fields; field->word; field++) {
        FieldPresence presence = event_field_presence(row, field->word);
        g_autofree char *name = scd_text(field->name);
        if (presence != FIELD_ABSENT)
            g_string_append_printf(names, "%s%s%s", names->len ? ", " : "", name,
                                   presence == FIELD_OPTIONAL ? " (may be missing)" : "");
    }
    printf("*%s*, %s%s, %s\n", row->name, priority_word(row->priority),
           row->rate == RATE_LIMITED ? ", limited" : "", row->message_id);
    printf("\t%s %s\n\n\tMessage: _%s_", shown_title, shown_advice, shown);
    if (names->len)
        printf("\n\n\tFields: %s", names->str);
    puts("\n");
}

bool part_events(const char *about)
{
    for (EventId id = 0; id < EVENT_COUNT; id++)
        print_event(event_row(id));
    return !*about;
}

/* Kinds of errors before hotfolder 0.2. */
static const char *const former_kinds[] = {
    [ERROR_TRANSIENT] = "later", [ERROR_MEMORY] = "memory",     [ERROR_PICTURE] = "image",
    [ERROR_CONFIG] = "setup",    [ERROR_ENVIRONMENT] = "world", [ERROR_INTERNAL] = "bug",
};

static void print_former(const char *field, const char *before, const char *now)
{
    g_autofree char *name = scd_text(field);

    if (g_strcmp0(before, now) != 0)
        printf("|  %s\n:  %s\n:  *%s*\n", name, before, now);
}

bool part_former_words(const char *about)
{
    puts("|[ *field*\n:[ *before*\n:[ *now*");
    for (EventId id = 0; id < EVENT_COUNT; id++)
        if (event_former_name(id))
            print_former("HOTFOLDER_EVENT", event_former_name(id), event_row(id)->name);
    for (ErrorKind kind = 0; kind < G_N_ELEMENTS(former_kinds); kind++)
        print_former("HOTFOLDER_ERROR_KIND", former_kinds[kind], error_kind_word(kind));
    puts(""); /* ends the table */
    return !*about;
}

bool part_limit(const char *about)
{
    printf("Of each event that is called limited below, the first %d about a folder are logged; "
           "others that\ncome within %d s of the first are counted, and *suppressed* gives their "
           "number.\n",
           RATELIMIT_BURST, RATELIMIT_INTERVAL_MS / 1000);
    return !*about;
}

bool part_fields(const char *about)
{
    for (const FieldRow *field = event_fields; field->word; field++) {
        g_autofree char *name = scd_text(field->name);
        g_autofree char *help = scd_sentence(field->help);
        printf("*%s=*\n\t%s\n\n", name, help);
    }
    return !*about;
}
