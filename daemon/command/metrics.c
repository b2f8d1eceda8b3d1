/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder metrics - what the daemon counts and measures, as Prometheus reads it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "command/client.h"
#include "command/output_file.h"
#include "command/terminal.h"
#include "daemon/files/textfile.h"

enum { OPTION_OUTPUT = 256, OPTION_OPENMETRICS };
enum { MODE = 0644 }; /* who collects the file is another user */

/* ---- the file ---- */

/* A device or a link that another program relies on is not replaced. */
static bool is_replaceable(const char *path, Error **err)
{
    g_autofree char *shown = text_escape(path);
    struct stat st;

    return lstat(path, &st) < 0 || S_ISREG(st.st_mode) ||
           error_set(err, ERROR_CONFIG, "name another file with --output",
                     "'%s' is there, and is no regular file", shown);
}

/* Takes over fd, of the file `temp`. */
static bool finish(int fd, const char *temp, const char *path, const char *text)
{
    bool ok = textfile_put(fd, text) && fchmod(fd, MODE) == 0;
    int code = errno;

    if (close(fd) < 0 && ok) {
        ok = false;
        code = errno;
    }
    if (ok && rename(temp, path) == 0)
        return true;
    code = ok ? errno : code;
    unlink(temp);
    errno = code;
    return false;
}

/* Under a name that no collector takes, until it is whole. */
static bool replace(const char *path, const char *text, Error **err)
{
    g_autofree char *temp = g_strconcat(path, ".XXXXXX", NULL), *shown = text_escape(path);
    int fd = g_mkstemp_full(temp, O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);

    return (fd >= 0 && finish(fd, temp, path, text)) ||
           error_errno(err, errno, "cannot write '%s'", shown);
}

/* ---- the command ---- */

static bool is_allowed(const char *path, const Target *target, Error **err)
{
    return output_file_allowed(path, NULL, target, err) && is_replaceable(path, err);
}

static int report(const Error *error)
{
    g_autofree char *text = error_text(error);

    terminal_error("%s", text);
    return EXIT_FAILURE;
}

static int run_metrics(int argc, char **argv, const Target *target)
{
    const char *output = NULL;
    bool openmetrics = false;
    int option = 0, status = 0;

    while ((option = usage_next(&usage_metrics, argc, argv, &status)) > 0) {
        openmetrics |= option == OPTION_OPENMETRICS;
        output = option == OPTION_OUTPUT ? optarg : output;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_metrics, "unexpected argument '%s'", argv[optind]);

    g_autofree char *path = output ? client_path(output) : NULL;
    g_autoptr(Error) error = NULL;
    if (path && !is_allowed(path, target, &error))
        return report(error);
    g_autofree char *text =
        client_ask(target, openmetrics ? "/v1/metrics?format=openmetrics" : "/v1/metrics", NULL, 0);
    if (!text)
        return EXIT_FAILURE;
    if (path)
        return replace(path, text, &error) ? EXIT_SUCCESS : report(error);
    fputs(text, stdout);
    return EXIT_SUCCESS;
}

static const UsageOption options[] = {
    { OPTION_OUTPUT, COMPLETE_WITH_FILES, "output", "FILE",
      "write them to FILE, which is replaced at once: for the textfile collector of node_exporter, "
      "in a file whose name ends in .prom" },
    { OPTION_OPENMETRICS, COMPLETE_WITH_NOTHING, "openmetrics", NULL,
      "write OpenMetrics 1.0 instead of Prometheus' text format 0.0.4, the only one that the "
      "textfile collector reads" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the metrics were written" },
    { 1, "no daemon has answered, or FILE cannot be written: it stays as it was" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_metrics = {
    .name = "hotfolder metrics",
    .arguments = "",
    .summary = "write what the daemon counts and measures, for Prometheus",
    .text = "Writes the metrics of the running daemon: pictures by their end, how long they waited "
            "and took, queues, states of folders, memory. hotfolder-metrics(7) explains each of "
            "them, and how Prometheus gets them.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_metrics,
};
