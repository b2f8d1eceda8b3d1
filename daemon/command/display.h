/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* display.h - what a person sees of a batch: progress on a terminal, a line for each picture that
 * failed and for each file that was ignored, and a summary. Main thread only. */
#pragma once

#include "command/batch.h"

typedef struct Display Display;

/* verbose: every ignored file is named, not only the first ones. dry: what would be made is shown.
 */
Display *display_new(bool verbose, bool dry);
void display_free(Display *display);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Display, display_free)

BatchReporter display_reporter(Display *display);

/* The progress is not shown any more: other lines follow. */
void display_end_progress(Display *display);

/* After the batch, on stdout. `output` as it was typed. */
void display_summary(Display *display, const BatchCounts *counts, const char *output);

/* The progress as a line of text, newly allocated; NULL while nothing is known. `elapsed_s` since
 * the start. */
char *display_progress(const BatchCounts *counts, double elapsed_s);
