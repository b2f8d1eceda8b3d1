/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An import as the journal has it. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "command/import_text.h"
#include "command/import_view.h"
#include "daemon/journal/journal.h"

typedef struct Service {
    char *card;
    CardState state; /* the last one that was logged; CARD_STATES: none */
    char *held;      /* why, as it was logged; NULL */
} Service;

static char *destinations_of(const CardRecord *record)
{
    return record->destinations ? g_strjoinv(", ", record->destinations) : g_strdup("");
}

static void log_begun(Service *service, const CardRecord *record)
{
    g_autofree char *to = destinations_of(record);
    g_autofree char *note =
        record->done ? g_strdup_printf("there already: %" G_GINT64_FORMAT, record->done) : NULL;

    journal_event(EVENT_CARD_BEGUN, .card = service->card, .output = to, .note = note,
                  .count = record->files);
}

static void log_held(Service *service, const CardRecord *record)
{
    const char *reason = record->reason ? record->reason : "it waits";

    if (!g_strcmp0(service->held, reason))
        return;
    journal_event(EVENT_CARD_HELD, .card = service->card, .reason = reason);
    g_free(service->held);
    service->held = g_strdup(reason);
}

/* What changes is logged, once: that it goes on, too. */
static void take_progress(void *user, const CardRecord *record)
{
    Service *service = user;
    bool begins = record->state == CARD_READING && record->files && service->state != CARD_READING;

    if (begins)
        log_begun(service, record);
    else if (record->state == CARD_HELD)
        log_held(service, record);
    if (begins || record->state == CARD_HELD)
        service->state = record->state;
}

static void take_planned(void *user G_GNUC_UNUSED, const CardFile *file G_GNUC_UNUSED,
                         const char *name G_GNUC_UNUSED)
{
}

static void log_trouble(void *user, const CardFile *file, const char *destination,
                        const Error *error)
{
    const Service *service = user;

    if (destination)
        journal_event(EVENT_CARD_COPY_FAILED, .card = service->card, .source = file->path,
                      .output = destination, .error = error);
    else
        journal_event(EVENT_CARD_FILE_FAILED, .card = service->card, .source = file->path,
                      .error = error);
}

static void log_not_handed(void *user, const CardFile *file, const char *folder, const Error *error)
{
    const Service *service = user;

    journal_event(EVENT_CARD_NOT_HANDED, .card = service->card, .source = file->path,
                  .folder = folder, .error = error);
}

static void log_damaged(void *user G_GNUC_UNUSED, const char *copy)
{
    journal_event(EVENT_CATALOG_DAMAGED, .reason = copy);
}

static void log_verdict(const Service *service, const CardRecord *record, const Verdict *verdict)
{
    g_autofree char *to = destinations_of(record);
    const char *line = verdict->line;
    bool is_in_line = record->state == CARD_HELD ||
                      (verdict->reasons->len && strstr(line, verdict->reasons->pdata[0]));
    const char *first = verdict->reasons->len && !is_in_line ? verdict->reasons->pdata[0] : NULL;

    if (record->state == CARD_SAFE)
        journal_event(EVENT_CARD_SAFE, .card = service->card, .reason = line, .output = to);
    else if (record->state == CARD_COPIED)
        journal_event(EVENT_CARD_COPIED, .card = service->card, .reason = line, .output = to);
    else if (record->state == CARD_INTERRUPTED)
        journal_event(EVENT_CARD_INTERRUPTED, .card = service->card, .reason = line);
    else
        journal_event(EVENT_CARD_NOT_SAFE, .card = service->card, .reason = line, .output = to,
                      .note = first);
}

/* A card that is not safe says why each time, also where nothing is new on it. */
static void log_end(void *user, const CardRecord *record, const Verdict *verdict, bool nothing_new)
{
    const Service *service = user;
    bool is_known = nothing_new && (record->state == CARD_SAFE || record->state == CARD_COPIED);
    g_autofree char *known = is_known ? import_text_known(record, clock_wall_ms()) : NULL;

    if (is_known)
        journal_event(EVENT_CARD_KNOWN, .card = service->card, .reason = known);
    else
        log_verdict(service, record, verdict);
}

static void log_hanging(void *user, const CardRecord *record)
{
    const Service *service = user;

    journal_event(EVENT_CARD_HELD, .card = service->card, .reason = record->reason);
}

static void log_failure(void *user, const Error *error)
{
    const Service *service = user;

    journal_event(EVENT_CARD_FAILED, .card = service->card, .error = error);
}

static void free_service(void *user)
{
    Service *service = user;

    g_free(service->card);
    g_free(service->held);
    g_free(service);
}

ImportView *import_view_of_service(const char *card)
{
    ImportView *view = g_new0(ImportView, 1);
    Service *service = g_new0(Service, 1);

    *service = (Service){ .card = g_strdup(card), .state = CARD_STATES };
    view->reporter = (ImportReporter){ .user = service,
                                       .progress = take_progress,
                                       .planned = take_planned,
                                       .trouble = log_trouble,
                                       .not_handed = log_not_handed,
                                       .damaged = log_damaged };
    view->end = log_end;
    view->failed = log_failure;
    view->hangs = log_hanging;
    view->free = free_service;
    return view;
}
