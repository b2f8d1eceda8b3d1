/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder doctor - examines a set-up, and says what helps. The daemon examines its folders, as it
 * has its user and its sandbox; where none runs, the command does what it can. */
#include "daemon/control/doctor.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/user.h"
#include "command/check_folders.h"
#include "command/client.h"
#include "command/doctor_service.h"
#include "command/doctor_worker.h"
#include "command/folder_status.h"
#include "command/json.h"
#include "command/sent_probe.h"
#include "command/terminal.h"
#include "daemon/settings/load.h"

enum { OPTION_PROBE = 256, OPTION_JSON };
enum { STATUS_S = 10, PROBE_MS = 120000 };

/* What the examination knows so far. */
typedef struct Doctor {
    Target target;
    UnitManager manager;
    char *config;       /* that the daemon has read, or would read */
    Settings *settings; /* NULL: it has errors */
    bool runs;          /* a daemon answers */
    bool probes;        /* a picture is sent through each folder */
    GPtrArray *list;    /* findings that are not in `found` yet */
    cJSON *found;       /* the array of all of them, in the order of the answer */
} Doctor;

/* Moves what is in the list to the end of `found`. */
static void hand_over(Doctor *doctor)
{
    cJSON *array = finding_list_json(doctor->list);

    while (array->child)
        cJSON_AddItemToArray(doctor->found, cJSON_DetachItemFromArray(array, 0));
    cJSON_Delete(array);
    g_ptr_array_set_size(doctor->list, 0);
}

/* ---- the daemon ---- */

/* Whether one answers; it says which configuration it has read. */
static void find_daemon(Doctor *doctor)
{
    g_autofree char *socket = g_build_filename(doctor->target.runtime_dir, "control.sock", NULL);
    g_autofree char *answer = client_get(socket, "/v1/status", STATUS_S);
    cJSON *json = answer ? cJSON_Parse(answer) : NULL;

    doctor->runs = json != NULL;
    if (json && *json_text(json, "configuration")) {
        g_free(doctor->config);
        doctor->config = text_unescape(json_text(json, "configuration"));
    }
    cJSON_Delete(json);
}

static void report_daemon(Doctor *doctor)
{
    g_autofree char *start = doctor_start_command(&doctor->target, doctor->manager);
    g_autofree char *fix = g_strdup_printf("start it: %s", start);
    g_autofree char *user = user_name(geteuid());

    if (doctor->runs)
        finding_add(doctor->list, FINDING_OK, NULL, NULL, "the daemon runs with '%s'",
                    doctor->config);
    else
        finding_add(doctor->list, FINDING_PROBLEM, NULL, fix,
                    "no daemon answers in '%s': no picture is processed; the rest is what the user "
                    "%s can see",
                    doctor->target.runtime_dir, user);
    hand_over(doctor);
}

/* False where it does not examine anything for this user. */
static bool ask_daemon(Doctor *doctor)
{
    cJSON *nothing = cJSON_CreateObject();
    g_autofree char *answer =
        doctor->runs ? client_ask(&doctor->target, "/v1/doctor", nothing, 0) : NULL;
    cJSON *json = answer ? json_answer(answer) : NULL;
    cJSON *findings = cJSON_DetachItemFromObject(json, "findings");

    while (findings && findings->child)
        cJSON_AddItemToArray(doctor->found, cJSON_DetachItemFromArray(findings, 0));
    cJSON_Delete(findings);
    cJSON_Delete(json);
    cJSON_Delete(nothing);
    return answer != NULL;
}

/* ---- the configuration ---- */

static void load(Doctor *doctor)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

    doctor->settings = settings_load(doctor->config, NULL, errors);
    for (guint i = 0; i < errors->len; i++) {
        const Error *error = errors->pdata[i];
        finding_add_at(doctor->list, FINDING_PROBLEM, NULL, error->where, error->fix, error->what);
    }
    hand_over(doctor);
}

/* ---- the folders, without a daemon ---- */

typedef struct Alone {
    Doctor *doctor;
    const Folder *folder;
} Alone;

static void examine(void *data)
{
    const Alone *alone = data;

    doctor_folder(alone->doctor->list, alone->doctor->settings, alone->folder,
                  alone->doctor->settings->sandbox_lacks);
}

