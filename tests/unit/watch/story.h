/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* story.h - people and programs at work in a watched folder, by the chances of a seed.
 *
 * What they write is known by its hash, so that in the end it is known what lies where. */
#pragma once

#include "daemon/watch/engine.h"
#include "tests/unit/watch/fakes.h"

enum { WRITERS = 3 };

typedef enum Kind { WHOLE, CUT, TEXT, UNKNOWN, EMPTY, KINDS } Kind;

typedef struct Writer {
    int fd; /* -1: none */
    Kind kind;
    GByteArray *content;
    guint written;
} Writer;

typedef struct Story {
    guint32 seed;
    bool shown;
    bool calm; /* no event is lost or late, the machine is fast, the intake takes everything */
    GRand *rand;
    char *dir, *inbox, *away, *out;
    GHashTable *contents; /* hash of every content that no writer was at -> Kind + 1 */
    Writer writers[WRITERS];
    unsigned serial; /* makes each content, and each touch, one of its kind */
    Settings *settings;
    Intake *intake;
    Health *health;
    Engine *engine;
    EventPort *port;
} Story;

/* Says what is done, in a story that is printed. */
void say(const Story *story, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A number below count. */
int pick(Story *story, int count);

bool is_there(const char *path);
uint64_t hash_of(const char *path);

/* A few directories, and files from before the watcher's start. */
void story_begin(Story *story);

/* One deed; what can't be done isn't. */
void do_something(Story *story);

/* All writers end, and the folder is back in its place. */
void story_end(Story *story);
