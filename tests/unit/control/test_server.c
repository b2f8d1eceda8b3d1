/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server with routes of its own: what clients send, and answers that take long. */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/control/json.h"
#include "daemon/control/peer.h"
#include "daemon/control/server.h"
#include "tests/unit/check.h"

typedef struct House {
    char *dir, *path;
    ControlView view;
    Control *control;
} House;

static sem_t begun, may_end;

static void answer_echo(const ControlView *view, const Request *request, Answer *answer)
{
    const char *path = request_text(request, "path");

    (void) view;
    if (path)
        json_add_text(answer->json, "path", path);
    cJSON_AddNumberToObject(answer->json, "limit", (double) request_number(request, "limit", 0));
}

static void answer_slowly(const ControlView *view, const Request *request, Answer *answer)
{
    (void) view;
    sem_post(&begun);
    while (sem_wait(&may_end) != 0)
        ;
    json_add_text(answer->json, "user", request->user);
}

static void answer_refusal(const ControlView *view, const Request *request, Answer *answer)
{
    (void) view, (void) request;
    cJSON_AddTrueToObject(answer->json, "half");
    answer_refuse(answer, ANSWER_REFUSED, "look", "'%s' was changed", "a\n.jpg");
}

static void answer_bytes(const ControlView *view, const Request *request, Answer *answer)
{
    (void) view, (void) request;
    answer_set_bytes(answer, "image/gif", g_bytes_new_static("GIF\0end", 7));
}

static const Parameter parameters[] = {
    { "path", PARAMETER_PATH, false, "" },
    { "limit", PARAMETER_NUMBER, false, "" },
    { 0 },
};

static const Route routes[] = {
    { "GET", "/v1/echo", ROUTE_READ, false, parameters, answer_echo, "" },
    { "POST", "/v1/echo", ROUTE_STEER, false, parameters, answer_echo, "" },
    { "GET", "/v1/slow", ROUTE_READ, true, parameters, answer_slowly, "" },
    { "GET", "/v1/bytes", ROUTE_READ, true, NULL, answer_bytes, "" },
    { "POST", "/v1/refusal", ROUTE_STEER, true, NULL, answer_refusal, "" },
    { 0 },
};

static int set_up(void **state)
{
    House *house = g_new0(House, 1);
    g_autoptr(Error) error = NULL;

    sem_init(&begun, 0, 0);
    sem_init(&may_end, 0, 0);
    house->dir = check_mkdir();
    house->path = g_build_filename(house->dir, "s", NULL);
    house->control = control_start(house->path, routes, &house->view, &error);
    assert_ok(house->control, error);
    *state = house;
    return 0;
}

static int tear_down(void **state)
{
    House *house = *state;

    control_stop(house->control);
    check_rmdir(house->dir);
    g_free(house->path);
    g_free(house);
    return 0;
}

/* ---- who asks ---- */

static uid_t asking; /* 0: the user of the test, which may do all */

/* NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names */
uid_t __real_peer_uid(int fd);
uid_t __wrap_peer_uid(int fd);
uid_t __wrap_peer_uid(int fd)
{
    return asking ? asking : __real_peer_uid(fd);
}
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */

/* ---- clients ---- */

static int connect_to(const House *house)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_strlcpy(address.sun_path, house->path, sizeof(address.sun_path));
    assert_int_equal(connect(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
    return fd;
}

static void turn(const House *house)
{
    struct pollfd ready = { .fd = control_fd(house->control), .events = POLLIN };

    poll(&ready, 1, 5);
    control_turn(house->control);
}

static void send_all(const House *house, int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            break; /* the server has heard enough */
        bytes += MAX(sent, 0);
        size -= (size_t) MAX(sent, 0);
        turn(house);
    }
}

/* What the server sends until it hangs up, newly allocated; closes the connection. */
static char *receive(const House *house, int fd)
{
    GString *text = g_string_new(NULL);
    char part[4096];
    ssize_t count = 0;

    do {
        turn(house);
        count = recv(fd, part, sizeof(part), 0);
        if (count > 0)
            g_string_append_len(text, part, count);
    } while (count > 0 || (count < 0 && errno == EAGAIN));
    close(fd);
    return g_string_free(text, FALSE);
}

static char *ask(const House *house, const char *text)
{
    int fd = connect_to(house);

    send_all(house, fd, text, strlen(text));
    return receive(house, fd);
}

static char *get(const House *house, const char *target)
{
    g_autofree char *text = g_strdup_printf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target);

    return ask(house, text);
}

