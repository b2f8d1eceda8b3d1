/* thread.h - threads beside the main one. */
#pragma once

#include <pthread.h>

/* Signals that a fault of our own brings about, to the thread that has it; 0 ends them. */
extern const int thread_faults[];

/* pthread_create(3) of a thread that leaves signals to the main one. Those of a fault stay: where
 * they are blocked, the kernel ends the process without calling a handler. */
int thread_start(pthread_t *thread, void *(*run)(void *data), void *data);
