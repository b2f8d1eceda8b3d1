/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Draws picks, records them a list an actor, and repeats them. */
#include "tests/sim/chance.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/story.h"

enum { ROOM_AT_FIRST = 1024 };

const char *const chance_actors[ACTORS] = {
    [ACTOR_PLAN] = "plan",     [ACTOR_SCHEDULE] = "schedule",
    [ACTOR_DISK] = "disk",     [ACTOR_EVENTS] = "events",
    [ACTOR_WORKER] = "worker", [ACTOR_DAEMON] = "daemon",
    [ACTOR_SENDER] = "sender", [ACTOR_RENAMER] = "renamer",
    [ACTOR_READER] = "reader", [ACTOR_ADMINISTRATOR] = "administrator",
};

static ChanceList lists[ACTORS];
static long at[ACTORS];
static uint64_t states[ACTORS];
static bool replaying;

static void append(ChanceList *list, unsigned value)
{
    if (list->length == list->room) {
        list->room = MAX(ROOM_AT_FIRST, 2 * list->room);
        list->picks = g_renew(unsigned, list->picks, list->room);
    }
    list->picks[list->length++] = value;
}

/* splitmix64: a stream of its own for each actor. */
static uint64_t draw(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

static unsigned next_of_list(Actor actor, unsigned n)
{
    const ChanceList *list = &lists[actor];

    return at[actor] < list->length ? list->picks[at[actor]++] % n : 0;
}

unsigned pick(Actor actor, unsigned n)
{
    unsigned value = 0;

    if (n <= 1)
        return 0;
    if (replaying) {
        value = next_of_list(actor, n);
    } else {
        value = (unsigned) (((draw(&states[actor]) >> 32) * n) >> 32);
        append(&lists[actor], value);
    }
    story_mix((uint64_t) actor << 32 | value);
    return value;
}

bool once_in(Actor actor, unsigned n)
{
    return n == 1 || (n && pick(actor, n) == 1);
}

void chance_seed(uint64_t seed)
{
    replaying = false;
    for (int i = 0; i < ACTORS; i++) {
        lists[i].length = at[i] = 0;
        states[i] = seed * ACTORS + (uint64_t) i;
        states[i] = draw(&states[i]);
    }
}

void chance_replay(void)
{
    replaying = true;
    memset(at, 0, sizeof(at));
}

ChanceList *chance_list(Actor actor)
{
    return &lists[actor];
}

bool chance_write(FILE *file)
{
    for (int i = 0; i < ACTORS; i++) {
        if (!lists[i].length)
            continue;
        fprintf(file, "%s:", chance_actors[i]);
        for (long k = 0; k < lists[i].length; k++)
            fprintf(file, " %u", lists[i].picks[k]);
        fputc('\n', file);
    }
    return fflush(file) == 0 && !ferror(file);
}

static int actor_named(const char *name, size_t length)
{
    for (int i = 0; i < ACTORS; i++)
        if (strlen(chance_actors[i]) == length && !strncmp(chance_actors[i], name, length))
            return i;
    return -1;
}

static bool read_picks(ChanceList *list, const char *text)
{
    char *end = NULL;

    for (;; text = end) {
        while (g_ascii_isspace(*text))
            text++;
        if (!*text)
            return true;
        if (!g_ascii_isdigit(*text))
            return false;
        append(list, (unsigned) strtoul(text, &end, 10));
    }
}

static bool read_line(char *line)
{
    line[strcspn(line, "#")] = '\0';
    const char *name = g_strchug(line);
    const char *colon = strchr(name, ':');
    if (!*name)
        return true;
    int actor = colon ? actor_named(name, (size_t) (colon - name)) : -1;
    if (actor >= 0 && read_picks(&lists[actor], colon + 1))
        return true;
    fprintf(stderr, "not a list of picks: %.60s\n", line);
    return false;
}

bool chance_read(FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    bool good = true;

    for (int i = 0; i < ACTORS; i++)
        lists[i].length = 0;
    while (good && getline(&line, &room, file) >= 0)
        good = read_line(line);
    free(line);
    return good && !ferror(file);
}
