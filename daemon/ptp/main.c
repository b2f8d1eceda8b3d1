/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder-ptp - reads what is on a camera at a USB port; see wire/camera.h. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ptp/sandbox.h"
#include "ptp/serve.h"
#include "wire/protocol.h"

enum { USAGE = 2 };

static int help(FILE *to)
{
    fputs(
        "hotfolder-ptp - reads what is on a camera; hotfolder starts it\n"
        "\n"
        "  hotfolder-ptp --serve PORT    answer on descriptor 3; PORT is usb:001,004 or disk:/DIR\n"
        "  hotfolder-ptp --version\n"
        "\n"
        "`from` in hotfolder.conf(5) says which cameras are imported.\n",
        to);
    return to == stderr ? USAGE : 0;
}

static bool has_its_parent(void)
{
    const char *parent = getenv("HOTFOLDER_PARENT"); /* NOLINT(concurrency-mt-unsafe) */

    return parent && atoi(parent) == getppid(); /* NOLINT(cert-err34-c) */
}

static int serve(const char *port)
{
    g_autoptr(Error) error = NULL;

    if (close_range(PROTOCOL_SOCKET + 1, ~0U, 0) || fcntl(PROTOCOL_SOCKET, F_SETFD, FD_CLOEXEC) < 0)
        return help(stderr);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 0);
    if (!has_its_parent())
        return EXIT_FAILURE;
    if (ptp_sandbox_enter(port, &error) && ptp_serve(PROTOCOL_SOCKET, port, &error))
        return EXIT_SUCCESS;
    fprintf(stderr, "hotfolder-ptp: %s\n", error->what);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (!strcmp(mode, "--serve") && argc == 3)
        return serve(argv[2]);
    if (!strcmp(mode, "--help"))
        return help(stdout);
    if (!strcmp(mode, "--version"))
        return puts("hotfolder-ptp " HOTFOLDER_VERSION) < 0;
    return help(stderr);
}
