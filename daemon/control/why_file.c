/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A path in a folder: what the watcher and the ledger know of it together. */
#include <string.h>

#include "base/clock.h"
#include "base/reasons.h"
#include "base/text.h"
#include "base/units.h"
#include "daemon/control/json.h"
#include "daemon/control/why_internal.h"
#include "daemon/settings/ignore.h"

enum {
    HISTORY = 3,    /* pictures of one name that are read */
    SOON_MS = 2000, /* a check that is nearer needs no words */
};

/* ---- pending ---- */

static bool waits_for_shot(const char *reason)
{
    return !strcmp(reason, REASON_PICTURE) || !strcmp(reason, REASON_RAW) ||
           !strcmp(reason, REASON_SIDECAR);
}

/* Until when a file that may be incomplete waits, or one that waits for another. */
static void note_deadline(Question *question, const PathReport *report)
{
    const Folder *folder = question->folder;
    int64_t changed_ms = report->changed_ms ? report->changed_ms : clock_ms();
    g_autofree char *incomplete = units_duration_text(folder->incomplete_ms);
    g_autofree char *quiet = units_duration_text(folder->quiet_ms);
    g_autofree char *gather = units_duration_text(folder->gather_ms);
    g_autofree char *when = why_when(changed_ms + folder->incomplete_ms);
    g_autofree char *over = why_when(changed_ms + folder->gather_ms);

    if (!strcmp(report->reason, REASON_CUT))
        why_note(question,
                 "its end is missing, and no program on this machine writes it: if it does not "
                 "change, it fails %s (incomplete = %s)",
                 when, incomplete);
    else if (!strcmp(report->reason, REASON_MAYBE_CUT))
        why_note(question,
                 "nothing proves that it is complete: it is decided when it has not changed for %s "
                 "(quiet), or, where it is no picture yet, for %s (incomplete)",
                 quiet, incomplete);
    else if (waits_for_shot(report->reason))
        why_note(question, "if none comes, it waits no more %s (gather = %s)", over, gather);
}

static void note_next_check(Question *question, const PathReport *report)
{
    if (report->due_ms == CLOCK_NEVER) {
        why_note(question, "it is checked again when its permissions change");
        return;
    }
    g_autofree char *when = why_when(report->due_ms);
    json_add_time(question->answer->json, "next_check", why_wall(report->due_ms));
    if (report->due_ms > clock_ms() + SOON_MS)
        why_note(question, "it is checked again %s", when);
}

static void tell_pending(Question *question, const PathReport *report)
{
    const char *note = NULL, *says = why_words(report->reason, &note);
    int64_t since_ms = why_wall(report->since_ms ? report->since_ms : clock_ms());
    g_autofree char *since = clock_text(since_ms);

    why_set_state(question, "pending", "pending: %s", says);
    cJSON_AddStringToObject(question->answer->json, "reason", report->reason);
    json_add_time(question->answer->json, "since", since_ms);
    if (note)
        why_note(question, "%s", note);
    note_deadline(question, report);
    why_note_disk(question, "");
    why_note(question, "it is pending since %s", since);
    note_next_check(question, report);
}

/* ---- ignored ---- */

static void note_pattern(Question *question, const IgnoredPlace *place)
{
    const Folder *folder = question->folder;
    g_autofree char *pattern = text_escape(place->pattern);
    g_autofree char *file = text_escape(folder->file ? folder->file : "the configuration");

    if (place->configured)
        why_note(question, "the folder ignores names like '%s' (ignore, %s:%d)", pattern, file,
                 folder->line);
    else
        why_note(question, "names like '%s' are never taken", pattern);
}

/* `above` (bytes; NULL: the path itself) is the directory that is ignored. */
static void tell_ignored(Question *question, const char *reason, const char *above)
{
    const char *note = NULL, *says = why_words(reason, &note);
    g_autofree char *directory = above ? text_escape(above) : NULL;

    cJSON_AddStringToObject(question->answer->json, "reason", reason);
    if (directory) {
        json_add_text(question->answer->json, "ignored_directory", above);
        why_set_state(question, "ignored", "ignored: it lies in '%s', which is not entered: %s",
                      directory, says);
    } else {
        why_set_state(question, "ignored", "ignored: %s", says);
    }
    if (note)
        why_note(question, "%s", note);
}

static void tell_ignored_place(Question *question, const IgnoredPlace *place)
{
    g_autofree char *above = place->above ? g_strndup(question->inside, place->length) : NULL;

    tell_ignored(question, place->reason, above);
    if (place->pattern)
        note_pattern(question, place);
}

bool why_ignored(Question *question, const PathReport *report, bool directory)
{
    const char *above = report->ignored_dir;
    IgnoredPlace place;

    if (ignore_place(question->folder, question->inside, directory, &place)) {
        tell_ignored_place(question, &place);
        return true;
    }
    if (report->state != PATH_IGNORED || question->look.result == LOOK_GONE)
        return false;
    bool itself = directory && g_strcmp0(above, question->inside) == 0;
    tell_ignored(question, report->reason, itself ? NULL : above);
    return true;
}

/* ---- not seen ---- */

static void tell_polled(Question *question, const PathReport *report)
{
    bool in_directory = strchr(question->inside, '/') != NULL;

    why_set_state(question, "never seen", "never seen: %s is polled every %d s",
                  in_directory ? "its directory" : "this folder", report->poll_s);
    why_note(question, "cause: %s", report->poll_why);
    if (report->poll_ms > clock_ms()) {
        g_autofree char *when = why_when(report->poll_ms);
        why_note(question, "the next poll is %s", when);
    } else {
        why_note(question, "the poll is running");
    }
}

