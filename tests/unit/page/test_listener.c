/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "page/listener.h"
#include "tests/unit/check.h"

static Http http_at(const char *listen)
{
    return (Http){ .listen = (char *) (uintptr_t) listen,
                   .file = (char *) (uintptr_t) "h.conf",
                   .line = 7 };
}

/* A socket on a free port of this machine, as systemd passes one; its address is given as text. */
static int given(char **text)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *) &address, &size), 0);
    *text = g_strdup_printf("127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

static void a_socket_of_systemd_is_taken_where_its_address_is_ours(void **state)
{
    g_autofree char *text = NULL;
    g_autoptr(Error) error = NULL, other = NULL;
    int fd = given(&text);
    const Http right = http_at(text), wrong = http_at("127.0.0.1:8"), six = http_at("[::1]:8");

    (void) state;
    assert_int_equal(listener_take(&right, fd, &error), fd);
    assert_int_equal(listener_take(&wrong, fd, &error), -1);
    assert_non_null(strstr(error->what, text));
    assert_non_null(strstr(error->fix, "systemd-dropin --install"));
    assert_string_equal(error->where, "h.conf:7: http");
    assert_int_equal(listener_take(&six, fd, &other), -1);
    close(fd);
}

static void a_port_in_use_is_said(void **state)
{
    g_autofree char *text = NULL;
    g_autoptr(Error) error = NULL;
    int fd = given(&text);
    const Http http = http_at(text);

    (void) state;
    assert_int_equal(listener_take(&http, -1, &error), -1);
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->fix, "ss -ltnp"));
    close(fd);
    fd = listener_take(&http, -1, &error);
    assert_true(fd >= 0);
    close(fd);
}

static void an_address_that_this_machine_does_not_have_is_said(void **state)
{
    const Http http = http_at("192.0.2.1:8480"), none = http_at("localhost");
    g_autoptr(Error) error = NULL, other = NULL;

    (void) state;
    assert_int_equal(listener_take(&http, -1, &error), -1);
    assert_non_null(strstr(error->fix, "ip address"));
    assert_int_equal(listener_take(&none, -1, &other), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_of_systemd_is_taken_where_its_address_is_ours),
        cmocka_unit_test(a_port_in_use_is_said),
        cmocka_unit_test(an_address_that_this_machine_does_not_have_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
