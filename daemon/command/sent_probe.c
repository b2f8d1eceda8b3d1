/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/sent_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "command/client.h"
#include "command/folder_status.h"
#include "command/json.h"
#include "daemon/files/beneath.h"
#include "daemon/settings/ignore.h"

enum { PAUSE_US = 20000, ANSWER_S = 5 };

/* 240x160 pixels: red grows to the right, green downwards. */
static const char picture[] =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmB"
    "anGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSk"
    "pKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCACgAPADASIAAhEBAxEB/8QAGAABAQEBAQAA"
    "AAAAAAAAAAAAAQAEAgX/xAAVEAEBAAAAAAAAAAAAAAAAAAAAEf/EABcBAQEBAQAAAAAAAAAAAAAAAAIBBQP/"
    "xAAWEQEBAQAAAAAAAAAAAAAAAAAAARH/2gAMAwEAAhEDEQA/APOhMUajjAjDBpaIoYYJSiKGKCUoJig1RFDD"
    "BpShGKCUohhiglATFBKURGGCUChiiFKITFBKUIwwSgiMUGrohhig0pWZQwxssOBQxQaUEJig0oCYoJSiIwxK"
    "Qihig0pRCYoKwKGGCWhGKCUoMMUEoDDFBKURGGCUoRiglKIYYoNIRGGJVjMoYo2WHKCYoNIKGGDSlCMUEoIY"
    "YoNIQmKDSlChhglAjFBXQYYohSiKGGCUoRhg0hFDFBpSgwxQaUoihhg0oEYoNKVmhhijZYcCMMGroihig0pQ"
    "TFEKBQwwS0IwwSlCMUEoDDFBKBGGCUoihigrKCYoNKCKGGDSlCMMQoIjFBpaITFBpSs0UMMbLDgRig0oIYYo"
    "NWUIwwSlCMUEhCYoJShOoohSiKGGCQUMUEpQTFBKBGGDSERig1ZRDDFBKAmKCWiKGGCUrLCYo2WHKCYolIRQ"
    "wwaUoihiglATFBWCKGGCUoRiglBCYoNLQTFBpSiIwwSgihig0hCYolKURQwwSgRhgrHJMUEpWaIwxssOUKGK"
    "CUohMUEpRDDFBKCIwwS0RGKIUohhigrAjDBpQKGGDSlCMUGlKDDFBpQRGGDSlCMUEpRDDFBIRGGCUrMjFG0w"
    "oDDFBKURGGCUoRhglKIoYoJCExQSgihhglKIjFBpAwxQasoidRRCgRhglBFDFBpSgmKCUEUMMEtCMUEpWaGG"
    "KNlhyhGGCoiMUEoCYohSiKOooNKBGGDSlCMUEoDDFBpShQwwaUoihiglATFBXRDDFBKUIwwSgUMUQoCYoJSs"
    "0UMMbLDlCMUEoIYYoJSiIwwVgUMUGloJig0pQYYoNKBQwwaUoUMUSlKCYoJSiIwwSEUMMFYIoYoJSgwxQaQR"
    "hglK/9k=";

void sent_probe_clear(SentProbe *result)
{
    g_clear_pointer(&result->outputs, g_ptr_array_unref);
    g_clear_pointer(&result->sizes, g_free);
}

/* ---- whether ---- */

/* A number of the folder's sequence would be missing afterwards. */
static bool is_numbered(const char *profile)
{
    return g_regex_match_simple("\\bseq\\b", profile, 0, 0);
}

const char *sent_probe_refusal(const Folder *folder)
{
    IgnoredPlace ignored;

    if (!(folder->limits.accept & FORMAT_BIT(FORMAT_JPEG)))
        return "the folder accepts no JPEG";
    if (ignore_place(folder, PROBE_PREFIX "0.jpg", false, &ignored))
        return "the folder ignores files of its name";
    if (is_numbered(folder->profile->text))
        return "its profile numbers the pictures, and the probe would take a number";
    return NULL;
}

/* ---- the picture ---- */

/* JPEG with a comment, which makes its content unique; newly allocated. */
static GByteArray *make_picture(const char *id)
{
    g_autofree char *comment = g_strdup_printf("hotfolder probe %s", id);
    gsize size = 0, length = strlen(comment) + 2;
    g_autofree guchar *bytes = g_base64_decode(picture, &size);
    const guchar head[] = { 0xff, 0xfe, (guchar) (length >> 8), (guchar) length };
    GByteArray *whole = g_byte_array_new();

    g_byte_array_append(whole, bytes, 2);
    g_byte_array_append(whole, head, sizeof(head));
    g_byte_array_append(whole, (const guchar *) comment, (guint) strlen(comment));
    return g_byte_array_append(whole, bytes + 2, (guint) size - 2);
}

static bool write_whole(int fd, const GByteArray *bytes)
{
    ssize_t written = write(fd, bytes->data, bytes->len);

    if (written >= 0 && written != (ssize_t) bytes->len)
        errno = ENOSPC;
    return written == (ssize_t) bytes->len;
}

/* Where root drops it, it belongs to the folder's owner, as what people drop does, and every user
 * may read it: the daemon may be any of them. */
static bool drop_into(int directory, const char *name, const GByteArray *bytes)
{
    struct stat st;
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0664);
    bool ok = fd >= 0 && fstat(directory, &st) == 0 &&
              (geteuid() != 0 || fchown(fd, st.st_uid, st.st_gid) == 0) && fchmod(fd, 0664) == 0 &&
              write_whole(fd, bytes);
    int code = errno;

    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !ok)
        unlinkat(directory, name, 0);
    errno = code;
    return ok;
}

