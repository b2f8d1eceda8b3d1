/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder reload - makes the daemon read its configuration again, and shows the result. */
#include <cjson/cJSON.h>
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/client.h"
#include "command/command.h"
#include "daemon/control/answer.h"

static void show_each(const cJSON *errors)
{
    const cJSON *error = NULL;

    cJSON_ArrayForEach(error, errors)
        fprintf(stderr, "hotfolder: %s\n", cJSON_GetStringValue(error));
}

static int show(const char *answer)
{
    cJSON *json = cJSON_Parse(answer);
    const cJSON *errors = cJSON_GetObjectItem(json, "errors");
    const cJSON *folders = cJSON_GetObjectItem(json, "folders");

    show_each(errors);
    show_each(cJSON_GetObjectItem(json, "problems"));
    if (errors)
        fputs(
            "hotfolder: the old configuration stays in use; correct the errors and reload again\n",
            stderr);
    else
        printf("reloaded: %d folder%s\n", folders ? folders->valueint : 0,
               folders && folders->valueint == 1 ? "" : "s");
    bool ok = !errors;
    cJSON_Delete(json);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static char *ask(const Target *target)
{
    cJSON *nothing = cJSON_CreateObject();
    char *answer = client_ask(target, "/v1/reload", nothing, ANSWER_WRONG);

    cJSON_Delete(nothing);
    return answer;
}

static int run_reload(int argc, char **argv, const Target *target)
{
    int status = 0;

    if (usage_next(&usage_reload, argc, argv, &status) == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_reload, "unexpected argument '%s'", argv[optind]);

    g_autofree char *answer = ask(target);
    return answer ? show(answer) : EXIT_FAILURE;
}

static const UsageExit exits[] = {
    { 0, "the new configuration is in use" },
    { 1, "it has errors (the old one stays in use), or no daemon answers" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_reload = {
    .name = "hotfolder reload",
    .arguments = "",
    .summary = "make the daemon read a changed configuration",
    .text =
        "Makes the running daemon read its configuration, and waits until the new one is in "
        "use. A configuration with errors is refused, and each error is shown with its line; "
        "folders that cannot be used now are shown with what helps. "
        "`systemctl reload hotfolder` does the same. SIGHUP does it too, but then only the "
        "journal shows the result. Only root, the user that the service runs as and members of the "
        "group that `operators` names may reload.",
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_reload,
};
