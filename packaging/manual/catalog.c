/* The catalog of messages, as catalog files of systemd are written: an entry for each event. */
#include <glib.h>
#include <stdio.h>

#include "base/text.h"
#include "daemon/events.h"
#include "document.h"

enum { WIDTH = 80 };

/* journalctl puts the entry's own value there. */
static char *variable(const FieldRow *field, const void *unused)
{
    (void) unused;
    return g_strdup_printf("@%s@", field->name);
}

static void print_entry(const EventRow *row)
{
    g_autofree char *title = event_text(row->title, variable, NULL);
    g_autofree char *advice = event_text(row->advice, variable, NULL);
    g_autofree char *wrapped = text_wrap(advice, 0, WIDTH);

    printf("\n-- %s\n", row->message_id);
    printf("Subject: %s\n", title);
    puts("Defined-By: hotfolder");
    puts("Support: " HOTFOLDER_SUPPORT);
    puts("Documentation: man:hotfolder.journal-fields(7) man:hotfolderd(8)\n");
    fputs(wrapped, stdout);
}

void document_catalog(void)
{
    puts("# What the messages of hotfolder mean: journalctl -x -u hotfolder. Generated.");
    for (EventId id = 0; id < EVENT_COUNT; id++)
        print_entry(event_row(id));
}
