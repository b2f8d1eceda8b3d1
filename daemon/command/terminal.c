/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/terminal.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static const char *const codes[] = {
    [PAINT_PLAIN] = "",
    [PAINT_GOOD] = "\033[32m",
    [PAINT_BAD] = "\033[31m",
    [PAINT_NOTICE] = "\033[33m",
};

bool terminal_draws(FILE *stream)
{
    const char *term = g_getenv("TERM");

    return term && *term && strcmp(term, "dumb") != 0 && isatty(fileno(stream));
}

static bool has_colours(FILE *stream)
{
    const char *refused = g_getenv("NO_COLOR");

    return !(refused && *refused) && terminal_draws(stream);
}

const char *terminal_code(FILE *stream, Paint paint)
{
    return has_colours(stream) ? codes[paint] : "";
}

void terminal_print(FILE *stream, Paint paint, const char *format, ...)
{
    bool painted = paint != PAINT_PLAIN && has_colours(stream);
    va_list args;

    if (painted)
        fputs(codes[paint], stream);
    va_start(args, format);
    vfprintf(stream, format, args);
    va_end(args);
    if (painted)
        fputs("\033[m", stream);
}

void terminal_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("hotfolder: ", stderr);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void terminal_error_about(const char *subject, Paint paint, const Error *error)
{
    g_autofree char *shown = text_escape(subject);
    g_autofree char *text = error_text(error);

    fputs("hotfolder: ", stderr);
    terminal_print(stderr, paint, "%s", shown);
    fprintf(stderr, ": %s\n", text);
}

void terminal_errors(const GPtrArray *errors)
{
    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *text = error_text(errors->pdata[i]);
        terminal_error("%s", text);
    }
}
