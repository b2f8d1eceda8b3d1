/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* loop.h - the main thread's loop: everything that the service waits for, and its handlers. The
 * main thread only. */
#pragma once

#include "daemon/service/service_internal.h"

/* Makes a source for everything that the service waits for; no timer is set yet. */
bool loop_build(Service *service, Error **err);
void loop_free(Service *service); /* each timer holds a reference of the loop */

/* Reports to the manager that the service is ready, then runs until a stop. Returns 0, the argument
 * of sd_event_exit(), or a negative errno value. */
int loop_run(Service *service);

/* Reads the configuration again, as ControlView.reload does; user is the Service. */
bool loop_reload(void *user, GPtrArray *errors);