/* Root looks as the user that the service runs as. */
static void examine_alone(Doctor *doctor)
{
    bool service = geteuid() == 0 && doctor->manager == UNIT_SYSTEM;
    CheckUser user = service ? check_service_user() : (CheckUser){ 0 };

    doctor_loops(doctor->list, doctor->settings);
    for (guint i = 0; i < doctor->settings->folders->len; i++) {
        Alone alone = { doctor, doctor->settings->folders->pdata[i] };
        check_act(alone.folder, &user, examine, &alone);
    }
    hand_over(doctor);
}

/* ---- the probe picture ---- */

static void report_probe(Doctor *doctor, const Folder *folder, const SentProbe *probe)
{
    if (probe->outputs->len)
        finding_add(doctor->list, FINDING_OK, folder, NULL,
                    "a picture went through, and came out as '%s'; every trace of it is removed",
                    (const char *) probe->outputs->pdata[0]);
    else
        finding_add(doctor->list, FINDING_OK, folder, NULL,
                    "a picture went through, and its profile made no output of it");
}

/* Whether it would wait: the folder is paused, held or unavailable. */
static bool would_wait(Doctor *doctor, const Folder *folder)
{
    g_auto(FolderStatus) status = { 0 };

    folder_status_ask(&doctor->target, folder->name, &status);
    if (!status.state || !strcmp(status.state, "available"))
        return false;
    finding_add(doctor->list, FINDING_NOTE, folder,
                folder_status_is_paused(&status)
                    ? "end the pause with `hotfolder resume`, and send the picture then"
                    : "correct that, and send the picture then",
                "no probe picture is sent: the folder is %s%s%s", status.state,
                status.reason ? ": " : "", status.reason ? status.reason : "");
    return true;
}

static void send_probe(Doctor *doctor, const Folder *folder)
{
    const char *refusal = sent_probe_refusal(folder);
    g_autoptr(Error) error = NULL;
    g_auto(SentProbe) probe = { 0 };

    if (refusal) {
        finding_add(doctor->list, FINDING_NOTE, folder, "drop a picture of your own into it",
                    "no probe picture is sent: %s", refusal);
        return;
    }
    if (would_wait(doctor, folder))
        return;
    sent_probe_remove_leftovers(&doctor->target, folder, PROBE_MS);
    if (sent_probe_run(&doctor->target, folder, PROBE_MS, &probe, &error))
        report_probe(doctor, folder, &probe);
    else
        finding_add_error(doctor->list, FINDING_PROBLEM, folder, error);
}

static void send_probes(Doctor *doctor)
{
    g_autofree char *start = doctor_start_command(&doctor->target, doctor->manager);
    g_autofree char *fix = g_strdup_printf("start it (%s), and ask again", start);

    if (!doctor->runs)
        finding_add(doctor->list, FINDING_NOTE, NULL, fix,
                    "no probe picture is sent: no daemon runs that would process it");
    for (guint i = 0; doctor->runs && doctor->settings && i < doctor->settings->folders->len; i++)
        send_probe(doctor, doctor->settings->folders->pdata[i]);
}

/* ---- the result ---- */

static void show(const cJSON *finding)
{
    static const Paint paints[] = { PAINT_GOOD, PAINT_NOTICE, PAINT_BAD };
    const char *level = json_text(finding, "level"), *fix = json_text(finding, "fix");
    const char *folder = json_text(finding, "folder"), *where = json_text(finding, "where");
    bool is_ok = !strcmp(level, finding_word(FINDING_OK));
    Paint paint = paints[is_ok                                        ? FINDING_OK
                         : !strcmp(level, finding_word(FINDING_NOTE)) ? FINDING_NOTE
                                                                      : FINDING_PROBLEM];

    terminal_print(stdout, paint, "%-7s", level);
    printf("  %s%s%s%s%s%s%s\n", folder, *folder ? ": " : "", where, *where ? ": " : "",
           json_text(finding, "what"), *fix ? "; " : "", fix);
}

