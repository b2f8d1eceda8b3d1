/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/many.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command/json.h"
#include "command/terminal.h"

enum { LISTED = 100, NUMBER_SIZE = 32 };

static volatile sig_atomic_t stopped;

/* The daemon ends the part that it has begun. A second signal ends the program at once. */
static void on_signal(int number)
{
    (void) number;
    stopped = 1;
}

static void handle_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int) SA_RESETHAND };

    stopped = 0;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- progress ---- */

/* "12,400"; `text` has NUMBER_SIZE bytes. */
static const char *with_commas(double number, char *text)
{
    char digits[NUMBER_SIZE / 2];
    char *end = text;

    g_snprintf(digits, sizeof(digits), "%.0f", number);
    for (size_t left = strlen(digits), i = 0; left; i++, left--) {
        *end++ = digits[i];
        if (left % 3 == 1 && left > 1)
            *end++ = ',';
    }
    *end = 0;
    return text;
}

static void show_progress(const Many *many, const cJSON *all)
{
    char looked_at[NUMBER_SIZE], total[NUMBER_SIZE], count[NUMBER_SIZE];

    if (!terminal_draws(stderr))
        return;
    fprintf(stderr, "\r%s of %s pictures: %s %s\033[K",
            with_commas(json_number(all, "looked_at"), looked_at),
            with_commas(json_number(all, "total"), total),
            with_commas(json_number(all, many->count), count), many->doing);
    fflush(stderr);
}

static void clear_progress(void)
{
    if (terminal_draws(stderr))
        fputs("\r\033[K", stderr);
}

static void report_rest(const cJSON *all)
{
    char looked_at[NUMBER_SIZE], total[NUMBER_SIZE];

    terminal_error("stopped after %s of %s pictures; give the command again for the rest",
                   with_commas(json_number(all, "looked_at"), looked_at),
                   with_commas(json_number(all, "total"), total));
}

/* ---- the sum ---- */

static void append(cJSON *to, cJSON *from)
{
    while (cJSON_GetArraySize(from) && cJSON_GetArraySize(to) < LISTED)
        cJSON_AddItemToArray(to, cJSON_DetachItemFromArray(from, 0));
}

/* Takes the part into the sum, and frees it. */
static void add(cJSON *all, cJSON *part)
{
    cJSON *item = NULL;

    cJSON_DeleteItemFromObject(all, "next");
    cJSON_ArrayForEach(item, all)
    {
        cJSON *other = cJSON_GetObjectItem(part, item->string);
        if (cJSON_IsNumber(item) && other)
            cJSON_SetNumberValue(item, item->valuedouble + other->valuedouble);
        else if (cJSON_IsArray(item))
            append(item, other);
    }
    if (*json_text(part, "next"))
        cJSON_AddStringToObject(all, "next", json_text(part, "next"));
    cJSON_Delete(part);
}

static cJSON *ask_part(const Target *target, const Many *many, const cJSON *question, int wrong)
{
    g_autofree char *text = client_ask(target, many->path, question, wrong);

    return text ? json_answer(text) : NULL;
}

/* Goes on with the sum of the parts before. False: the daemon has refused, and that was shown. */
static bool go_on(const Target *target, const Many *many, cJSON *question, cJSON *all)
{
    cJSON_DeleteItemFromObject(question, "after");
    cJSON_AddStringToObject(question, "after", json_text(all, "next"));
    cJSON *part = ask_part(target, many, question, 0);
    if (part)
        add(all, part);
    return part != NULL;
}

bool many_is_whole(const cJSON *answer)
{
    return !*json_text(answer, "next");
}

cJSON *many_ask(const Target *target, const Many *many, cJSON *question)
{
    handle_signals();
    cJSON *all = ask_part(target, many, question, many->wrong);
    bool ok = all != NULL;

    while (ok && !many_is_whole(all) && !stopped) {
        show_progress(many, all);
        ok = go_on(target, many, question, all);
    }
    cJSON_Delete(question);
    if (all)
        clear_progress();
    if (all && !many_is_whole(all))
        report_rest(all);
    return all;
}
