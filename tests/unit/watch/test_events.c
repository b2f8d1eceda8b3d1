/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ports of the folders: which of them gets an event, and what it learns of those that were
 * lost. One thread plays all parts. */
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "daemon/watch/events.h"
#include "tests/unit/watch/bench.h"

enum { MORE_THAN_FITS = 17000 };

/* It watches the directory that the next call watches, between that call and its return. */
static EventPort *comes_between;

/* The library's own gives way to this. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): theirs are reserved */
int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    EventPort *other = g_steal_pointer(&comes_between);
    int wd = (int) syscall(SYS_inotify_add_watch, fd, path, mask);

    if (other) {
        int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        events_add(other, directory);
        close(directory);
    }
    return wd;
}

typedef struct Ports {
    Bench *bench;
    Events *events;
    int wake;
    EventPort *one, *two;
} Ports;

static int set_up(void **state)
{
    Ports *ports = g_new0(Ports, 1);
    Error *error = NULL;
    void *bench = NULL;

    bench_setup(&bench);
    ports->bench = bench;
    ports->events = events_open(&error);
    assert_ok(ports->events, error);
    ports->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ports->one = events_port_new(ports->events, ports->wake);
    ports->two = events_port_new(ports->events, ports->wake);
    *state = ports;
    return 0;
}

static int tear_down(void **state)
{
    Ports *ports = *state;
    void *bench = ports->bench;

    events_port_free(ports->one);
    events_port_free(ports->two);
    events_close(ports->events);
    close(ports->wake);
    g_free(ports);
    return bench_teardown(&bench);
}

static int add(const Ports *ports, EventPort *port, const char *name)
{
    g_autofree char *path = bench_path(ports->bench, name);
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int wd = events_add(port, fd);

    close(fd);
    return wd;
}

static void read_all(const Ports *ports)
{
    while (events_turn(ports->events, clock_ms()))
        continue;
}

static bool next_is(EventPort *port, int wd, uint32_t mask, const char *name)
{
    InotifyEvent event;

    return events_next(port, &event) && event.wd == wd && (event.mask & mask) &&
           strcmp(event.name, name) == 0;
}

static bool is_empty(EventPort *port)
{
    InotifyEvent event;

    return !events_next(port, &event);
}

/* Each rename is two events, which the kernel does not merge. */
static void rename_often(const Ports *ports, int times)
{
    g_autofree char *here = bench_path(ports->bench, "a/x");
    g_autofree char *there = bench_path(ports->bench, "a/y");

    for (int i = 0; i < times; i++)
        assert_int_equal(i % 2 ? rename(there, here) : rename(here, there), 0);
}

static void an_event_comes_to_the_folder_that_it_is_about(void **state)
{
    const Ports *ports = *state;

    bench_mkdir(ports->bench, "a");
    bench_mkdir(ports->bench, "b");
    int a = add(ports, ports->one, "a"), b = add(ports, ports->two, "b");
    bench_mkdir(ports->bench, "a/new");
    bench_mkdir(ports->bench, "b/other");
    read_all(ports);
    assert_true(next_is(ports->one, a, IN_CREATE, "new"));
    assert_true(is_empty(ports->one));
    assert_true(next_is(ports->two, b, IN_CREATE, "other"));
    assert_true(is_empty(ports->two));
}

static void a_folder_is_woken_once_for_all_events_that_wait(void **state)
{
    const Ports *ports = *state;
    eventfd_t count = 0;

    bench_mkdir(ports->bench, "a");
    add(ports, ports->one, "a");
    bench_mkdir(ports->bench, "a/new");
    bench_mkdir(ports->bench, "a/other");
    read_all(ports);
    assert_int_equal(eventfd_read(ports->wake, &count), 0);
    assert_int_equal(count, 1);
}

static void a_directory_that_moved_to_another_folder_is_that_ones(void **state)
{
    const Ports *ports = *state;

    bench_mkdir(ports->bench, "a");
    int before = add(ports, ports->one, "a"), wd = add(ports, ports->two, "a");
    events_remove(ports->one, before);
    bench_mkdir(ports->bench, "a/new");
    read_all(ports);
    assert_true(is_empty(ports->one));
    assert_true(next_is(ports->two, wd, IN_CREATE, "new"));
}