static bool drop(const Folder *folder, const char *name, const char *id, Error **err)
{
    g_autofree char *shown = text_escape(folder->path);
    g_autoptr(GByteArray) bytes = make_picture(id);
    int directory = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool dropped = directory >= 0 && drop_into(directory, name, bytes);
    int code = errno;

    if (directory >= 0)
        close(directory);
    return dropped || error_errno(err, code, "cannot drop a probe picture into '%s'", shown);
}

/* ---- its way ---- */

static bool lies_there(const Folder *folder, const char *name)
{
    struct stat st;

    return beneath_stat(folder->path, name, &st);
}

/* What `hotfolder why` says of it; NULL: no daemon answers. */
static cJSON *ask_why(const Target *target, const Folder *folder, const char *name)
{
    g_autofree char *socket = g_build_filename(target->runtime_dir, "control.sock", NULL);
    g_autofree char *path = g_build_filename(folder->path, name, NULL);
    g_autofree char *request = client_add(g_strdup("/v1/why"), "path", path);
    g_autofree char *answer = client_get(socket, request, ANSWER_S);

    return answer ? cJSON_Parse(answer) : NULL;
}

/* Always false. */
static bool explain_failure(const cJSON *answer, Error **err)
{
    const cJSON *error = cJSON_GetObjectItem(answer, "error");
    const char *what = json_text(error, "what"), *fix = json_text(error, "fix");

    return error_set(err, ERROR_PICTURE, *fix ? fix : NULL, "the probe picture failed: %s",
                     *what ? what : "the daemon says no reason");
}

/* Whether the daemon is done with it: also with its original. False with *err set where it failed,
 * or else while it goes on. */
static bool has_ended(const Target *target, const Folder *folder, const char *name, Error **err)
{
    cJSON *answer = ask_why(target, folder, name);
    const char *state = json_text(answer, "state");
    bool done =
        !strcmp(state, "done") && (!folder_moves_originals(folder) || !lies_there(folder, name));

    if (!strcmp(state, "failed"))
        explain_failure(answer, err);
    cJSON_Delete(answer);
    return done;
}

static bool explain_silence(const Target *target, const Folder *folder, int timeout_ms, Error **err)
{
    g_auto(FolderStatus) status = { 0 };
    g_autofree char *name = text_shell_word(folder->name);
    g_autofree char *fix = g_strdup_printf("`journalctl HOTFOLDER_FOLDER=%s` says more", name);
    g_autofree char *time = units_duration_text(timeout_ms);

    folder_status_ask(target, folder->name, &status);
    const char *why = status.reason ? status.reason : status.waiting;
    return error_set(err, ERROR_ENVIRONMENT, fix,
                     "the probe picture was not finished within %s%s%s%s%s", time,
                     status.state ? ": the folder is " : "", status.state ? status.state : "",
                     why ? ": " : "", why ? why : "");
}

static bool await(const Target *target, const Folder *folder, const char *name, int timeout_ms,
                  Error **err)
{
    int64_t end_ms = clock_ms() + timeout_ms;

    while (clock_ms() < end_ms && !*err) {
        if (has_ended(target, folder, name, err))
            return true;
        g_usleep(PAUSE_US);
    }
    return !*err && explain_silence(target, folder, timeout_ms, err);
}

/* ---- its traces ---- */

/* Waits until the daemon has ended it: else it could publish outputs behind our back. One that is
 * pending may stay so, as its end was never written. */
static void await_old(const Target *target, const Folder *folder, const char *name, int64_t end_ms)
{
    static const char *const going_on[] = { "queued", "in progress", NULL };
    bool goes_on = true;

    while (goes_on && clock_ms() < end_ms) {
        cJSON *answer = ask_why(target, folder, name);
        goes_on = g_strv_contains(going_on, json_text(answer, "state"));
        cJSON_Delete(answer);
        if (goes_on)
            g_usleep(PAUSE_US);
    }
}

void sent_probe_remove_leftovers(const Target *target, const Folder *folder, int timeout_ms)
{
    g_autoptr(GHashTable) names = probe_traces_leftovers(folder);
    int64_t end_ms = clock_ms() + timeout_ms;
    GHashTableIter all;
    gpointer name = NULL, since = NULL;

    g_hash_table_iter_init(&all, names);
    while (g_hash_table_iter_next(&all, &name, &since)) {
        ProbeTraces traces = { folder, name, *(const struct timespec *) since };
        await_old(target, folder, name, end_ms);
        g_free(probe_traces_remove(&traces, NULL, NULL)); /* the next probe says it */
    }
}

/* Whether something of it stays, with *err set. */
static bool refuse_trace(const char *path, Error **err)
{
    g_autofree char *shown = path ? text_escape(path) : NULL;

    return path && !error_set(err, ERROR_ENVIRONMENT, "remove it",
                              "the probe picture went through, but '%s' stays", shown);
}

bool sent_probe_run(const Target *target, const Folder *folder, int timeout_ms, SentProbe *result,
                    Error **err)
{
    g_autofree char *id = g_strdup_printf("%08x", g_random_int());
    g_autofree char *name = g_strdup_printf(PROBE_PREFIX "%s.jpg", id);
    ProbeTraces traces = probe_traces_begin(folder, name);
    int64_t began_ms = clock_ms();
    int64_t bytes = 0;

    *result = (SentProbe){ .outputs = g_ptr_array_new_with_free_func(g_free) };
    bool ok = drop(folder, name, id, err) && await(target, folder, name, timeout_ms, err);
    result->seconds = (double) (clock_ms() - began_ms) / 1000;
    g_autofree char *stays = probe_traces_remove(&traces, result->outputs, &bytes);
    result->sizes = units_bytes_rounded(bytes);
    return ok && !refuse_trace(stays, err);
}
