/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attacker - hotfolder-worker as a hostile picture would have it: everything of the real one, and
 * the action `attack`, which does what the picture's name says ("socket.jpg") where a decoder would
 * run.
 *
 * What HOTFOLDER_ATTACK names is tried where a profile's files would be decoded, and is an error
 * of that profile; the picture "prepared" says how it ended.
 *
 * A job ends with "got N" for a call that succeeded and with the name of the errno value for one
 * that was refused; a call that is not on the sandbox's list ends the process. */
#include <string.h>

#include "actions/action.h"
#include "tests/sandbox/attacks.h"

static char prepared[64]; /* what prepare() got */

static bool apply(const void *settings, Image *image, Error **err)
{
    g_auto(GStrv) name = g_strsplit(image_source_names(image)->name, ".", 2);

    (void) settings;
    if (!strcmp(name[0], "prepared"))
        return error_set(err, ERROR_PICTURE, NULL, "%s", prepared);
    return attack(name[0], err);
}

static bool prepare(void *settings, Error **err)
{
    const char *name = g_getenv("HOTFOLDER_ATTACK");

    (void) settings;
    if (!name || attack(name, err))
        return true;
    g_strlcpy(prepared, (*err)->what, sizeof(prepared));
    return false;
}

static const Action action_attack = {
    .name = "attack",
    .group = "geometry",
    .summary = "do what the picture's name says",
    .example = "attack {}",
    .params = (const Param[]){ { 0 } },
    .size = 1,
    .prepare = prepare,
    .apply = apply,
};

extern const Action action_save;

/* In the place of the real table, which the linker does not look for then. */
const Action *const actions[] = { &action_attack, &action_save, NULL };
const char *const action_groups[] = { "geometry", "output", NULL };
