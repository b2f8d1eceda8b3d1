/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* phatch.h - what the actions of Phatch, and their settings, are called here: for its users.
 *
 * `hotfolder actions` and hotfolder-phatch(7) say it from this table; tests/actions/test_phatch.c
 * holds it against the tables of our actions. Any thread may call it. */
#pragma once

#include <glib.h>

typedef struct PhatchSetting {
    const char *name;    /* as Phatch shows it */
    const char *action;  /* ours, where it is not the first of the PhatchAction; else NULL */
    const char *setting; /* of that action; NULL: none is the same */
    const char *remark; /* what differs or replaces it, a `word` in backquotes; no full stop. May be
                           NULL where there is a setting */
} PhatchSetting;

typedef struct PhatchAction {
    const char *name;    /* as Phatch shows it; "Imagemagick: Sharpen" for one of its kinds */
    const char *actions; /* ours, with spaces between, the one of its settings first */
    const char *remark;  /* as above; may be NULL */
    const PhatchSetting *settings; /* a row without a name ends them; NULL: none */
} PhatchAction;

extern const PhatchAction phatch_actions[]; /* sorted by name; a row without a name ends it */

/* The action that Phatch calls so, in any case, also without "Imagemagick: ", and as one word;
 * NULL: no such. */
const PhatchAction *phatch_find(const char *word);

/* A setting of Phatch, and the action that has it. */
typedef struct PhatchPlace {
    const PhatchAction *action;
    const PhatchSetting *setting;
} PhatchPlace;

/* Those that have the word in their name, or as a value that their remark explains: in any case, as
 * "Align H" too, and as "Transpose: Orientation" of one action. Of PhatchPlace; newly allocated,
 * may be empty. */
GArray *phatch_settings(const char *word);

/* The name of an action or setting that was most likely meant; borrowed, NULL: none is near. */
const char *phatch_closest(const char *word);

/* What the setting is called here and what differs: "`cutoff`", "`alpha` of `convert`; as above".
 * Newly allocated. */
char *phatch_here(const PhatchSetting *setting);
