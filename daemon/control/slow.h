/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* slow.h - makes an answer that may take long in a thread of its own. Main thread only. */
#pragma once

#include "daemon/control/routes.h"

typedef struct SlowCall SlowCall;

/* Takes the request. `wake`, an eventfd, becomes readable when the answer is there. */
SlowCall *slow_start(const Route *route, const ControlView *view, Request *request, int wake);

bool slow_has_ended(const SlowCall *call);
void slow_wait(const SlowCall *call); /* until it has ended */

const Request *slow_request(const SlowCall *call);
const Answer *slow_answer(const SlowCall *call); /* after it has ended */

/* What has not ended goes on alone, with the view's parts. */
void slow_free(SlowCall *call);
