/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes lists shorter and plainer, a range of picks at a time: a range of which nothing matters
 * goes as a whole, another one is halved. So it takes tries by the number of picks that matter. */
#include "tests/sim/shrink.h"

#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/chance.h"
#include "tests/sim/story.h"
#include "tests/sim/world.h"

enum { HISTORY_SECONDS = 10 };

static struct {
    Rule rule;
    gint64 until_us;
    long tries;
    bool better; /* in this round */
} now;

/* False where it has changed nothing. */
typedef bool Change(ChanceList *list, long from, long to);

_Noreturn static void run_alone(unsigned seconds)
{
    const char *why = NULL;
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    story = NULL;
    alarm(seconds);
    chance_replay();
    world_run();
    _exit((int) judge_broken(&why));
}

Rule shrink_try(unsigned seconds)
{
    int status = 0;

    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        run_alone(seconds);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return RULES;
    return WIFEXITED(status) && WEXITSTATUS(status) <= RULES ? (Rule) WEXITSTATUS(status)
                                                             : RULE_GOES_ON;
}

static bool time_is_over(void)
{
    return g_get_monotonic_time() >= now.until_us;
}

static bool still_breaks(void)
{
    now.tries++;
    return shrink_try(HISTORY_SECONDS) == now.rule;
}

/* True where the range needs no further change: nothing of it was to change, or it did not matter.
 */
static bool attempt(ChanceList *list, Change *change, long from, long to)
{
    long length = list->length;
    g_autofree unsigned *before = g_memdup2(list->picks, sizeof(unsigned) * (size_t) length);

    if (!change(list, from, to))
        return true;
    if (still_breaks()) {
        now.better = true;
        return true;
    }
    list->length = length;
    for (long i = 0; i < length; i++)
        list->picks[i] = before[i];
    return false;
}

/* The later half first: a cut there does not move the earlier one. */
static void change_ranges(ChanceList *list, Change *change, long from, long to)
{
    if (from >= to || time_is_over() || attempt(list, change, from, to) || to - from == 1)
        return;
    long middle = from + (to - from) / 2;
    change_ranges(list, change, middle, to);
    change_ranges(list, change, from, middle);
}

static bool cut(ChanceList *list, long from, long to)
{
    for (long i = to; i < list->length; i++)
        list->picks[from + i - to] = list->picks[i];
    list->length -= to - from;
    return true;
}

static bool zero(ChanceList *list, long from, long to)
{
    bool any = false;

    for (long i = from; i < to; i++) {
        any = any || list->picks[i];
        list->picks[i] = 0;
    }
    return any;
}

static bool halve(ChanceList *list, long from, long to)
{
    bool any = false;

    for (long i = from; i < to; i++) {
        any = any || list->picks[i] > 1;
        list->picks[i] = (list->picks[i] + 1) / 2;
    }
    return any;
}

static bool lower(ChanceList *list, long from, long to)
{
    bool any = false;

    for (long i = from; i < to; i++) {
        any = any || list->picks[i] > 1;
        list->picks[i] -= list->picks[i] > 1;
    }
    return any;
}

/* Zeroes at the end are what follows it anyway. */
static void trim(ChanceList *list)
{
    while (list->length && !list->picks[list->length - 1])
        list->length--;
}

static void shrink_list(ChanceList *list)
{
    Change *const changes[] = { zero, cut, halve, lower };

    for (unsigned i = 0; i < G_N_ELEMENTS(changes); i++) {
        change_ranges(list, changes[i], 0, list->length);
        trim(list);
    }
}

/* The plan comes last: of what it says the picks of all others depend. */
long shrink(Rule rule, int seconds)
{
    now.rule = rule;
    now.until_us = g_get_monotonic_time() + (gint64) seconds * G_USEC_PER_SEC;
    now.tries = 0;
    do {
        now.better = false;
        for (int actor = ACTORS - 1; actor >= 0; actor--)
            shrink_list(chance_list((Actor) actor));
    } while (now.better && !time_is_over());
    return now.tries;
}
