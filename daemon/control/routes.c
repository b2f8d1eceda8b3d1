/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/routes.h"

#include <string.h>

#include "daemon/control/answers.h"

static const Parameter metrics_parameters[] = {
    { "format", PARAMETER_TEXT, false, "text (Prometheus 0.0.4), or openmetrics; else text" },
    { 0 },
};

static const Parameter pause_parameters[] = {
    { "folder", PARAMETER_TEXT, false, "its name or directory; without it, all are meant" },
    { 0 },
};

static const Parameter scan_parameters[] = {
    { "folder", PARAMETER_TEXT, true, "its name or directory" },
    { 0 },
};

static const Parameter notify_parameters[] = {
    { "notice", PARAMETER_TEXT, true, "its name in the configuration" },
    { 0 },
};

static const Parameter list_parameters[] = {
    { "folder", PARAMETER_TEXT, false, "only of this folder: its name, or its directory" },
    { "state", PARAMETER_TEXT, false, "queued, held, in progress, done, failed or ignored" },
    { "since", PARAMETER_NUMBER, false, "changed at this time or later: seconds since 1970" },
    { "reason", PARAMETER_TEXT, false, "the kind of the error, or a part of its text" },
    { "after", PARAMETER_TEXT, false, "`next` of the answer before: what follows that" },
    { "limit", PARAMETER_NUMBER, false, "how many at most: 1 to 1000, else 100" },
    { 0 },
};

static const Parameter retry_parameters[] = {
    { "path", PARAMETER_PATH, false, "of the original, in its place or in failed/" },
    { "job", PARAMETER_NUMBER, false, "instead: the number of a picture, as /v1/list has it" },
    { "all", PARAMETER_FLAG, false, "all that have failed, or wait for their next attempt" },
    { "folder", PARAMETER_TEXT, false, "those of this folder: its name, or its directory" },
    { "reason", PARAMETER_TEXT, false, "those with this kind of error, or this in its text" },
    { "after", PARAMETER_TEXT, false, "`next` of the answer before: what follows that" },
    { 0 },
};

static const Parameter cancel_parameters[] = {
    { "path", PARAMETER_PATH, true, "of the original" },
    { 0 },
};

static const Parameter reprocess_parameters[] = {
    { "folder", PARAMETER_TEXT, true, "its name, or its directory" },
    { "all", PARAMETER_FLAG, false, "also where neither the profile nor the original was changed" },
    { "after", PARAMETER_TEXT, false, "`next` of the answer before: what follows that" },
    { 0 },
};

static const Parameter preview_parameters[] = {
    { "job", PARAMETER_NUMBER, true, "the number of a picture, as /v1/list has it" },
    { "of", PARAMETER_TEXT, false, "original, else that, or output" },
    { "n", PARAMETER_NUMBER, false, "which of its outputs: 0, else that, is the first one" },
    { "size", PARAMETER_NUMBER, false, "pixels of the longer side at most: 64 to 2560, else 1600" },
    { 0 },
};

static const Parameter why_parameters[] = {
    { "path", PARAMETER_PATH, true, "the path of a file or directory, which need not exist" },
    { 0 },
};

static const Parameter undo_parameters[] = {
    { "path", PARAMETER_PATH, false, "of the original, in its place or in done/, or of an output" },
    { "job", PARAMETER_NUMBER, false, "instead: the number of a picture, as /v1/list has it" },
    { "last", PARAMETER_FLAG, false, "the picture that was done last" },
    { "since", PARAMETER_NUMBER, false, "all done since this time: seconds since 1970" },
    { "folder", PARAMETER_TEXT, false, "of this folder, with last or since" },
    { "after", PARAMETER_TEXT, false, "`next` of the answer before: what follows that" },
    { 0 },
};

const Route control_routes[] = {
    { "GET", "/v1/status", ROUTE_READ, false, NULL, answer_status, "what the daemon is doing" },
    { "GET", "/v1/metrics", ROUTE_READ, true, metrics_parameters, answer_metrics,
      "what was counted and measured, for Prometheus" },
    { "GET", "/v1/why", ROUTE_READ, true, why_parameters, answer_why,
      "what hotfolder knows of a path, and why" },
    { "POST", "/v1/reload", ROUTE_STEER, false, NULL, answer_reload,
      "make the daemon read a changed configuration" },
    { "POST", "/v1/pause", ROUTE_STEER, true, pause_parameters, answer_pause,
      "begin no more pictures of a folder, or of any" },
    { "POST", "/v1/resume", ROUTE_STEER, true, pause_parameters, answer_resume, "end a pause" },
    { "POST", "/v1/scan", ROUTE_STEER, true, scan_parameters, answer_scan,
      "look at every file of a folder now" },
    { "POST", "/v1/notify", ROUTE_STEER, true, notify_parameters, answer_notify,
      "deliver a notice that says that it is a test, by each of its ways" },
    { "GET", "/v1/list", ROUTE_READ, true, list_parameters, answer_list,
      "pictures that the ledger knows, the newest change first" },
    { "GET", "/v1/preview", ROUTE_READ, true, preview_parameters, answer_preview,
      "a small JPEG of an original or an output" },
    { "GET", "/v1/cards", ROUTE_READ, true, NULL, answer_cards,
      "cards of cameras that are read now, and those of before" },
    { "POST", "/v1/retry", ROUTE_STEER, true, retry_parameters, answer_retry,
      "try failed or cancelled pictures again" },
    { "POST", "/v1/cancel", ROUTE_STEER, true, cancel_parameters, answer_cancel,
      "take a picture out of the queue" },
    { "POST", "/v1/undo", ROUTE_STEER, true, undo_parameters, answer_undo,
      "put originals of done pictures back, and their outputs into the trash" },
    { "POST", "/v1/reprocess", ROUTE_STEER, true, reprocess_parameters, answer_reprocess,
      "make the outputs of a folder again" },
    { "POST", "/v1/doctor", ROUTE_STEER, true, NULL, answer_doctor,
      "examine the daemon and its folders, each with a hidden file that is removed" },
    { 0 },
};

const Route *routes_find(const Route *routes, const char *method, const char *path, Answer *refusal,
                         const char **allow)
{
    const Route *other = NULL;

    for (; routes->path; routes++) {
        if (strcmp(path, routes->path) != 0)
            continue;
        if (!strcmp(method, routes->method))
            return routes;
        other = routes;
    }
    if (!other) {
        answer_refuse(refusal, ANSWER_UNKNOWN, "hotfolderd(8) names the file that lists all",
                      "there is no such path");
        return NULL;
    }
    *allow = other->method;
    g_autofree char *fix = g_strdup_printf("use %s %s", other->method, other->path);
    answer_refuse(refusal, ANSWER_BAD_METHOD, fix, "this path does not accept this method");
    return NULL;
}
