/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/digest/desk.h"

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "daemon/ledger/marks.h"

/* ---- the other end ---- */

OtherEnd other_end;

static void take(const NoticeCall *call)
{
    cJSON *json = cJSON_Parse(call->json);

    assert_non_null(json);
    other_end.taken++;
    other_end.failed += (int64_t) cJSON_GetNumberValue(cJSON_GetObjectItem(json, "failed"));
    other_end.done += (int64_t) cJSON_GetNumberValue(cJSON_GetObjectItem(json, "done"));
    g_free(other_end.subject);
    g_free(other_end.json);
    other_end.subject = g_strdup(call->subject);
    other_end.json = g_strdup(call->json);
    cJSON_Delete(json);
}

static bool send_it(const NoticeCall *call, int stop, Error **err)
{
    (void) stop;
    other_end.calls++;
    if (other_end.refuses)
        return error_set(err, ERROR_TRANSIENT, "look at it", "the server answered 503");
    take(call);
    return true;
}

static void forget_other_end(void)
{
    g_clear_pointer(&other_end.subject, g_free);
    g_clear_pointer(&other_end.json, g_free);
    memset(&other_end, 0, sizeof(other_end));
}

/* ---- this end ---- */

CourierParts courier_parts(const Desk *desk)
{
    return (CourierParts){ .ledger = desk->bench->ledger,
                           .health = desk->health,
                           .state_dir = desk->bench->dir,
                           .send = send_it,
                           .stop = -1 };
}

void start_courier(Desk *desk)
{
    const CourierParts parts = courier_parts(desk);

    courier_free(desk->courier);
    desk->courier = courier_new(&parts, desk->settings, &desk->notice, NOTICE_MAIL);
    assert_true(courier_begin(desk->courier));
}

void add_folder(Settings *settings, const char *name)
{
    Folder *folder = g_new0(Folder, 1);

    folder->name = g_strdup(name);
    g_ptr_array_add(settings->folders, folder);
}

int set_up_desk(void **state)
{
    Desk *desk = g_new0(Desk, 1);

    stop_time();
    desk->bench = bench_new();
    reopen(desk->bench);
    desk->health = health_new();
    desk->settings = settings_new("a.conf");
    add_folder(desk->settings, "inbox");
    desk->notice = (Notice){ .name = (char *) (uintptr_t) "desk",
                             .on = 1U << NOTICE_FAILED,
                             .idle_ms = 30 * SECOND,
                             .every_ms = 10 * MINUTE,
                             .mail = (char *) (uintptr_t) "desk@example.org" };
    *state = desk;
    return 0;
}

int tear_down_desk(void **state)
{
    Desk *desk = *state;

    courier_free(desk->courier);
    settings_unref(desk->settings);
    health_free(desk->health);
    ledger_close(desk->bench->ledger);
    check_rmdir(desk->bench->dir);
    g_free(desk->bench->path);
    g_free(desk->bench);
    g_free(desk);
    forget_other_end();
    return 0;
}

/* ---- what happens ---- */

void offer_some(Desk *desk, int number, const char *folder)
{
    for (int i = 0; i < number; i++) {
        g_autofree char *source = g_strdup_printf("%d.jpg", ++desk->pictures);
        LedgerOffer offer = {
            (char *) (uintptr_t) folder, source, file_number(desk->pictures), false, { 0 }
        };
        g_autoptr(Error) error = NULL;
        assert_ok(ledger_add(desk->bench->ledger, &offer, 1, NULL, &error), error);
    }
}

void end_some(Desk *desk, int number, const char *folder, bool fails)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));
    LedgerTake which = { .folder = folder, .limit = number };
    g_autoptr(Error) error = NULL, why = NULL;

    error_set(&why, ERROR_PICTURE, NULL, "it is damaged");
    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    assert_ok(ledger_take(desk->bench->ledger, &which, rows, &error), error);
    assert_int_equal(rows->len, number);
    for (guint i = 0; i < rows->len; i++) {
        LedgerRow *row = &g_array_index(rows, LedgerRow, i);
        if (fails) {
            assert_ok(ledger_fail(desk->bench->ledger, row, ORIGINAL_MOVED, why, &error), error);
            continue;
        }
        assert_ok(ledger_begin(desk->bench->ledger, row, NULL, &error), error);
        assert_ok(ledger_done(desk->bench->ledger, row, ORIGINAL_MOVED, false, &error), error);
    }
}

void fail_some(Desk *desk, int number)
{
    offer_some(desk, number, "inbox");
    end_some(desk, number, "inbox", true);
}

void finish_some(Desk *desk, int number)
{
    offer_some(desk, number, "inbox");
    end_some(desk, number, "inbox", false);
}

/* Lets time pass as the thread of a sender does. */
void run_for(Desk *desk, int64_t ms)
{
    int64_t end_ms = clock_ms() + ms;

    while (clock_ms() < end_ms) {
        int64_t next_ms = courier_turn(desk->courier, desk->ledger_reason);
        assert_true(next_ms > clock_ms());
        pass_time(MIN(next_ms, end_ms) - clock_ms());
    }
}
