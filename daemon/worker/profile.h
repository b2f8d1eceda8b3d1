/* profile.h - the steps that a picture goes through, in the order they were written.
 *
 * A profiles document is configuration text: `profile "NAME" { step { setting = value ... } ... }`
 * blocks, comments already blanked. A line `#line N "FILE"` before a block says that the next line
 * is line N of FILE, for the messages. `reads { accept = { jxl } }` blocks ask whether those
 * formats can be read here. */
#pragma once

#include "actions/action.h"

typedef struct Step {
    const Action *action;
    void *settings; /* action->size bytes, owned */
    int line;       /* in the profile's file */
    bool opened;    /* open() ran if there is one, so release() has to */
    bool prepared;  /* likewise prepare() */
    bool flawed;    /* one of them failed */
} Step;

typedef struct Profile {
    char *name;
    char *file;
    int line;
    GArray *steps; /* of Step */
} Profile;

/* Reads every profile of a document. All mistakes are appended to mistakes (of Error, where set to
 * FILE:LINE), not only the first; the array returned (of Profile, newly allocated, it owns its
 * elements) holds those without one. */
GPtrArray *profiles_read(const char *document, GPtrArray *mistakes);

/* Lets each step open what it names. Mistakes as above. */
void profiles_open(GPtrArray *profiles, GPtrArray *mistakes);

/* Makes each step ready, after profiles_open() where that was not done yet. */
void profiles_prepare(GPtrArray *profiles, GPtrArray *mistakes);

/* How many steps the longest of them has. */
unsigned profiles_longest(const GPtrArray *profiles);

const Profile *profile_find(const GPtrArray *profiles, const char *name);