static char *post(const House *house, const char *path, const char *body)
{
    g_autofree char *text = g_strdup_printf(
        "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s", path, strlen(body), body);

    return ask(house, text);
}

static void assert_answer(const char *answer, int status, const char *part)
{
    g_autofree char *line = g_strdup_printf("HTTP/1.1 %d ", status);

    if (!g_str_has_prefix(answer, line) || !strstr(answer, part))
        fail_msg("%d with %s expected: %s", status, part, answer);
}

static void assert_it_serves(const House *house)
{
    g_autofree char *answer = get(house, "/v1/echo");

    assert_answer(answer, 200, "\"limit\"");
}

/* ---- requests ---- */

static void a_query_and_a_body_are_bytes(void **state)
{
    g_autofree char *got = get(*state, "/v1/echo?path=/a%2Bb%20%ff%25.jpg&limit=12");
    g_autofree char *posted = post(*state, "/v1/echo", "{\"path\": \"/a+b \\\\xff%.jpg\"}");

    assert_answer(got, 200, "\"/a+b \\\\xff%.jpg\"");
    assert_answer(got, 200, "12");
    assert_answer(posted, 200, "\"/a+b \\\\xff%.jpg\"");
}

static void what_is_wrong_in_a_request_is_said(void **state)
{
    static const struct {
        const char *method, *target, *body;
        int status;
        const char *part;
    } rows[] = {
        { "GET", "/v1/none", "", 404, "there is no such path" },
        { "PUT", "/v1/slow", "", 405, "Allow: GET\r\n" },
        { "GET", "/v1/echo?limit=x", "", 400, "limit = x is wrong" },
        { "GET", "/v1/echo?limit", "", 400, "limit = " },
        { "GET", "/v1/echo?path=/a%00b", "", 400, "zero byte" },
        { "GET", "/v1/echo?a%00b=1", "", 400, "there is no parameter" },
        { "GET", "/v1/echo", "{\"limit\": 1}", 400, "there is no parameter 'limit'" },
        { "POST", "/v1/echo?limit=1", "", 400, "there is no parameter 'limit'" },
        { "POST", "/v1/echo", "limit=1", 400, "the body is no JSON object" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text =
            g_strdup_printf("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
                            rows[i].method, rows[i].target, strlen(rows[i].body), rows[i].body);
        g_autofree char *answer = ask(*state, text);
        assert_answer(answer, rows[i].status, rows[i].part);
    }
}

static void an_answer_may_be_bytes_of_another_type(void **state)
{
    g_autofree char *answer = get(*state, "/v1/bytes");

    assert_answer(answer, 200, "Content-Type: image/gif\r\n");
    assert_answer(answer, 200, "Content-Length: 7\r\n");
    assert_true(g_str_has_suffix(answer, "\r\n\r\nGIF"));
    assert_string_equal(answer + strlen(answer) + 1, "end");
}

static void a_refusal_has_nothing_but_the_error_and_what_helps(void **state)
{
    g_autofree char *answer = post(*state, "/v1/refusal", "{}");

    assert_answer(answer, 409, "\"'a\\\\x0a.jpg' was changed\"");
    assert_answer(answer, 409, "\"look\"");
    assert_null(strstr(answer, "half"));
}

static void a_body_that_is_too_large_is_refused_and_others_are_served(void **state)
{
    g_autofree char *zeros = g_strnfill(100000, '0');
    g_autofree char *announced = post(*state, "/v1/echo", zeros);
    g_autofree char *chunked = g_strdup_printf("POST /v1/echo HTTP/1.1\r\nHost: x\r\n"
                                               "Transfer-Encoding: chunked\r\n\r\n186a0\r\n%s\r\n"
                                               "0\r\n\r\n",
                                               zeros);
    g_autofree char *sent = ask(*state, chunked);

    assert_answer(announced, 413, "more than 65536 bytes");
    assert_answer(sent, 413, "more than 65536 bytes");
    assert_it_serves(*state);
}

static void a_body_without_end_is_not_read_to_its_end(void **state)
{
    g_autofree char *zeros = g_strnfill(1 << 20, '0');
    g_autofree char *announced = ask(*state, "POST /v1/echo HTTP/1.1\r\nHost: x\r\n"
                                             "Content-Length: 1000000000000\r\n\r\n0");
    g_autofree char *chunked =
        g_strdup_printf("POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "%x\r\n%s\r\n%x\r\n%s\r\n",
                        1 << 20, zeros, 1 << 20, zeros);
    g_autofree char *sent = ask(*state, chunked);

    assert_answer(announced, 413, "more than 65536 bytes");
    assert_string_equal(sent, "");
    assert_it_serves(*state);
}

static void headers_that_are_too_large_or_no_http_harm_no_other_client(void **state)
{
    g_autofree char *long_path = g_strnfill(200000, 'a');
    g_autofree char *path = get(*state, long_path);
    g_autofree char *header = g_strdup_printf("GET /v1/echo HTTP/1.1\r\nX: %s\r\n\r\n", long_path);
    g_autofree char *headers = ask(*state, header);
    g_autofree char *nonsense = ask(*state, "nonsense\r\n\r\n");
    g_autofree char *minus = ask(*state, "POST /v1/echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n");

    assert_null(strstr(path, " 200 "));
    assert_null(strstr(headers, " 200 "));
    assert_null(strstr(nonsense, " 200 "));
    assert_null(strstr(minus, " 200 "));
    assert_it_serves(*state);
}

static bool has_event(const House *house)
{
    struct pollfd ready = { .fd = control_fd(house->control), .events = POLLIN };

    return poll(&ready, 1, 100) > 0;
}

/* Turns only when there is an event, as the daemon does. */
static void more_connections_than_are_served_leave_it_listening(void **state)
{
    const House *house = *state;
    int clients[100];

    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
        clients[i] = connect_to(house);
        turn(house);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++)
        close(clients[i]);
    while (has_event(house))
        control_turn(house->control);
    int fd = connect_to(house);
    assert_true(has_event(house));
    close(fd);
    assert_it_serves(house);
}

