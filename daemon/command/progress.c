/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/screen.h"
#include "command/terminal.h"

enum { REDRAW_MS = 100, BAR_WIDTH = 30 };

Progress progress_new(void)
{
    return (Progress){ .draws = terminal_draws(stderr) };
}

bool progress_is_due(const Progress *progress)
{
    return progress->draws && clock_ms() - progress->drawn_ms >= REDRAW_MS;
}

/* A line that is wider than the terminal could not be taken away again. */
static char *fit(const char *text)
{
    struct winsize size = { 0 };

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col
               ? screen_shorten(text, size.ws_col - 1)
               : g_strdup(text);
}

void progress_draw(Progress *progress, const char *text)
{
    g_autofree char *line = fit(text);

    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
    progress->drawn = true;
    progress->drawn_ms = clock_ms();
}

void progress_end(Progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}

char *progress_bar(int64_t part, int64_t whole)
{
    int filled = (int) (BAR_WIDTH * CLAMP(part, 0, whole) / whole);

    return g_strdup_printf("[%.*s%*s]", filled, "##############################",
                           BAR_WIDTH - filled, "");
}
