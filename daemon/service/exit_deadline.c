/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/service/exit_deadline.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t exit_status;

static void on_alarm(int number)
{
    static const char text[] =
        "<4>a file system does not respond; hotfolder exits without waiting for it\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

    (void) number, (void) ignored;
    _exit(exit_status);
}

void exit_deadline_set(int64_t ms, int status)
{
    struct sigaction action = { .sa_handler = on_alarm };

    exit_status = status;
    sigaction(SIGALRM, &action, NULL);
    alarm((unsigned) ((ms + 999) / 1000));
}