static int count_problems(const cJSON *found)
{
    const cJSON *finding = NULL;
    int problems = 0;

    cJSON_ArrayForEach(finding, found) problems +=
        !strcmp(json_text(finding, "level"), finding_word(FINDING_PROBLEM));
    return problems;
}

static int tell(Doctor *doctor, bool as_json)
{
    const cJSON *finding = NULL;
    int problems = count_problems(doctor->found);

    if (as_json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddBoolToObject(json, "ok", problems == 0);
        cJSON_AddBoolToObject(json, "running", doctor->runs);
        json_add_text(json, "configuration", doctor->config);
        cJSON_AddItemToObject(json, "findings", g_steal_pointer(&doctor->found));
        json_print(json);
        return problems ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    cJSON_ArrayForEach(finding, doctor->found) show(finding);
    if (problems)
        printf("%d problem%s\n", problems, problems == 1 ? "" : "s");
    else
        puts("no problem was found");
    return problems ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- the command ---- */

static void examine_all(Doctor *doctor)
{
    find_daemon(doctor);
    report_daemon(doctor);
    load(doctor);
    bool asked = ask_daemon(doctor);
    if (!asked && doctor->settings)
        examine_alone(doctor);
    doctor_unit(doctor->list, &doctor->target, doctor->manager, doctor->config, doctor->settings);
    doctor_worker(doctor->list, doctor->settings);
    doctor_cards(doctor->list);
    if (doctor->settings)
        doctor_people(doctor->list, doctor->manager, doctor->settings);
    if (doctor->probes)
        send_probes(doctor);
    hand_over(doctor);
}

static int examine_target(const Target *target, const char *given, bool probes, bool as_json)
{
    Doctor doctor = { .target = *target, .probes = probes };

    doctor.config = g_canonicalize_filename(given ? given : target->config, NULL);
    doctor.target.config = given ? given : target->config;
    doctor.manager = given ? UNIT_BY_HAND : doctor_manager(target);
    doctor.list = finding_list_new();
    doctor.found = cJSON_CreateArray();
    examine_all(&doctor);
    int status = tell(&doctor, as_json);
    cJSON_Delete(doctor.found);
    g_ptr_array_unref(doctor.list);
    g_clear_pointer(&doctor.settings, settings_unref);
    g_free(doctor.config);
    return status;
}

static int run_doctor(int argc, char **argv, const Target *target)
{
    const char *config = NULL;
    int option = 0, status = 0;
    bool json = false, probes = false;

    while ((option = usage_next(&usage_doctor, argc, argv, &status)) > 0) {
        json = json || option == OPTION_JSON;
        probes = probes || option == OPTION_PROBE;
        if (option == 'c')
            config = optarg;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_doctor, "unexpected argument '%s'; all folders are examined",
                           argv[optind]);
    return examine_target(target, config, probes, json);
}

static const UsageOption options[] = {
    { OPTION_PROBE, COMPLETE_WITH_NOTHING, "probe", NULL,
      "also send a small picture through each folder; what takes outputs from there sees it too" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print what was found as JSON" },
    { 'c', COMPLETE_WITH_FILES, "config", "FILE",
      "of a daemon with this configuration that systemd does not start; with --runtime-dir" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "no problem was found" },
    { 1, "a problem was found" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_doctor = {
    .name = "hotfolder doctor",
    .arguments = "",
    .summary = "examine the whole set-up, and say what helps",
    .text =
        "Examines the configuration, the daemon, its systemd unit and each folder, and writes a "
        "line for each thing that it finds: ok, note (it works, but otherwise than you may expect) "
        "or problem (pictures wait or fail), and what helps.\n\n"
        "The daemon itself examines its folders, with its own rights and in its sandbox: whether "
        "it may use their directories, whether the file system reports changes and says that a "
        "file is still being written, how much space is free, whether the clock of a file server "
        "is right, whether there are enough inotify watches, and whether folders feed each other. "
        "The "
        "command asks the worker which formats and fonts there are. "
        "For that it makes a hidden file in each hot folder, which it never takes as a picture, "
        "and "
        "removes it. Only root, the user that the service runs as and members of the group that "
        "`operators` names may ask it. Where no daemon answers, the command says so first, and "
        "examines the folders as the user who runs it; root as the user of the service.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_doctor,
};
