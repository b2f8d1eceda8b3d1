/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages to the service manager: sent, or not, but never waited for. */
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/service/notify.h"
#include "tests/unit/check.h"

typedef struct Manager {
    char *dir, *path;
    int socket;
} Manager;

static int set_up(void **state)
{
    Manager *manager = g_new0(Manager, 1);
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    manager->dir = check_mkdir();
    manager->path = g_build_filename(manager->dir, "notify", NULL);
    manager->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    g_strlcpy(address.sun_path, manager->path, sizeof(address.sun_path));
    assert_int_equal(bind(manager->socket, (struct sockaddr *) &address, sizeof(address)), 0);
    g_setenv("NOTIFY_SOCKET", manager->path, TRUE);
    *state = manager;
    return 0;
}

static int tear_down(void **state)
{
    Manager *manager = *state;

    g_unsetenv("NOTIFY_SOCKET");
    close(manager->socket);
    check_rmdir(manager->dir);
    g_free(manager->path);
    g_free(manager);
    return 0;
}

static void what_is_sent_arrives_as_it_is(void **state)
{
    const Manager *manager = *state;
    char got[64] = "";

    assert_true(notify_try("STATUS=3 folders"));
    assert_int_equal(recv(manager->socket, got, sizeof(got) - 1, 0), 16);
    assert_string_equal(got, "STATUS=3 folders");
}

static void a_manager_that_does_not_read_blocks_no_thread(void **state)
{
    const Manager *manager = *state;
    char got[64] = "";
    int taken = 0;

    while (taken < 100000 && notify_try("STATUS=busy"))
        taken++;
    assert_true(taken > 0 && taken < 100000); /* full, and we are back */
    assert_true(recv(manager->socket, got, sizeof(got), 0) > 0);
    assert_true(notify_try("STATUS=busy")); /* there is room again */
}

static void without_a_socket_nothing_is_sent(void **state)
{
    (void) state;
    g_unsetenv("NOTIFY_SOCKET");
    assert_true(notify_try("STATUS=hello"));
    g_setenv("NOTIFY_SOCKET", "/nonexistent/notify", TRUE);
    assert_true(notify_try("STATUS=hello"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_sent_arrives_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_manager_that_does_not_read_blocks_no_thread, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_a_socket_nothing_is_sent, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
