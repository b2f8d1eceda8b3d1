/* loop.h - the main thread's loop: what the service waits for, and what it does then. */
#pragma once

#include "daemon/service/service_internal.h"

/* A source for all that the service waits for; nothing is armed yet. */
bool loop_build(Service *service, Error **err);
void loop_free(Service *service); /* a timer that is held holds the loop in turn */

/* Tells the manager that the service is ready, and turns until it is told to stop: 0, or what was
 * given to sd_event_exit(), or a negative errno value. */
int loop_run(Service *service);

/* Takes the configuration as it is now: of a Service, for ControlView.reload. */
bool loop_reload(void *service, GPtrArray *mistakes);
