/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder-worker - the program that handles pictures, and the only one that links libvips.
 *
 * The daemon starts it and talks to it; people do not. The first argument chooses what it does;
 * this file sets the process up for it. */
#include <fcntl.h>
#include <glib.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "wire/protocol.h"
#include "worker/able.h"
#include "worker/check.h"
#include "worker/describe.h"
#include "worker/log.h"
#include "worker/sandbox.h"
#include "worker/serve.h"
#include "worker/values.h"

enum { KEEP = 32 * 1024 * 1024, TRIM = 256 * 1024 * 1024, USAGE = 2 };

/* glibc gives every big buffer back to the kernel and gets the next one zeroed page by page;
 * keeping them saved a third to a half of the system time and 13 to 18 % of the time in all. */
static void keep_big_buffers(void)
{
    mallopt(M_MMAP_THRESHOLD, KEEP); /* NOLINT(concurrency-mt-unsafe): there are no threads yet */
    mallopt(M_TRIM_THRESHOLD, TRIM); /* NOLINT(concurrency-mt-unsafe): no threads yet */
}

/* A worker without its daemon would wait for ever, or write an output that is never published. */
static void die_with_daemon(void)
{
    const char *parent = g_getenv("HOTFOLDER_PARENT");

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (parent && getppid() != (pid_t) g_ascii_strtoll(parent, NULL, 10))
        _exit(0); /* it died before we asked */
}

/* Dates are local. GLib reads /etc/localtime again each time unless TZ names a zone that it has
 * loaded, and the sandbox lets it read nothing. */
static void keep_time_zone(void)
{
    static GTimeZone *zone; /* never freed: GLib finds it again */

    zone = g_time_zone_new_local();
    g_setenv("TZ", g_time_zone_get_identifier(zone), TRUE);
}

static int serve(bool fonts, bool check)
{
    die_with_daemon();
    if (close_range(PROTOCOL_SOCKET + 1, ~0U, 0) || fcntl(PROTOCOL_SOCKET, F_GETFD) < 0) {
        fputs("hotfolder-worker: --serve is for hotfolderd, which gives it a socket\n", stderr);
        return USAGE;
    }
    fcntl(PROTOCOL_SOCKET, F_SETFD, FD_CLOEXEC);
    sandbox_limit();
    keep_big_buffers();
    keep_time_zone();
    signal(SIGXFSZ, SIG_IGN); /* an output that becomes too large is an error, not a crash */
    return worker_serve(fonts, check);
}

static bool has_option(char **arguments, const char *option)
{
    return g_strv_contains((const char *const *) arguments, option);
}

static int values(char **arguments, bool json)
{
    keep_time_zone();
    return worker_values(arguments, json);
}

static int help(FILE *to)
{
    fputs("hotfolder-worker - handles the pictures for hotfolderd, which starts it\n"
          "\n"
          "  hotfolder-worker --serve [--fonts] [--check]  serve jobs on descriptor 3, profiles on "
          "stdin\n"
          "  hotfolder-worker --check               check the profiles on stdin\n"
          "  hotfolder-worker --describe [ACTION]   list the actions, or explain one\n"
          "  hotfolder-worker --describe-json [ACTION]  the same as JSON\n"
          "  hotfolder-worker --able                as JSON: the formats and fonts that there are\n"
          "  hotfolder-worker --names               the names of the actions\n"
          "  hotfolder-worker --values [PHOTO [VALUE...]]  what names may use of a picture\n"
          "  hotfolder-worker --values-json [PHOTO [VALUE...]]  the same as JSON\n"
          "  hotfolder-worker --version\n"
          "\n"
          "People use `hotfolder check`, `actions`, `values` and `run`.\n",
          to);
    return to == stderr ? USAGE : 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    bool serves = !strcmp(mode, "--serve");

    log_redirect(serves);
    if (serves)
        return serve(has_option(argv + 2, "--fonts"), has_option(argv + 2, "--check"));
    sandbox_limit();
    if (!strcmp(mode, "--check"))
        return worker_check();
    if (!strcmp(mode, "--able"))
        return worker_able();
    if (!strcmp(mode, "--describe"))
        return worker_describe(argv[2], false);
    if (!strcmp(mode, "--describe-json"))
        return worker_describe(argv[2], true);
    if (!strcmp(mode, "--names"))
        return worker_names();
    if (!strcmp(mode, "--values"))
        return values(argv + 2, false);
    if (!strcmp(mode, "--values-json"))
        return values(argv + 2, true);
    if (!strcmp(mode, "--help"))
        return help(stdout);
    if (!strcmp(mode, "--version"))
        return puts("hotfolder-worker " HOTFOLDER_VERSION) < 0;
    return help(stderr);
}
