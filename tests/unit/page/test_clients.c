/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "page/clients.h"
#include "tests/unit/check.h"

#define MINUTE INT64_C(60000)

static GPtrArray *clients_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

static void who_sends_nothing_is_hung_up_on_in_time(void **state)
{
    g_autoptr(GPtrArray) clients = clients_new();
    int pair[2];
    char byte = 0;

    (void) state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    const Client *client = clients_add(clients, pair[0], 0);
    assert_int_equal(clients_until(clients), client->until_ms);
    clients_end_overdue(clients, client->until_ms - 1);
    assert_int_equal(recv(pair[1], &byte, 1, MSG_DONTWAIT), -1);
    clients_end_overdue(clients, client->until_ms);
    assert_int_equal(recv(pair[1], &byte, 1, MSG_DONTWAIT), 0);
    assert_true(client->gone);
    assert_int_equal(clients_until(clients), CLOCK_NEVER);
    close(pair[0]);
    close(pair[1]);
}

static void a_byte_now_and_then_gives_no_more_time(void **state)
{
    g_autoptr(GPtrArray) clients = clients_new();
    Client *client = clients_add(clients, -1, 0);
    int64_t until_ms = client->until_ms;

    (void) state;
    client_begins(client, until_ms - 1);
    assert_true(client->until_ms > until_ms); /* its request began, once */
    assert_true(client->until_ms <= until_ms + MINUTE);
    client_waits(client, 0, CLOCK_NEVER);
    clients_end_overdue(clients, MINUTE * 60 * 24);
    assert_false(client->gone);
    client_rests(client, MINUTE * 60 * 24);
    clients_end_overdue(clients, MINUTE * 60 * 24 + MINUTE);
    assert_true(client->gone);
}

static void a_new_one_takes_the_place_of_the_one_that_waited_longest(void **state)
{
    g_autoptr(GPtrArray) clients = clients_new();
    Client *first = clients_add(clients, -1, 1), *second = clients_add(clients, -1, 2);

    (void) state;
    for (int i = 2; i < CLIENTS_MAX; i++)
        assert_non_null(clients_add(clients, -1, i + 1));
    client_waits(first, 0, CLOCK_NEVER); /* it is busy */
    assert_non_null(clients_add(clients, -1, 1000));
    assert_false(first->gone);
    assert_true(second->gone);
}

static void where_all_are_busy_a_new_one_has_no_place(void **state)
{
    g_autoptr(GPtrArray) clients = clients_new();

    (void) state;
    for (int i = 0; i < CLIENTS_MAX; i++)
        client_waits(clients_add(clients, -1, i), i, CLOCK_NEVER);
    assert_null(clients_add(clients, -1, 1000));
    assert_int_equal(clients->len, CLIENTS_MAX);
    client_rests(clients->pdata[7], 1000);
    assert_non_null(clients_add(clients, -1, 1001));
    assert_true(((const Client *) clients->pdata[7])->gone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_sends_nothing_is_hung_up_on_in_time),
        cmocka_unit_test(a_byte_now_and_then_gives_no_more_time),
        cmocka_unit_test(a_new_one_takes_the_place_of_the_one_that_waited_longest),
        cmocka_unit_test(where_all_are_busy_a_new_one_has_no_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
