/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories, folders, originals that were moved, outputs, and paths elsewhere. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/control/json.h"
#include "daemon/control/subject.h"
#include "daemon/control/why_internal.h"
#include "daemon/files/mounts.h"
#include "daemon/settings/ignore.h"

enum { HISTORY = 20 }; /* pictures of one name, of which an original was moved */

/* ---- directories ---- */

static void add_count(GString *list, cJSON *json, const char *word, int64_t count)
{
    cJSON_AddNumberToObject(json, word, (double) count);
    word = !strcmp(word, "cancelled") ? "cancelled or undone" : word;
    if (count)
        g_string_append_printf(list, "%s%" G_GINT64_FORMAT " %s", list->len ? ", " : "", count,
                               word);
}

/* "3 queued, 1 failed", newly allocated; NULL where the ledger cannot be read. */
static char *counts_text(Question *question, int pending)
{
    g_autoptr(GString) list = g_string_new(NULL);
    g_autoptr(Error) error = NULL;
    LedgerCounts counts = { 0 };

    if (!ledger_summary(question->view->ledger, question->folder->name, question->inside, &counts,
                        &error)) {
        why_fail(question, error);
        return NULL;
    }
    cJSON *json = cJSON_AddObjectToObject(question->answer->json, "pictures");
    add_count(list, json, "pending", pending);
    add_count(list, json, "queued", counts.queued);
    add_count(list, json, "in progress", ledger_in_progress(&counts));
    add_count(list, json, "done", counts.done);
    add_count(list, json, "failed", counts.failed);
    add_count(list, json, "cancelled", counts.cancelled);
    return list->len ? g_string_free(g_steal_pointer(&list), FALSE)
                     : g_strdup("no picture has been here");
}

/* Of the folder itself, or of a directory in it. */
static void note_health(Question *question)
{
    g_autofree char *reason = text_escape(question->health_reason ? question->health_reason : "");
    const char *what = *question->inside ? "its folder" : "it";

    if (question->health == HEALTH_PAUSED) {
        why_note(question, "%s is paused %s", what, reason);
        why_note_resume(question);
    } else {
        why_note(question, "%s is %s: %s", what, health_word(question->health), reason);
    }
}

static void note_watching(Question *question, const PathReport *report)
{
    if (question->health != HEALTH_AVAILABLE)
        note_health(question);
    else if (!report->scanned)
        why_note(question, "the first scan of the folder is not over; it has found %d %s so far",
                 report->files, report->files == 1 ? "file" : "files");
    else if (report->poll_s)
        why_note(question, "new files are found by polling every %d s: %s", report->poll_s,
                 report->poll_why);
    else if (report->unwatched)
        why_note(question, "it is not watched, as the limit of watches is reached, and not polled, "
                           "as the folder has watch = events");
    else
        why_note(question, "new files are found by events");
}

static PathReport report_of(const Question *question)
{
    g_autofree char *path = *question->inside ? g_strconcat(question->inside, "/", NULL) : NULL;

    return watch_why(question->view->watch, question->folder->name, path ? path : "");
}

void why_directory(Question *question)
{
    why_set_kind(question, "directory");
    PathReport report = report_of(question);
    g_autofree char *counts = counts_text(question, report.pending_below);
    if (!counts) {
        path_report_clear(&report);
        return;
    }
    if (!why_ignored(question, &report, true)) {
        why_set_state(question, health_word(question->health), "directory: %s", counts);
        note_watching(question, &report);
    }
    path_report_clear(&report);
}

void why_folder(Question *question)
{
    const Folder *folder = question->folder;
    PathReport report = report_of(question);
    g_autofree char *counts = counts_text(question, report.pending_below);
    g_autofree char *name = text_escape(folder->name);
    g_autofree char *output = text_escape(folder->output);
    g_autofree char *profile = text_escape(folder->profile->name);

    why_set_kind(question, "folder");
    if (counts) {
        why_set_state(question, health_word(question->health), "folder '%s' is %s: %s", name,
                      health_word(question->health), counts);
        why_note(question, "outputs of profile '%s' appear in %s", profile, output);
        note_watching(question, &report);
    }
    path_report_clear(&report);
}

/* ---- originals that were moved ---- */

/* What is remembered of the file that lies there, by whatever name it came; else, where that is not
 * known, the newest picture of `source` that came into this state. */
