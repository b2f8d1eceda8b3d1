/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages between the daemon and its children, and what is refused of them. */
#include <sys/socket.h>

#include "base/clock.h"
#include "tests/unit/check.h"
#include "wire/wire.h"

static const char *const formats[] = { NULL, "(us)", "(ay)", NULL };

typedef struct Pair {
    int a, b;
} Pair;

static int connect_pair(void **state)
{
    Pair *pair = g_new0(Pair, 1);
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    pair->a = ends[0];
    pair->b = ends[1];
    *state = pair;
    return 0;
}

static int close_pair(void **state)
{
    Pair *pair = *state;

    if (pair->a >= 0)
        close(pair->a);
    close(pair->b);
    g_free(pair);
    return 0;
}

static bool receive(const Pair *pair, unsigned *type, GVariant **body, int *fd, Error **err)
{
    return wire_receive(pair->b, formats, G_N_ELEMENTS(formats), clock_ms() + 60000, type, body, fd,
                        err);
}

static void a_message_arrives_as_it_was_sent(void **state)
{
    const Pair *pair = *state;
    g_autoptr(Error) error = NULL;
    g_autoptr(GVariant) body = NULL;
    const char *text = NULL;
    unsigned type = 0;
    guint32 number = 0;
    int fd = 0;

    assert_ok(wire_send(pair->a, 1, g_variant_new("(us)", 7, "seven"), -1, &error), error);
    assert_ok(receive(pair, &type, &body, &fd, &error), error);
    g_variant_get(body, "(u&s)", &number, &text);
    assert_int_equal(type, 1);
    assert_int_equal(number, 7);
    assert_string_equal(text, "seven");
    assert_int_equal(fd, -1);
}

static void a_name_of_any_bytes_arrives_as_it_was_sent(void **state)
{
    const Pair *pair = *state;
    const char name[] = { 'a', '\n', '\xff', 1, '\xe2', '\x80', '\xae', 0 }; /* right to left */
    g_autoptr(Error) error = NULL;
    g_autoptr(GVariant) body = NULL;
    const char *got = NULL;
    unsigned type = 0;
    int fd = -1;

    assert_ok(wire_send(pair->a, 2, g_variant_new("(^ay)", name), -1, &error), error);
    assert_ok(receive(pair, &type, &body, &fd, &error), error);
    g_variant_get(body, "(^&ay)", &got);
    assert_string_equal(got, name);
}

static void a_descriptor_comes_along_and_is_closed_on_exec(void **state)
{
    const Pair *pair = *state;
    g_autoptr(Error) error = NULL;
    g_autoptr(GVariant) body = NULL;
    struct stat sent, got;
    unsigned type = 0;
    int fd = -1, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    assert_ok(wire_send(pair->a, 1, g_variant_new("(us)", 1, ""), null, &error), error);
    assert_ok(receive(pair, &type, &body, &fd, &error), error);
    assert_true(fd >= 0);
    assert_int_equal(fstat(null, &sent), 0);
    assert_int_equal(fstat(fd, &got), 0);
    assert_int_equal(sent.st_rdev, got.st_rdev);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    close(null);
}

static void refused(const Pair *pair, const void *bytes, size_t size)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(GVariant) body = NULL;
    unsigned type = 0;
    int fd = -1;

    assert_int_equal(send(pair->a, bytes, size, 0), size);
    assert_false(receive(pair, &type, &body, &fd, &error));
    assert_int_equal(error->kind, ERROR_INTERNAL);
    assert_null(body);
}

static void a_message_that_is_malformed_is_refused(void **state)
{
    const Pair *pair = *state;

    refused(pair, "\x09what", 5);         /* no such type */
    refused(pair, "\x03what", 5);         /* a type that isn't expected */
    refused(pair, "\x01", 1);             /* nothing in it */
    refused(pair, "\x01\xff\xff\xff", 4); /* not of its form */
    g_autofree char *huge = g_malloc0(WIRE_MAX + 100);
    huge[0] = 2;
    refused(pair, huge, WIRE_MAX + 100);
}

static void a_name_without_its_end_is_read_as_none(void **state)
{
    const Pair *pair = *state;
    g_autoptr(Error) error = NULL;
    g_autoptr(GVariant) body = NULL;
    const char *got = NULL;
    unsigned type = 0;
    int fd = -1;

    assert_int_equal(send(pair->a,
                          "\x02"
                          "abc\xff",
                          5, 0),
                     5);
    assert_ok(receive(pair, &type, &body, &fd, &error), error);
    g_variant_get(body, "(^&ay)", &got);
    assert_string_equal(got, "");
}

static void a_peer_that_went_away_is_an_error_and_no_signal(void **state)
{
    Pair *pair = *state;
    g_autoptr(Error) error = NULL, broken = NULL;
    g_autoptr(GVariant) body = NULL;
    unsigned type = 0;
    int fd = -1;

    close(pair->a);
    pair->a = -1;
    assert_false(receive(pair, &type, &body, &fd, &error));
    assert_int_equal(error->kind, ERROR_TRANSIENT);
    assert_false(wire_send(pair->b, 1, g_variant_new("(us)", 1, ""), -1, &broken));
}

static void a_silent_peer_is_waited_for_until_the_deadline_only(void **state)
{
    const Pair *pair = *state;
    g_autoptr(Error) error = NULL;
    g_autoptr(GVariant) body = NULL;
    int64_t began = clock_ms();
    unsigned type = 0;
    int fd = -1;

    assert_false(wire_receive(pair->b, formats, 4, began + 50, &type, &body, &fd, &error));
    assert_true(clock_ms() >= began + 50);
}

static void a_peer_that_reads_no_answer_blocks_no_thread(void **state)
{
    enum { MORE_THAN_FITS = 100000 };
    const Pair *pair = *state;
    g_autoptr(Error) error = NULL;
    int sent = 0;

    assert_int_equal(fcntl(pair->a, F_SETFL, O_NONBLOCK), 0);
    while (sent < MORE_THAN_FITS && wire_send(pair->a, 1, g_variant_new("(us)", 1, ""), -1, &error))
        sent++;
    assert_in_range(sent, 1, MORE_THAN_FITS - 1);
    assert_int_equal(error->kind, ERROR_INTERNAL);
    assert_non_null(strstr(error->what, "does not read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_arrives_as_it_was_sent, connect_pair, close_pair),
        cmocka_unit_test_setup_teardown(a_name_of_any_bytes_arrives_as_it_was_sent, connect_pair,
                                        close_pair),
        cmocka_unit_test_setup_teardown(a_descriptor_comes_along_and_is_closed_on_exec,
                                        connect_pair, close_pair),
        cmocka_unit_test_setup_teardown(a_message_that_is_malformed_is_refused, connect_pair,
                                        close_pair),
        cmocka_unit_test_setup_teardown(a_name_without_its_end_is_read_as_none, connect_pair,
                                        close_pair),
        cmocka_unit_test_setup_teardown(a_peer_that_went_away_is_an_error_and_no_signal,
                                        connect_pair, close_pair),
        cmocka_unit_test_setup_teardown(a_silent_peer_is_waited_for_until_the_deadline_only,
                                        connect_pair, close_pair),
        cmocka_unit_test_setup_teardown(a_peer_that_reads_no_answer_blocks_no_thread, connect_pair,
                                        close_pair),
    };

    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
