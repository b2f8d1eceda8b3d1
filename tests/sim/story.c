/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes the history's lines with their time, and mixes them into a number that stands for it. */
#include "tests/sim/story.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "tests/sim/schedule.h"

FILE *story;
uint64_t story_digest;

void story_reset(void)
{
    story_digest = 0xcbf29ce484222325;
}

void story_mix(uint64_t value)
{
    story_digest = (story_digest ^ value) * 0x100000001b3;
    story_digest ^= story_digest >> 29;
}

static void mix_and_write(const char *line)
{
    story_mix((uint64_t) now_us);
    for (const char *at = line; *at; at++)
        story_mix((unsigned char) *at);
    if (story)
        fprintf(story, "%4" PRId64 ".%03d s  %s\n", now_us / 1000000, (int) (now_us / 1000 % 1000),
                line);
}

void tell(const char *format, ...)
{
    char line[1024];
    va_list values;

    va_start(values, format);
    vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    mix_and_write(line);
}

/* What the daemon prints, to whatever stream, is a line of the history. */
int call___fprintf_chk(FILE *stream, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int call___fprintf_chk(FILE *stream, int flag, const char *format, ...)
{
    char line[1024];
    va_list values;

    (void) stream, (void) flag;
    va_start(values, format);
    int length = vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    line[strcspn(line, "\n")] = '\0';
    mix_and_write(line);
    return length;
}