static void note_next_scan(Question *question, const PathReport *report)
{
    if (report->next_scan_ms > clock_ms()) {
        g_autofree char *when = why_when(report->next_scan_ms);
        g_autofree char *name = text_shell_word(question->folder->name);
        why_note(question, "the next scan of the whole folder is %s; now: hotfolder scan %s", when,
                 name);
    }
}

static void tell_unscanned(Question *question, const PathReport *report)
{
    why_set_state(question, "never seen",
                  "never seen: the first scan of the folder is not over; it has found %d %s so far",
                  report->files, report->files == 1 ? "file" : "files");
}

static void tell_unseen(Question *question, const PathReport *report)
{
    if (report->too_many) {
        why_set_state(question, "never seen",
                      "never seen: so many files of the folder are pending that others wait");
        why_note(question, "`hotfolder status` counts them by reason");
    } else if (report->poll_s) {
        tell_polled(question, report);
    } else if (report->unwatched) {
        why_set_state(question, "never seen",
                      "never seen: its directory is not watched, as the limit of watches is "
                      "reached, and not polled, as the folder has watch = events");
        note_next_scan(question, report);
    } else {
        why_set_state(question, "never seen",
                      "never seen: no event has named it yet; ask again in a moment");
        note_next_scan(question, report);
    }
}

/* Where the folder cannot be used, or was not scanned, nothing else is known. */
static bool tell_unknown(Question *question, const PathReport *report)
{
    if (question->health == HEALTH_UNAVAILABLE) {
        g_autofree char *reason =
            text_escape(question->health_reason ? question->health_reason : "");
        why_set_state(question, "never seen", "never seen: its folder is unavailable: %s", reason);
        return true;
    }
    if (report->watched && report->scanned)
        return false;
    tell_unscanned(question, report);
    return true;
}

static void note_similar(Question *question)
{
    g_autofree char *similar = why_similar(question->folder->path, question->inside);

    if (!similar)
        return;
    g_autofree char *path = g_build_filename(question->folder->path, similar, NULL);
    g_autofree char *quoted = text_shell_word(path);
    why_note(
        question,
        "a file is there whose name differs in capitals, or in the bytes of letters with accents: "
        "hotfolder why %s",
        quoted);
}

static void tell_gone(Question *question)
{
    if (question->look.result == LOOK_GONE) {
        why_set_state(question, "never seen",
                      "never seen: there is no such file, and hotfolder remembers none of this "
                      "name");
        note_similar(question);
    } else if (question->look.result == LOOK_LINK) {
        why_set_state(
            question, "never seen",
            "never seen: a directory of its path is a symbolic link, which hotfolder does "
            "not follow");
    } else {
        why_set_state(question, "never seen",
                      "never seen: hotfolder remembers no file of this name, and %s",
                      question->look.result == LOOK_SILENT ? "its disk does not respond"
                                                           : "may not look at what lies there");
    }
}

/* ---- together ---- */

static bool is_there(const Question *question, const LedgerEntry *entry)
{
    FileId there = fileid_of(&question->look.st);

    return question->look.result == LOOK_THERE && fileid_same(&entry->row.file, &there);
}

/* Whether the newest picture of this name is about the file that has it now. */
static bool is_current(const Question *question, const LedgerEntry *entry)
{
    if (!entry || !entry->present)
        return false;
    return !ledger_has_ended(entry->row.state) || question->look.result == LOOK_UNKNOWN ||
           question->look.result == LOOK_SILENT || is_there(question, entry);
}

static void note_earlier(Question *question, const LedgerEntry *entry)
{
    g_autofree char *text = entry ? why_entry_text(question, entry) : NULL;

    if (text)
        why_note(question, "an earlier file of this name: %s", text);
}

/* The newest picture of this name is the answer, although its file has this name no more. */
static void tell_past(Question *question, const LedgerEntry *entry)
{
    why_entry(question, entry);
    if (entry->original != ORIGINAL_MOVED && question->look.result == LOOK_GONE &&
        ledger_has_ended(entry->row.state))
        why_note(question, "there is no file of this name now");
}

static void tell(Question *question, const PathReport *report, const LedgerEntry *last)
{
    bool current = is_current(question, last);

    if (report->state == PATH_PENDING) {
        tell_pending(question, report);
    } else if (current) {
        why_entry(question, last);
        return;
    } else if (why_ignored(question, report, false)) {
        /* that is the answer */
    } else if (question->look.result != LOOK_THERE && last) {
        tell_past(question, last);
        return;
    } else if ((!last && why_part(question, question->inside)) || tell_unknown(question, report)) {
        return;
    } else if (question->look.result == LOOK_THERE) {
        tell_unseen(question, report);
    } else {
        tell_gone(question);
    }
    note_earlier(question, last);
}

void why_file(Question *question)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;
    const ControlView *view = question->view;

    why_set_kind(question, "file");
    if (!ledger_history(view->ledger, question->folder->name, question->inside, HISTORY, entries,
                        &error)) {
        why_fail(question, error);
        return;
    }
    PathReport report = watch_why(view->watch, question->folder->name, question->inside);
    tell(question, &report, entries->len ? &g_array_index(entries, LedgerEntry, 0) : NULL);
    path_report_clear(&report);
}
