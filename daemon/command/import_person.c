/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An import as a person sees it. */
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "command/import_state.h"
#include "command/import_text.h"
#include "command/import_view.h"
#include "command/progress.h"
#include "command/span.h"
#include "command/terminal.h"

typedef struct Person {
    const Import *import;
    bool dry;
    Progress progress;
    int64_t since_ms, read; /* when the first bytes were reported, and how many; 0: not yet */
    int64_t planned, bytes; /* of a dry run: files that would be copied */
} Person;

/* ---- while it runs ---- */

/* Since the first bytes came: listing a card and reading metadata takes time, too. */
static double speed_of(Person *person, const CardRecord *record)
{
    int64_t now_ms = clock_ms();

    if (!person->since_ms && record->read) {
        person->since_ms = now_ms;
        person->read = record->read;
    }
    return person->since_ms && now_ms > person->since_ms
               ? (double) (record->read - person->read) * 1000 /
                     (double) (now_ms - person->since_ms)
               : 0;
}

static void draw(Person *person, const CardRecord *record)
{
    double speed = speed_of(person, record);
    g_autofree char *text = import_text_progress(record, speed);
    g_autofree char *bar = progress_bar(record->read, MAX(record->bytes, 1));
    int64_t left_bytes = record->done < record->files ? record->bytes - record->read : 0;
    double left_s = speed > 0 ? (double) left_bytes / speed : 0;
    g_autofree char *left = left_s >= 1 ? span_text(left_s) : NULL;
    g_autofree char *line = g_strdup_printf("%s %s%s%s%s", bar, text, left ? ", " : "",
                                            left ? left : "", left ? " left" : "");

    progress_draw(&person->progress, line);
}

static void show_progress(void *user, const CardRecord *record)
{
    Person *person = user;

    if (record->state == CARD_READING && progress_is_due(&person->progress))
        draw(person, record);
}

static void show_planned(void *user, const CardFile *file, const char *name)
{
    Person *person = user;
    g_autofree char *from = text_escape(file->path), *to = text_escape(name);

    person->planned++;
    person->bytes += file->size;
    progress_end(&person->progress);
    printf("%s -> %s\n", from, to);
}

static void show_trouble(void *user, const CardFile *file, const char *destination,
                         const Error *error)
{
    Person *person = user;
    g_autofree char *shown = text_escape(file->path), *text = error_text(error);
    g_autofree char *to = destination ? text_escape(destination) : NULL;

    progress_end(&person->progress);
    fputs("hotfolder: ", stderr);
    terminal_print(stderr, PAINT_BAD, "%s", shown);
    if (to)
        fprintf(stderr, ": not copied to %s: %s\n", to, text);
    else
        fprintf(stderr, ": cannot be read, passed over: %s\n", text);
}

static void show_not_handed(void *user, const CardFile *file, const char *folder,
                            const Error *error)
{
    Person *person = user;
    g_autofree char *shown = text_escape(file->path), *text = error_text(error);

    progress_end(&person->progress);
    fputs("hotfolder: ", stderr);
    terminal_print(stderr, PAINT_BAD, "%s", shown);
    fprintf(stderr, ": copied, but not handed to folder '%s': %s\n", folder, text);
}

static void show_damaged(void *user, const char *copy)
{
    Person *person = user;

    progress_end(&person->progress);
    import_state_say_damaged(copy);
}

/* ---- at the end ---- */

/* What is free where `path` is, or will be; -1: not known. */
static int64_t free_at(const char *path)
{
    g_autofree char *at = g_strdup(path);
    struct statvfs fs;

    while (statvfs(at, &fs) < 0) {
        char *parent = g_path_get_dirname(at);
        bool is_top = !strcmp(parent, at);
        g_free(at);
        at = parent;
        if (is_top)
            return -1;
    }
    return (int64_t) fs.f_bavail * (int64_t) fs.f_frsize;
}

static void show_plan(const Person *person)
{
    g_autofree char *needed = units_bytes_rounded(person->bytes);

    for (char **to = person->import->copy_to; *to; to++) {
        g_autofree char *shown = text_escape(*to);
        int64_t room = free_at(*to);
        g_autofree char *there = units_bytes_rounded(MAX(room, 0));
        printf("%s: needs %s, has %s free\n", shown, needed, room < 0 ? "?" : there);
    }
    printf("nothing was copied; %" G_GINT64_FORMAT " %s would be\n", person->planned,
           person->planned == 1 ? "file" : "files");
}

/* A single reason stands in the verdict, too, and so does the cause of an early end: that no file
 * has its copies then needs no line for each. */
static void show_reasons(const Verdict *verdict)
{
    if (verdict->state == CARD_HELD || verdict->state == CARD_INTERRUPTED)
        return;
    for (guint i = 0; i < verdict->reasons->len; i++) {
        g_autofree char *shown = text_escape(verdict->reasons->pdata[i]);
        if (verdict->reasons->len > 1 || !strstr(verdict->line, verdict->reasons->pdata[i]))
            printf("  %s\n", shown);
    }
}

/* Of a card on which nothing is new, and whose verdict was good, that is said with its date. */
static char *last_line(const CardRecord *record, const Verdict *verdict, bool nothing_new)
{
    g_autofree char *line = text_escape(verdict->line);

    if (!nothing_new)
        return g_steal_pointer(&line);
    return record->state == CARD_SAFE ? import_text_known(record, clock_wall_ms())
                                      : g_strdup_printf("%s; nothing new", line);
}

static void show_end(void *user, const CardRecord *record, const Verdict *verdict, bool nothing_new)
{
    Person *person = user;
    g_autofree char *line = last_line(record, verdict, nothing_new);

    progress_end(&person->progress);
    if (person->dry) {
        show_plan(person);
        return;
    }
    show_reasons(verdict);
    terminal_print(stdout, record->state == CARD_SAFE ? PAINT_GOOD : PAINT_BAD, "%s", line);
    putchar('\n');
}

static void show_failure(void *user, const Error *error)
{
    Person *person = user;
    g_autofree char *text = error_text(error);

    progress_end(&person->progress);
    if (error->kind == ERROR_CONFIG) {
        terminal_error("%s", text);
        return;
    }
    terminal_print(stdout, PAINT_BAD, "NOT SAFE: %s", text);
    putchar('\n');
}

void import_view_free(ImportView *view)
{
    view->free(view->reporter.user);
    g_free(view);
}

ImportView *import_view_of_person(const Import *import, bool dry)
{
    ImportView *view = g_new0(ImportView, 1);
    Person *person = g_new0(Person, 1);

    *person = (Person){ .import = import, .dry = dry, .progress = progress_new() };
    view->reporter = (ImportReporter){ .user = person,
                                       .progress = show_progress,
                                       .planned = show_planned,
                                       .trouble = show_trouble,
                                       .not_handed = show_not_handed,
                                       .damaged = show_damaged };
    view->end = show_end;
    view->failed = show_failure;
    view->free = g_free;
    return view;
}