static const LedgerEntry *find_original(const Question *question, const char *source,
                                        LedgerState state, GArray *entries)
{
    Ledger *ledger = question->view->ledger;
    const char *folder = question->folder->name;
    FileId there = fileid_of(&question->look.st);
    g_autoptr(Error) unknown = NULL;

    if (question->look.result == LOOK_THERE &&
        ledger_of_file(ledger, folder, &there, entries, &unknown) && entries->len) {
        subject_prefer(entries, source);
        return &g_array_index(entries, LedgerEntry, 0);
    }
    if (unknown || !ledger_history(ledger, folder, source, HISTORY, entries, &unknown))
        return NULL;
    for (guint i = 0; i < entries->len; i++)
        if (g_array_index(entries, LedgerEntry, i).row.state == state)
            return &g_array_index(entries, LedgerEntry, i);
    return NULL;
}

/* The report beside an original is about that: its name without .txt. */
static char *source_of(const char *rest, bool failed, bool *report)
{
    *report = failed && g_str_has_suffix(rest, ".txt");
    return *report ? g_strndup(rest, strlen(rest) - strlen(".txt")) : g_strdup(rest);
}

static bool tell_original(Question *question, const char *source, LedgerState state, bool report)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    const LedgerEntry *entry = find_original(question, source, state, entries);

    if (!entry)
        return false;
    g_autofree char *path = g_build_filename(question->folder->path, entry->row.source, NULL);
    g_autofree char *shown = text_escape(path);
    why_note(question, report ? "this is the report about %s" : "this is the original of %s",
             shown);
    why_entry(question, entry);
    why_set_kind(question, report ? "report" : "original");
    return true;
}

static void tell_own_directory(Question *question, const char *name)
{
    static const char *const words[][2] = {
        { "done", "originals of finished pictures" },
        { "failed", "originals that failed, each with a report beside it" },
        { "trash", "originals of finished pictures, where the disk has no trash" },
    };
    const char *what = "";

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (!strcmp(words[i][0], name))
            what = words[i][1];
    why_set_kind(question, "directory");
    why_set_state(question, "ignored", "ignored: hotfolder puts %s here", what);
}

void why_original(Question *question)
{
    const char *slash = strchr(question->inside, '/');
    g_autofree char *top = slash ? g_strndup(question->inside, (gsize) (slash - question->inside))
                                 : g_strdup(question->inside);
    bool failed = !strcmp(top, "failed"), report = false;
    LedgerState state = failed ? LEDGER_FAILED : LEDGER_DONE;

    if (!slash || !slash[1]) {
        tell_own_directory(question, top);
        return;
    }
    g_autofree char *source = source_of(slash + 1, failed, &report);
    g_autofree char *plain = subject_unnumbered(source);
    if (tell_original(question, source, state, report) ||
        (plain && tell_original(question, plain, state, report)) || why_part(question, source) ||
        (plain && why_part(question, plain)))
        return;
    why_set_kind(question, "original");
    why_set_state(question, "ignored",
                  "ignored: %s/ is for originals that hotfolder has moved; it "
                  "remembers none of this name",
                  top);
}

/* ---- outputs ---- */

/* What is remembered of the output's file; false: nothing. */
static bool file_of_output(const Question *question, const LedgerEntry *entry, FileId *file)
{
    g_autoptr(GArray) outputs = ledger_outputs_new();
    g_autoptr(Error) unknown = NULL;

    if (!ledger_outputs_of(question->view->ledger, entry->row.id, outputs, &unknown))
        return false;
    for (guint i = 0; i < outputs->len; i++) {
        const LedgerOutput *output = &g_array_index(outputs, LedgerOutput, i);

        if (!strcmp(output->path, question->inside)) {
            *file = output->file;
            return true;
        }
    }
    return false;
}

static void note_undone(Question *question, const LedgerEntry *entry)
{
    g_autofree char *who = text_escape(entry->cancelled_by ? entry->cancelled_by : "?");
    g_autofree char *time = clock_text(entry->cancelled_wall_ms);

    why_note(question, "undone by %s at %s; undo moves outputs to the trash", who, time);
}

static void note_output_now(Question *question, const LedgerEntry *entry)
{
    FileId there = fileid_of(&question->look.st), made = { 0 };

    if (entry->row.state == LEDGER_CANCELLED && entry->cancelled_why == CANCEL_UNDONE)
        note_undone(question, entry);
    else if (entry->row.state != LEDGER_DONE)
        why_note(question, "it is not published yet");
    else if (question->look.result == LOOK_GONE)
        why_note(question, "it is not there any more");
    else if (question->look.result == LOOK_THERE && file_of_output(question, entry, &made) &&
             !fileid_same(&made, &there))
        why_note(question, "another program has changed or replaced it since");
}

