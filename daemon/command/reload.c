/* hotfolder reload - has the daemon read its configuration again, and says how that went. */
#include <cjson/cJSON.h>
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/client.h"
#include "command/command.h"
#include "daemon/service/control.h"

static int show(const char *answer)
{
    cJSON *json = cJSON_Parse(answer);
    const cJSON *mistakes = cJSON_GetObjectItem(json, "mistakes"), *mistake = NULL;
    int folders = (int) cJSON_GetNumberValue(cJSON_GetObjectItem(json, "folders"));

    cJSON_ArrayForEach(mistake, mistakes) fprintf(stderr, "%s\n", cJSON_GetStringValue(mistake));
    if (mistakes)
        fputs("hotfolder: nothing has changed; mend this and reload again\n", stderr);
    else
        printf("reloaded: %d folder%s\n", folders, folders == 1 ? "" : "s");
    bool ok = !mistakes;
    cJSON_Delete(json);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_reload(int argc, char **argv, const Target *target)
{
    int status = 0;

    if (usage_next(&usage_reload, argc, argv, &status) == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_reload, "unexpected argument '%s'", argv[optind]);

    g_autofree char *answer =
        client_ask(target->runtime_dir, "POST", "/v1/reload", CONTROL_MISTAKES);
    return answer ? show(answer) : EXIT_FAILURE;
}

static const UsageExit exits[] = {
    { 0, "the new configuration is in use" },
    { 1, "it has mistakes, which are told, and the old one stays; or no daemon answers" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_reload = {
    .name = "hotfolder reload",
    .arguments = "",
    .summary = "have the daemon take a changed configuration",
    .text =
        "Has the running daemon read its configuration, and waits until it is in use. One with "
        "mistakes is refused, with each of them and its line. `systemctl reload hotfolder` does "
        "the same; so does SIGHUP, where only the journal tells how it went. It is for root and "
        "the user that the service runs as.",
    .exits = exits,
    .run = run_reload,
};
