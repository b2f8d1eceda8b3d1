/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/thread.h"

#include <signal.h>

const int thread_fault_signals[] = {
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, 0,
};

int thread_start(pthread_t *thread, void *(*run)(void *data), void *data)
{
    sigset_t others, before;

    sigfillset(&others);
    for (const int *fault = thread_fault_signals; *fault; fault++)
        sigdelset(&others, *fault);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    int code = pthread_create(thread, NULL, run, data);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}