/* "made from inbox/beach.jpg by profile web, 14:02", newly allocated. */
static char *made_text(const Folder *folder, const LedgerEntry *entry)
{
    g_autofree char *path = g_build_filename(folder->path, entry->row.source, NULL);
    g_autofree char *source = text_escape(path);
    g_autofree char *profile = text_escape(entry->profile ? entry->profile : "");
    g_autofree char *time = clock_text(entry->changed_wall_ms);

    return g_strdup_printf("made from %s%s%s, %s", source, *profile ? " by profile " : "", profile,
                           time);
}

static void tell_made(Question *question, const LedgerEntry *entry)
{
    cJSON *json = question->answer->json;
    g_autofree char *path = g_build_filename(question->folder->path, entry->row.source, NULL);
    g_autofree char *text = made_text(question->folder, entry);

    why_set_kind(question, "output");
    why_set_state(question, "done", "%s", text);
    json_add_text(json, "source", path);
    cJSON_DeleteItemFromObject(json, "folder");
    json_add_text(json, "folder", question->folder->name);
    cJSON_AddNumberToObject(json, "job", (double) entry->row.id);
    json_add_time(question->answer->json, "changed", entry->changed_wall_ms);
    if (entry->profile)
        json_add_text(json, "profile", entry->profile);
    note_output_now(question, entry);
}

bool why_made(Question *question)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;
    const Folder *maker = subject_maker(question->view, question->path, &entries, &error);

    if (error)
        why_fail(question, error);
    if (!maker)
        return error != NULL;
    question->folder = maker;
    question->inside = mounts_below(question->path, maker->output);
    tell_made(question, &g_array_index(entries, LedgerEntry, 0));
    return true;
}

void why_note_made(Question *question)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) unknown = NULL;
    const Folder *maker = subject_maker(question->view, question->path, &entries, &unknown);

    if (!maker)
        return;
    g_autofree char *text = made_text(maker, &g_array_index(entries, LedgerEntry, 0));
    why_note(question, "it is an output, too: %s", text);
}

void why_output_directory(Question *question)
{
    const Folder *folder = question->folder;
    g_autofree char *name = text_escape(folder->name);
    g_autofree char *path = text_escape(folder->path);

    if (*question->inside == '\0' ||
        (question->look.result == LOOK_THERE && S_ISDIR(question->look.st.st_mode))) {
        why_set_kind(question, "directory");
        why_set_state(question, health_word(question->health),
                      "outputs of the folder '%s' appear here", name);
        why_note(question, "to have a picture processed, put it into %s", path);
        return;
    }
    why_set_kind(question, "output");
    why_set_state(
        question, "never seen",
        "never seen: it lies where outputs of the folder '%s' appear, and no picture that "
        "hotfolder remembers has made it",
        name);
    why_note(question, "to have a picture processed, put it into %s", path);
}

/* ---- elsewhere ---- */

/* How many bytes two paths have in common, up to a slash. */
static size_t common(const char *a, const char *b)
{
    size_t slash = 0;

    for (size_t i = 0; a[i] && a[i] == b[i]; i++)
        if (a[i] == '/' || a[i + 1] == '\0')
            slash = i;
    return slash;
}

static const Folder *closest(const GPtrArray *folders, const char *path)
{
    const Folder *found = NULL;
    size_t most = 0;

    for (guint i = 0; i < folders->len; i++) {
        const Folder *folder = folders->pdata[i];
        size_t same = common(folder->path, path);

        if (same > most) {
            found = folder;
            most = same;
        }
    }
    return found;
}

static void add_folder(Question *question, cJSON *list, const Folder *folder, const char *title)
{
    g_autofree char *name = text_escape(folder->name), *path = text_escape(folder->path);
    cJSON *row = cJSON_CreateObject();

    json_add_text(row, "name", folder->name);
    json_add_text(row, "path", folder->path);
    json_add_text(row, "output", folder->output);
    cJSON_AddItemToArray(list, row);
    why_note(question, "%s '%s': %s", title, name, path);
}

void why_elsewhere(Question *question)
{
    const GPtrArray *folders = question->view->settings->folders;
    const Folder *near = closest(folders, question->path);
    cJSON *list = cJSON_AddArrayToObject(question->answer->json, "folders");

    json_add_text(question->answer->json, "configuration", question->view->settings->file);
    why_set_kind(question, "none");
    why_set_state(question, "never seen",
                  folders->len ? "never seen: it lies in no folder that hotfolder watches"
                               : "never seen: hotfolder watches no folder");
    if (near)
        add_folder(question, list, near, folders->len > 1 ? "the closest folder is" : "folder");
    for (guint i = 0; i < folders->len; i++)
        if (folders->pdata[i] != near)
            add_folder(question, list, folders->pdata[i], "folder");
}
