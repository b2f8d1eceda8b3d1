/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What any member of the service's group may send to the control socket: each connection ends, with
 * an answer in JSON or without one; a parameter is what its row says; and the next client is
 * served. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/text.h"
#include "daemon/control/json.h"
#include "daemon/control/server.c" /* NOLINT(bugprone-suspicious-include): a connection by hand */

enum { TURNS_MAX = 10000, ANSWER_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void answer_echo(const ControlView *nothing, const Request *request, Answer *answer)
{
    const char *path = request_text(request, "path"), *text = request_text(request, "text");
    int64_t number = request_number(request, "number", 0);

    (void) nothing;
    demand(path && *path == '/' && !strstr(path, "//") && !g_str_has_suffix(path, "/.."));
    demand(number >= 0 && number <= INT64_C(1) << 53);
    json_add_text(answer->json, "path", path);
    if (text)
        json_add_text(answer->json, "text", text);
    cJSON_AddBoolToObject(answer->json, "flag", request_flag(request, "flag"));
    g_autofree char *shown = text_escape(path);
    g_autofree char *again = text_unescape(shown);
    demand(!strcmp(path, again));
}

static const Parameter table[] = {
    { "path", PARAMETER_PATH, true, "" },
    { "text", PARAMETER_TEXT, false, "" },
    { "number", PARAMETER_NUMBER, false, "" },
    { "flag", PARAMETER_FLAG, false, "" },
    { 0 },
};

static const Route routes[] = {
    { "GET", "/v1/echo", ROUTE_READ, false, table, answer_echo, "" },
    { "POST", "/v1/echo", ROUTE_STEER, false, table, answer_echo, "" },
    { 0 },
};

static Control *start(void)
{
    static ControlView view;
    g_autofree char *dir = g_dir_make_tmp("fuzz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "s", NULL);
    g_autoptr(Error) error = NULL;
    Control *control = control_start(path, routes, &view, &error);

    demand(control);
    unlink(path);
    rmdir(dir);
    return control;
}

/* What the server answers to these bytes; newly allocated. */
static GString *ask(Control *control, const void *bytes, size_t size)
{
    GString *answer = g_string_new(NULL);
    int ends[2], turns = 0;
    size_t sent = 0;
    ssize_t count = 0;
    char part[4096];

    demand(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    demand(MHD_add_connection(control->http, ends[1], NULL, 0) == MHD_YES);
    do {
        demand(++turns < TURNS_MAX && answer->len < ANSWER_MAX);
        if (sent < size)
            count = send(ends[0], (const char *) bytes + sent, size - sent, MSG_NOSIGNAL);
        sent = count < 0 && errno != EAGAIN ? size : sent + (size_t) MAX(count, 0);
        if (sent == size)
            shutdown(ends[0], SHUT_WR);
        control_turn(control);
        count = recv(ends[0], part, sizeof(part), 0);
        g_string_append_len(answer, part, MAX(count, 0));
    } while (count > 0 || (count < 0 && errno == EAGAIN));
    close(ends[0]);
    return answer;
}

/* Of our own answers, not of those that the library gives to what is no HTTP. */
static void answer_is_json(const GString *answer)
{
    const char *type = strstr(answer->str, "application/json");
    const char *body = type ? strstr(type, "\r\n\r\n") : NULL;

    if (!body)
        return;
    demand(g_utf8_validate(body, -1, NULL));
    cJSON *json = cJSON_Parse(body);
    demand(!body[4] || cJSON_IsObject(json)); /* none to HEAD */
    cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char right[] = "GET /v1/echo?path=/a HTTP/1.1\r\nHost: x\r\n\r\n";
    static Control *control;

    if (!control)
        control = start();
    g_autoptr(GString) answer = ask(control, data, size);
    answer_is_json(answer);
    g_autoptr(GString) next = ask(control, right, sizeof(right) - 1);
    demand(g_str_has_prefix(next->str, "HTTP/1.1 200 ") && strstr(next->str, "\"/a\""));
    return 0;
}
