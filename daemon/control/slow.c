/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/slow.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/user.h"
#include "daemon/files/async.h"

enum { WAIT_MS = 60 * 1000 };

struct SlowCall {
    AsyncCall *thread;
    const Route *route;
    ControlView view;
    Request *request;
    Answer *answer;
    int wake; /* its own, since the server may have ended */
    atomic_bool ended;
};

static void call_free(void *data)
{
    SlowCall *call = data;

    settings_unref(call->view.settings);
    request_free(call->request);
    answer_free(call->answer);
    if (call->wake >= 0)
        close(call->wake);
    g_free(call);
}

static void work(void *data)
{
    SlowCall *call = data;

    call->request->user = user_name(call->request->uid);
    call->route->answer(&call->view, call->request, call->answer);
    atomic_store(&call->ended, true);
    eventfd_write(call->wake, 1);
}

SlowCall *slow_start(const Route *route, const ControlView *view, Request *request, int wake)
{
    SlowCall *call = g_new0(SlowCall, 1);

    call->route = route;
    call->view = *view;
    if (view->settings)
        settings_ref(view->settings);
    call->request = request;
    call->answer = answer_new();
    call->wake = fcntl(wake, F_DUPFD_CLOEXEC, 0);
    call->thread = async_start(work, call, call_free);
    return call;
}

bool slow_has_ended(const SlowCall *call)
{
    return atomic_load(&call->ended);
}

void slow_wait(const SlowCall *call)
{
    while (!async_wait(call->thread, WAIT_MS))
        ;
}

const Request *slow_request(const SlowCall *call)
{
    return call->request;
}

const Answer *slow_answer(const SlowCall *call)
{
    return call->answer;
}

void slow_free(SlowCall *call)
{
    if (call)
        async_abandon(call->thread);
}