/* ---- the page ---- */

enum { PAGE_USER = 64000, OTHER_USER };

static char *reload_as(House *house, uid_t user)
{
    asking = user;
    char *answer = ask(house, "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    asking = 0;
    return answer;
}

static void give_page(House *house, bool steers)
{
    house->view.settings = settings_new("x");
    house->view.settings->http = g_new0(Http, 1);
    house->view.settings->http->steer = steers;
    house->view.page = PAGE_USER;
}

static void the_page_may_steer_where_the_configuration_says_so_and_no_other_user(void **state)
{
    House *house = *state;

    give_page(house, true);
    g_autofree char *page = reload_as(house, PAGE_USER), *other = reload_as(house, OTHER_USER);
    assert_answer(page, 200, "\"limit\"");
    assert_answer(other, 403, "`operators`");
    house->view.settings->http->steer = false;
    g_autofree char *reader = reload_as(house, PAGE_USER);
    assert_answer(reader, 403, "steer = yes");
    house->view.page = PEER_NO_USER;
    house->view.settings->http->steer = true;
    g_autofree char *unknown = reload_as(house, PEER_NO_USER);
    assert_answer(unknown, 403, "`operators`");
    settings_unref(house->view.settings);
}

static void a_page_that_is_newer_than_the_configuration_asks_for_a_reload(void **state)
{
    House *house = *state;

    give_page(house, true);
    g_clear_pointer(&house->view.settings->http, g_free);
    g_autofree char *page = reload_as(house, PAGE_USER), *other = reload_as(house, OTHER_USER);
    assert_answer(page, 403, "sudo hotfolder reload");
    assert_answer(other, 403, "`operators`");
    settings_unref(house->view.settings);
}

static int connections_of(const House *house, uid_t user)
{
    int clients[40], served = 0;
    char byte = 0;

    asking = user;
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
        clients[i] = connect_to(house);
        turn(house);
    }
    asking = 0;
    while (has_event(house))
        control_turn(house->control);
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
        served += recv(clients[i], &byte, 1, 0) < 0 && errno == EAGAIN;
        close(clients[i]);
    }
    while (has_event(house))
        control_turn(house->control);
    return served;
}

static void the_page_has_more_connections_than_others_and_leaves_them_some(void **state)
{
    House *house = *state;

    give_page(house, false);
    assert_int_equal(connections_of(house, OTHER_USER), 8);
    assert_int_equal(connections_of(house, PAGE_USER), 24);
    assert_it_serves(house);
    settings_unref(house->view.settings);
}

/* ---- answers that take long ---- */

static int ask_slowly(const House *house, const char *target)
{
    g_autofree char *text = g_strdup_printf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target);
    int fd = connect_to(house);

    send_all(house, fd, text, strlen(text));
    while (sem_trywait(&begun) != 0)
        turn(house);
    return fd;
}

