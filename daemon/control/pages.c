/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/pages.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "daemon/control/json.h"

enum { PAGE = 100, TURN_MS = 1000 };

static void begin(Pages *pages, const ControlView *view)
{
    pages->ledger = view->ledger;
    pages->entries = ledger_entries_new();
    pages->end_ms = clock_ms() + (view->turn_ms ? view->turn_ms : TURN_MS);
    if (!pages->query.limit)
        pages->query.limit = PAGE;
}

void pages_clear(Pages *pages)
{
    if (pages->entries)
        g_array_unref(pages->entries);
    g_free(pages->name);
    *pages = (Pages){ 0 };
}

/* "MS-ID" of the last picture before. */
static bool read_place(const char *after, LedgerQuery *query, Answer *answer)
{
    char end = 0;

    if (!after || (sscanf(after, "%18" SCNd64 "-%18" SCNd64 "%c", &query->before_wall_ms,
                          &query->before_id, &end) == 2 &&
                   query->before_id > 0))
        return true;
    answer_refuse(answer, ANSWER_WRONG, "give `next` of the answer before", "after is wrong");
    return false;
}

bool pages_begin(Pages *pages, const ControlView *view, const Request *request,
                 const LedgerQuery *query, Answer *answer)
{
    *pages = (Pages){ .query = *query };
    if (!read_place(request_text(request, "after"), &pages->query, answer))
        return false;
    begin(pages, view);
    return true;
}

void pages_begin_names(Pages *pages, const ControlView *view, const Request *request,
                       const Folder *folder)
{
    const char *after = request_text(request, "after");

    *pages = (Pages){ .folder = folder->name, .name = g_strdup(after ? after : "") };
    begin(pages, view);
}

bool pages_add_total(const Pages *pages, const Request *request, Answer *answer)
{
    g_autoptr(Error) error = NULL;
    int64_t total = 0;

    if (request_text(request, "after"))
        return true;
    if (pages->folder ? !ledger_count_names(pages->ledger, pages->folder, &total, &error)
                      : !ledger_count_list(pages->ledger, &pages->query, &total, &error)) {
        answer_error(answer, ANSWER_FAILED, error);
        return false;
    }
    cJSON_AddNumberToObject(answer->json, "total", (double) total);
    return true;
}

static void go_behind(Pages *pages, const LedgerEntry *entry)
{
    pages->looked_at++;
    pages->query.before_wall_ms = entry->changed_wall_ms;
    pages->query.before_id = entry->row.id;
    if (!pages->folder)
        return;
    g_free(pages->name);
    pages->name = g_strdup(entry->row.source);
}

static bool read_more(Pages *pages, Error **err)
{
    int limit = pages->query.limit;

    if (pages->is_last)
        return false;
    g_array_set_size(pages->entries, 0);
    pages->next = 0;
    if (pages->folder
            ? !ledger_newest(pages->ledger, pages->folder, pages->name, limit, pages->entries, err)
            : !ledger_list(pages->ledger, &pages->query, pages->entries, err))
        return false;
    pages->is_last = pages->entries->len < (guint) limit;
    return pages->entries->len > 0;
}

const LedgerEntry *pages_next(Pages *pages, Error **err)
{
    if (pages->looked_at && clock_ms() >= pages->end_ms)
        return NULL;
    if (pages->next == pages->entries->len && !read_more(pages, err))
        return NULL;
    const LedgerEntry *entry = &g_array_index(pages->entries, LedgerEntry, pages->next++);
    go_behind(pages, entry);
    return entry;
}

void pages_add_next(const Pages *pages, Answer *answer)
{
    g_autofree char *place = g_strdup_printf("%" PRId64 "-%" PRId64, pages->query.before_wall_ms,
                                             pages->query.before_id);

    if (pages->next < pages->entries->len || !pages->is_last)
        json_add_text(answer->json, "next", pages->folder ? pages->name : place);
}

void pages_end(const Pages *pages, Answer *answer)
{
    cJSON_AddNumberToObject(answer->json, "looked_at", (double) pages->looked_at);
    pages_add_next(pages, answer);
}
