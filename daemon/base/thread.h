/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* thread.h - starts threads that leave signals to the main one. */
#pragma once

#include <pthread.h>

/* Signals that the kernel sends to a thread for a fault of its own; 0 ends them. */
extern const int thread_fault_signals[];

/* As pthread_create(3), returning 0 or an errno value, with all signals blocked but those of a
 * fault: where they are blocked, the kernel ends the process without calling a handler. */
int thread_start(pthread_t *thread, void *(*run)(void *data), void *data);
