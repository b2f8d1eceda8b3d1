/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder notify - tries a notice before anything happens. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/json.h"
#include "command/question.h"
#include "command/terminal.h"

enum { OPTION_JSON = 256 };

/* Whether it was delivered. */
static bool show_way(const char *notice, const cJSON *way)
{
    bool sent = cJSON_IsTrue(cJSON_GetObjectItem(way, "sent"));
    const char *fix = json_text(way, "fix");

    if (sent)
        printf("%s: a test was delivered by %s\n", notice, json_text(way, "way"));
    else
        terminal_error("%s: not delivered by %s: %s%s%s", notice, json_text(way, "way"),
                       json_text(way, "error"), *fix ? "; " : "", fix);
    return sent;
}

static int show(cJSON *answer, bool json)
{
    const cJSON *way = NULL;
    bool all = true;

    cJSON_ArrayForEach(way, cJSON_GetObjectItem(answer, "ways"))
    {
        if (json)
            all &= cJSON_IsTrue(cJSON_GetObjectItem(way, "sent"));
        else
            all &= show_way(json_text(answer, "notice"), way);
    }
    if (json)
        json_print(answer);
    else
        cJSON_Delete(answer);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_notify(int argc, char **argv, const Target *target)
{
    int option = 0, status = 0;
    bool json = false;

    while ((option = usage_next(&usage_notify, argc, argv, &status)) > 0)
        json = true;
    if (option == USAGE_DONE)
        return status;
    if (optind == argc)
        return usage_error(&usage_notify, "name a notice of the configuration");
    if (optind + 1 < argc)
        return usage_error(&usage_notify, "unexpected argument '%s'", argv[optind + 1]);
    cJSON *request = cJSON_CreateObject();
    json_add_text(request, "notice", argv[optind]);
    cJSON *answer = question_ask(target, "/v1/notify", request, 0);
    return answer ? show(answer, json) : EXIT_FAILURE;
}

static const UsageOption options[] = {
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the daemon's answer as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "it was delivered by each of its ways" },
    { 1, "it was not, there is no such notice, you may not, or no daemon answers" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_notify = {
    .name = "hotfolder notify",
    .arguments = "NAME",
    .summary = "try a notice before anything happens",
    .text = "Has the daemon deliver a notice that says that it is a test, by each way that "
            "`notify \"NAME\"` has, and shows what came of it. Notices that could not be delivered "
            "are tried again at once, where the test arrived.\n\n" CLIENT_WHO_MAY,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_notify,
};