static void a_closed_port_has_no_watches_and_gets_none(void **state)
{
    const Ports *ports = *state;

    bench_mkdir(ports->bench, "a");
    add(ports, ports->one, "a");
    events_port_close(ports->one);
    assert_int_equal(add(ports, ports->one, "a"), -1);
    bench_mkdir(ports->bench, "a/new");
    read_all(ports);
    assert_true(is_empty(ports->one));
}

/* Two threads got the same watch from the kernel: the one of the closed port ends it. */
static void a_watch_that_a_closed_port_ends_is_no_other_folders(void **state)
{
    const Ports *ports = *state;

    bench_mkdir(ports->bench, "a");
    events_port_close(ports->one);
    comes_between = ports->one;
    assert_int_equal(add(ports, ports->two, "a"), -1);
    int wd = add(ports, ports->two, "a");
    bench_mkdir(ports->bench, "a/new");
    read_all(ports);
    assert_true(next_is(ports->two, wd, IN_CREATE, "new"));
}

/* A folder that hangs takes no events; what is kept for it has an end. */
static void a_folder_that_loses_events_learns_that_its_watches_have_ended(void **state)
{
    const Ports *ports = *state;

    bench_mkdir(ports->bench, "a/x");
    bench_mkdir(ports->bench, "b");
    add(ports, ports->one, "a");
    int b = add(ports, ports->two, "b");
    for (int i = 0; i < MORE_THAN_FITS / 2; i += 100) {
        rename_often(ports, 100);
        read_all(ports);
    }
    bench_mkdir(ports->bench, "b/new");
    read_all(ports);
    assert_true(next_is(ports->one, -1, IN_Q_OVERFLOW, ""));
    assert_true(is_empty(ports->one));
    assert_true(next_is(ports->two, b, IN_CREATE, "new"));
    assert_int_equal(fake_logged(EVENT_OVERFLOW, NULL, NULL), 0);
    int again = add(ports, ports->one, "a");
    bench_mkdir(ports->bench, "a/new");
    read_all(ports);
    assert_true(next_is(ports->one, again, IN_CREATE, "new"));
}

static void what_the_kernel_loses_ends_the_watches_of_all(void **state)
{
    const Ports *ports = *state;

    bench_mkdir(ports->bench, "a/x");
    bench_mkdir(ports->bench, "b");
    add(ports, ports->one, "a");
    add(ports, ports->two, "b");
    rename_often(ports, MORE_THAN_FITS);
    read_all(ports);
    assert_int_equal(fake_logged(EVENT_OVERFLOW, NULL, NULL), 1);
    assert_true(next_is(ports->one, -1, IN_Q_OVERFLOW, ""));
    assert_true(next_is(ports->two, -1, IN_Q_OVERFLOW, ""));
    bench_mkdir(ports->bench, "b/unseen");
    int b = add(ports, ports->two, "b");
    bench_mkdir(ports->bench, "b/new");
    read_all(ports);
    assert_true(next_is(ports->two, b, IN_CREATE, "new"));
    assert_true(is_empty(ports->one));
}

#define PORTS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PORTS_TEST(an_event_comes_to_the_folder_that_it_is_about),
        PORTS_TEST(a_folder_is_woken_once_for_all_events_that_wait),
        PORTS_TEST(a_directory_that_moved_to_another_folder_is_that_ones),
        PORTS_TEST(a_closed_port_has_no_watches_and_gets_none),
        PORTS_TEST(a_watch_that_a_closed_port_ends_is_no_other_folders),
        PORTS_TEST(a_folder_that_loses_events_learns_that_its_watches_have_ended),
        PORTS_TEST(what_the_kernel_loses_ends_the_watches_of_all),
    };

    return cmocka_run_group_tests_name("watch events", tests, NULL, NULL);
}
