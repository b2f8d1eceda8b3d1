/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/served.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "wire/protocol.h"

enum { USAGE = 2 };

static int help(const Served *served, FILE *to)
{
    fputs(served->help, to);
    return to == stderr ? USAGE : 0;
}

/* A helper that systemd started has no such parent, and ends when its connection does. */
static bool has_its_parent(void)
{
    const char *parent = getenv("HOTFOLDER_PARENT"); /* NOLINT(concurrency-mt-unsafe) */

    return !parent || atoi(parent) == getppid(); /* NOLINT(cert-err34-c) */
}

static int serve(const Served *served)
{
    g_autoptr(Error) error = NULL;

    if (close_range(PROTOCOL_SOCKET + 1, ~0U, 0) || fcntl(PROTOCOL_SOCKET, F_SETFD, FD_CLOEXEC) < 0)
        return help(served, stderr);
    if (!has_its_parent())
        return 1;
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* what a program has started comes to us */
    if (served->begin)
        served->begin();
    if (served->serve(PROTOCOL_SOCKET, &error))
        return 0;
    fprintf(stderr, "%s: %s\n", served->name, error->what);
    return 1;
}

int served_main(const Served *served, int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (!strcmp(mode, "--serve"))
        return serve(served);
    if (!strcmp(mode, "--help"))
        return help(served, stdout);
    if (!strcmp(mode, "--version"))
        return printf("%s %s\n", served->name, HOTFOLDER_VERSION) < 0;
    return help(served, stderr);
}