static void a_slow_answer_keeps_no_other_client_waiting(void **state)
{
    int fd = ask_slowly(*state, "/v1/slow");

    assert_it_serves(*state);
    sem_post(&may_end);
    g_autofree char *answer = receive(*state, fd);
    assert_answer(answer, 200, "\"user\"");
}

static void an_answer_that_does_not_come_is_said_to_go_on(void **state)
{
    House *house = *state;

    house->view.patience_ms = 1;
    house->view.settings = settings_new("x");
    Folder *folder = g_new0(Folder, 1);
    folder->name = g_strdup("inbox");
    folder->path = g_strdup("/in");
    folder->output = g_strdup("/out");
    g_ptr_array_add(house->view.settings->folders, folder);

    g_autofree char *in = receive(house, ask_slowly(house, "/v1/slow?path=/in/a/b"));
    g_autofree char *out = receive(house, ask_slowly(house, "/v1/slow?path=/out"));
    g_autofree char *none = receive(house, ask_slowly(house, "/v1/slow?path=/input"));

    assert_answer(in, 504, "the disk of folder 'inbox' does not respond");
    assert_answer(out, 504, "the disk of folder 'inbox' does not respond");
    assert_answer(none, 504, "the disk does not respond");
    assert_it_serves(house);
    for (int i = 0; i < 3; i++)
        sem_post(&may_end);
    control_stop(house->control); /* waits for them, which have references of the settings */
    house->control = NULL;
    settings_unref(house->view.settings);
}

static void a_client_that_leaves_before_a_slow_answer_harms_nothing(void **state)
{
    close(ask_slowly(*state, "/v1/slow"));
    assert_it_serves(*state);
    sem_post(&may_end);
    assert_it_serves(*state);
}

static void a_stop_waits_for_slow_answers_and_sends_them(void **state)
{
    House *house = *state;
    int fd = ask_slowly(house, "/v1/slow");
    char answer[4096] = "";

    sem_post(&may_end);
    control_stop(house->control);
    house->control = NULL;
    assert_true(recv(fd, answer, sizeof(answer) - 1, 0) > 0);
    assert_answer(answer, 200, "\"user\"");
    close(fd);
}

static void a_stop_begins_no_slow_answer(void **state)
{
    House *house = *state;
    int waits = ask_slowly(house, "/v1/slow"), late = connect_to(house);
    char answer[4096] = "";
    const char *text = "GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n";

    assert_it_serves(house); /* so the server has accepted `late`, too */
    assert_int_equal(send(late, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    sem_post(&may_end);
    sem_post(&may_end);
    control_stop(house->control);
    house->control = NULL;
    assert_true(recv(waits, answer, sizeof(answer) - 1, 0) > 0);
    assert_answer(answer, 200, "\"user\"");
    memset(answer, 0, sizeof(answer));
    assert_true(recv(late, answer, sizeof(answer) - 1, 0) > 0);
    assert_answer(answer, 503, "hotfolder stops");
    close(waits);
    close(late);
}

static void requests_that_would_wait_without_end_are_limited(void **state)
{
    House *house = *state;

    house->view.patience_ms = 1;
    for (int i = 0; i < 64; i++) {
        g_autofree char *answer = receive(house, ask_slowly(house, "/v1/slow"));
        assert_answer(answer, 504, "does not respond");
    }
    g_autofree char *answer = get(house, "/v1/slow");
    assert_answer(answer, 503, "too many requests wait");
    assert_it_serves(house);
    for (int i = 0; i < 64; i++)
        sem_post(&may_end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_query_and_a_body_are_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_in_a_request_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_may_be_bytes_of_another_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_has_nothing_but_the_error_and_what_helps, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_body_that_is_too_large_is_refused_and_others_are_served,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_without_end_is_not_read_to_its_end, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(headers_that_are_too_large_or_no_http_harm_no_other_client,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_connections_than_are_served_leave_it_listening, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            the_page_may_steer_where_the_configuration_says_so_and_no_other_user, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            a_page_that_is_newer_than_the_configuration_asks_for_a_reload, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            the_page_has_more_connections_than_others_and_leaves_them_some, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_slow_answer_keeps_no_other_client_waiting, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_answer_that_does_not_come_is_said_to_go_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_leaves_before_a_slow_answer_harms_nothing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stop_waits_for_slow_answers_and_sends_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_stop_begins_no_slow_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(requests_that_would_wait_without_end_are_limited, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
