/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/routes.h"

#include <string.h>

#include "daemon/control/answers.h"

static const Parameter a_folder[] = {
    { "folder", PARAMETER_TEXT, false, "the name of a folder" },
    { "path", PARAMETER_PATH, false,
      "the directory of a folder, or a path in it, in place of its name" },
    { 0 },
};

const Route control_routes[] = {
    { "GET", "/v1/status", ROUTE_READ, false, NULL, answer_status, "what the daemon is doing" },
    { "POST", "/v1/reload", ROUTE_STEER, false, NULL, answer_reload,
      "make the daemon read a changed configuration" },
    { "POST", "/v1/pause", ROUTE_STEER, true, a_folder, answer_pause,
      "begin no more pictures of a folder, or of any" },
    { "POST", "/v1/resume", ROUTE_STEER, true, a_folder, answer_resume, "end a pause" },
    { "POST", "/v1/scan", ROUTE_STEER, true, a_folder, answer_scan,
      "look at every file of a folder now" },
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
