/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder-notice - delivers one notice by one way; see wire/notice.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "notice/serve.h"
#include "wire/protocol.h"

enum { USAGE = 2 };

static int help(FILE *to)
{
    fputs("hotfolder-notice - delivers one notice; hotfolder starts it\n"
          "\n"
          "  hotfolder-notice --serve     answer one request on descriptor 3\n"
          "  hotfolder-notice --version\n"
          "\n"
          "`notify` in hotfolder.conf(5) says which notices there are.\n",
          to);
    return to == stderr ? USAGE : 0;
}

/* A helper that systemd started has no such parent, and ends when its connection does. */
static bool has_its_parent(void)
{
    const char *parent = getenv("HOTFOLDER_PARENT"); /* NOLINT(concurrency-mt-unsafe) */

    return !parent || atoi(parent) == getppid(); /* NOLINT(cert-err34-c) */
}

static int serve(void)
{
    g_autoptr(Error) error = NULL;

    if (close_range(PROTOCOL_SOCKET + 1, ~0U, 0) || fcntl(PROTOCOL_SOCKET, F_SETFD, FD_CLOEXEC) < 0)
        return help(stderr);
    if (!has_its_parent())
        return 1;
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0,
          0);                         /* the daemon's are not for sendmail */
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* what a program has started comes to us */
    if (notice_serve(PROTOCOL_SOCKET, &error))
        return 0;
    fprintf(stderr, "hotfolder-notice: %s\n", error->what);
    return 1;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (!strcmp(mode, "--serve"))
        return serve();
    if (!strcmp(mode, "--help"))
        return help(stdout);
    if (!strcmp(mode, "--version"))
        return puts("hotfolder-notice " HOTFOLDER_VERSION) < 0;
    return help(stderr);
}
