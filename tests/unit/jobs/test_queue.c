/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ring: nothing lost, nothing twice, and sleepers that wake up. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "daemon/jobs/queue.h"
#include "tests/unit/check.h"

enum { ITEMS = 20000, TAKERS = 4 };

typedef struct Item {
    int number;
    int taken; /* plain on purpose: the hand-off alone makes it safe */
} Item;

static Item items[ITEMS];
static atomic_int taken_in_all;

static void *take_all(void *data)
{
    Queue *queue = data;
    Item *item = NULL;

    while ((item = queue_take(queue))) {
        item->taken++;
        atomic_fetch_add(&taken_in_all, 1);
    }
    return NULL;
}

static void every_item_is_taken_exactly_once(void **state)
{
    Queue *queue = queue_new(8);
    pthread_t takers[TAKERS];

    (void) state;
    for (int i = 0; i < TAKERS; i++)
        assert_int_equal(pthread_create(&takers[i], NULL, take_all, queue), 0);
    for (int i = 0; i < ITEMS; i++) {
        items[i] = (Item){ .number = i };
        while (!queue_give(queue, &items[i]))
            sched_yield();
    }
    queue_close(queue, TAKERS);
    for (int i = 0; i < TAKERS; i++)
        assert_int_equal(pthread_join(takers[i], NULL), 0);
    assert_int_equal(atomic_load(&taken_in_all), ITEMS);
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(items[i].taken, 1);
    queue_free(queue);
}

static void a_full_ring_refuses_and_keeps_what_it_has(void **state)
{
    Queue *queue = queue_new(3);
    int values[4] = { 0, 1, 2, 3 };

    (void) state;
    for (int i = 0; i < 3; i++)
        assert_true(queue_give(queue, &values[i]));
    assert_false(queue_give(queue, &values[3]));
    for (int i = 0; i < 3; i++)
        assert_ptr_equal(queue_take(queue), &values[i]);
    assert_true(queue_give(queue, &values[3]));
    assert_ptr_equal(queue_take(queue), &values[3]);
    queue_free(queue);
}

static void a_closed_ring_gives_out_what_is_in_it_first(void **state)
{
    Queue *queue = queue_new(2);
    int value = 0;

    (void) state;
    assert_true(queue_give(queue, &value));
    queue_close(queue, 1);
    assert_ptr_equal(queue_take(queue), &value);
    assert_null(queue_take(queue));
    queue_free(queue);
}

static void a_taker_of_an_empty_ring_sleeps_without_using_the_processor(void **state)
{
    Queue *queue = queue_new(2);
    pthread_t taker;
    struct timespec used;
    clockid_t clock;

    (void) state;
    assert_int_equal(pthread_create(&taker, NULL, take_all, queue), 0);
    usleep(300 * 1000);
    assert_int_equal(pthread_getcpuclockid(taker, &clock), 0);
    clock_gettime(clock, &used);
    /* A spinning taker would have used nearly all of the 300 ms. */
    assert_true(used.tv_sec == 0 && used.tv_nsec < 100000000);
    queue_close(queue, 1);
    pthread_join(taker, NULL);
    queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_taken_exactly_once),
        cmocka_unit_test(a_full_ring_refuses_and_keeps_what_it_has),
        cmocka_unit_test(a_closed_ring_gives_out_what_is_in_it_first),
        cmocka_unit_test(a_taker_of_an_empty_ring_sleeps_without_using_the_processor),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
