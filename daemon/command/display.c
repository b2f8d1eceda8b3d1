/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/display.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "command/progress.h"
#include "command/terminal.h"
#include "daemon/watch/counters.h"

enum { MOST_NAMED = 10 };

struct Display {
    bool verbose, dry;
    Progress progress;
    int64_t started_ms;
    Counters ignored;
};

Display *display_new(bool verbose, bool dry)
{
    Display *display = g_new0(Display, 1);

    display->verbose = verbose;
    display->dry = dry;
    display->progress = progress_new();
    display->started_ms = clock_ms();
    counters_init(&display->ignored);
    return display;
}

void display_free(Display *display)
{
    counters_clear(&display->ignored);
    g_free(display);
}

/* ---- progress ---- */

char *display_progress(const BatchCounts *counts, double elapsed_s)
{
    int ended = counts->done + counts->failed;
    double rate = ended / MAX(elapsed_s, 0.001);

    if (!counts->found)
        return NULL;
    if (!counts->all_found)
        return g_strdup_printf("%d of %d pictures found so far", ended, counts->found);
    g_autofree char *drawn = progress_bar(ended, counts->found);
    if (!ended)
        return g_strdup_printf("%s 0 of %d", drawn, counts->found);
    int left_s = (int) ((counts->found - ended) / rate + 0.5);
    return g_strdup_printf("%s %d of %d, %.1f pictures/s, %d:%02d left", drawn, ended,
                           counts->found, rate, left_s / 60, left_s % 60);
}

void display_end_progress(Display *display)
{
    progress_end(&display->progress);
}

static double seconds(const Display *display)
{
    return MAX((double) (clock_ms() - display->started_ms) / 1000, 0.001);
}

static void show_progress(void *user, const BatchCounts *counts)
{
    Display *display = user;

    if (!progress_is_due(&display->progress))
        return;
    g_autofree char *text = display_progress(counts, seconds(display));
    if (text)
        progress_draw(&display->progress, text);
}

/* ---- lines ---- */

static void show_note(Display *display, const char *source, const char *note)
{
    g_autofree char *shown = text_escape(source);

    display_end_progress(display);
    fputs("hotfolder: ", stderr);
    terminal_print(stderr, PAINT_NOTICE, "%s", shown);
    fprintf(stderr, ": %s\n", note);
}

static void show_done(void *user, const char *source, char **outputs, const char *note, char **plan)
{
    const Display *display = user;
    g_autofree char *shown = text_escape(source);
    g_autofree char *names = outputs ? g_strjoinv(", ", outputs) : NULL;
    const char *none =
        names ? "nothing" : "nothing: it is there already, or its name is of another picture";
    g_autofree char *made = text_escape(names && *names ? names : none);

    if (note)
        show_note(user, source, note);
    if (!display->dry)
        return;
    display_end_progress(user);
    printf("%s -> %s\n", shown, made);
    for (char **line = plan; line && *line; line++)
        printf("    %s\n", *line);
}

static void show_failed(void *user, const char *source, const Error *error)
{
    display_end_progress(user);
    terminal_error_about(source, PAINT_BAD, error);
}

static void show_ignored(void *user, const char *path, const char *reason)
{
    Display *display = user;
    g_autofree char *shown = text_escape(path);

    counters_add(&display->ignored, reason, 1);
    if (!display->verbose && display->ignored.total > MOST_NAMED)
        return;
    display_end_progress(display);
    fputs("hotfolder: ", stderr);
    terminal_print(stderr, PAINT_NOTICE, "%s", shown);
    fprintf(stderr, ": ignored: %s\n", reason);
}

static void show_without(void *user, const char *typed)
{
    g_autofree char *shown = text_escape(typed);

    display_end_progress(user);
    terminal_error("%s: there is no picture in it", shown);
}

BatchReporter display_reporter(Display *display)
{
    return (BatchReporter){ .user = display,
                            .progress = show_progress,
                            .done = show_done,
                            .failed = show_failed,
                            .ignored = show_ignored,
                            .without = show_without };
}

/* ---- the summary ---- */

/* ", 3 ignored (2 text, 1 made by hotfolder)" */
static void print_ignored(Display *display)
{
    int total = 0;
    g_autoptr(GArray) rows = counters_rows(&display->ignored, &total);

    if (!total)
        return;
    fputs(", ", stdout);
    terminal_print(stdout, PAINT_NOTICE, "%d ignored", total);
    for (guint i = 0; i < rows->len; i++) {
        const ReasonCount *row = &g_array_index(rows, ReasonCount, i);
        printf("%s%d %s", i ? ", " : " (", row->files, row->reason);
    }
    putchar(')');
}

static void note_unnamed(const Display *display)
{
    int unnamed = display->ignored.total - MOST_NAMED;

    if (!display->verbose && unnamed > 0)
        terminal_error("%d more %s ignored; -v names all of them", unnamed,
                       unnamed == 1 ? "is" : "are");
}

static void print_counts(const Display *display, const BatchCounts *counts)
{
    int made = counts->done - counts->already - counts->without;

    if (!counts->found) {
        fputs("no picture was found", stdout);
        return;
    }
    terminal_print(stdout, made ? PAINT_GOOD : PAINT_PLAIN, "%d %s", made,
                   display->dry ? "would be made" : "done");
    if (counts->already)
        printf(", %d there already (or another picture of that name)", counts->already);
    if (counts->without)
        printf(", %d without an output", counts->without);
    if (counts->failed) {
        fputs(", ", stdout);
        terminal_print(stdout, PAINT_BAD, "%d failed", counts->failed);
    }
}

void display_summary(Display *display, const BatchCounts *counts, const char *output)
{
    g_autofree char *shown = text_escape(output);
    double elapsed_s = seconds(display);

    display_end_progress(display);
    note_unnamed(display);
    print_counts(display, counts);
    print_ignored(display);
    if (counts->found)
        printf(" in %.1f s (%.1f pictures/s) -> %s", elapsed_s,
               (counts->done + counts->failed) / elapsed_s, shown);
    putchar('\n');
}
