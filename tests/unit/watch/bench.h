/* bench.h - a hot folder with the real watcher's thread in it, and ways to wait for it.
 *
 * Waiting is for a condition, with an end after WORLD_WAIT_S; that something does not happen is
 * seen by a sentinel: a picture dropped after it, whose offer proves that everything before it was
 * looked at. */
#pragma once

#include "tests/unit/sample.h"
#include "tests/unit/watch/fakes.h"

enum { WORLD_WAIT_S = 20 };

typedef struct World {
    char *dir;     /* everything is in here */
    char *inbox;   /* dir/inbox, watched as the folder "inbox" */
    char *photo;   /* dir/photo.jpg: whole */
    uint64_t hash; /* of its content */
    Settings *settings;
    Intake *intake;
    Health *health;
    Watch *watch; /* NULL before world_start() */
    int sentinels;
} World;

int world_setup(void **state);
int world_teardown(void **state);

/* The only folder, to be changed before the start. */
Folder *world_folder(World *world);
void world_start(World *world);

/* Starts, and waits until everything was scanned. */
void world_start_settled(World *world);

/* dir/inbox/NAME, or dir/NAME for ../NAME even while the inbox is away; newly allocated. */
char *world_path(const World *world, const char *name);

/* Puts the photo there, by a rename from beside the inbox. */
void world_drop(World *world, const char *name);
void world_write(World *world, const char *name, const void *data, size_t length);
void world_mkdir(World *world, const char *name);

/* Waits until the condition holds, and fails the test when it never does. */
#define WORLD_WAIT(condition)                                                                      \
    for (int64_t world_until = world_deadline(); !(condition);)                                    \
    world_pause(world_until, #condition)
int64_t world_deadline(void);
void world_pause(int64_t until, const char *condition);

/* Drops another picture and waits for its offer. */
void world_sentinel(World *world);

/* Waits until `name` is offered, once, whole. */
void world_await(World *world, const char *name);

/* How many files wait, or were left, for this reason. */
int world_pending(World *world, const char *reason);
int world_ignored(World *world, const char *reason);
int world_directories(World *world);

/* The files of one reason among rows of ReasonCount. */
int world_count(const GArray *rows, const char *reason);

/* Runs a program found in PATH; false when it isn't installed. */
#define world_run(...) world_run_all((const char *const[]){ __VA_ARGS__, NULL })
bool world_run_all(const char *const *arguments);
