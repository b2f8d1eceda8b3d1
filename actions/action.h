/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* action.h - the contract of every action in this folder: a table and an idea.
 *
 * An action knows a picture and its own settings; never a job, a path, a database or the log. What
 * actions have in common is not theirs: alpha, depth, colour spaces, rounding, the settings of
 * every_step.h, and the memory that a picture may use are the runner's (runner.h). All functions
 * run in the worker's only thread of ours. */
#pragma once

#include "actions/blend.h"
#include "actions/image.h"
#include "actions/shape.h"
#include "config/param.h"

enum {
    ACTION_BLENDS = 1,        /* `amount` lays the result over what was there */
    ACTION_PREMULTIPLIED = 2, /* of `pixels`: colours are multiplied by alpha, as floats */
    ACTION_POINTWISE = 4,     /* of `pixels`: each is made of the one that was there alone */
    ACTION_FONTS = 8,         /* draws text: the worker may read fonts */
    ACTION_SAVES = 16,        /* writes an output */
    ACTION_BRANCHES = 32,     /* holds steps, and does nothing else: see branch.c */
    ACTION_RANDOM = 64,       /* reads pixels more than once, or in any order: the runner puts them
                                 into memory before the step */
    ACTION_SETS_DPI = 128,    /* its `dpi` is also what files that are saved say */
    ACTION_MAKES_GREY = 256,  /* what it makes is grey */
    ACTION_MAKES_RGB = 512,   /* what it makes has three colours, of grey too */
    ACTION_INKS = 1024,       /* works on CMYK too, which is what `icc` makes for printing */
    ACTION_PROGRAM = 2048,    /* lets a program run, which the daemon does */
    ACTION_JPEG = 4096,       /* changes the coded data of a JPEG, and says where that changes it */
    ACTION_RENAMES = 8192,    /* renames the original: a profile with it needs no save */
    ACTION_LEAVES = 16384,    /* neither reads nor changes pixels */
    ACTION_METADATA = 32768,  /* changes what the picture says, in a copy of its file, too */
};

enum { BRANCH_DEPTH_MAX = 4 }; /* of branches in each other */

/* What is laid over a photo. */
typedef struct Ink {
    VipsImage *picture; /* sRGB or grey, and alpha; newly referenced. NULL: nothing is laid */
    double opacity;     /* 0 to 1: its alpha counts so many times */
    Blend blend;
    int x, y;   /* its upper left corner on the photo, which it may leave */
    bool tiled; /* repeated over the photo from x, y on, in every direction */
    int gap;    /* pixels between tiles */
} Ink;

typedef struct Action {
    const char *name;    /* the word in a profile */
    const char *group;   /* chapter of the manual: one of action_groups */
    const char *summary; /* what it does to the picture; one line, no full stop */
    const char *aliases; /* what other programs call it, Phatch's name first, with spaces between;
                            may be NULL. A profile says the one name. */
    const char *example; /* a step as in a profile: shown in the manual, run by the tests */
    const Param *params;
    size_t size;        /* of the settings that params fill, with what prepare() makes */
    unsigned flags;     /* ACTION_... */
    const char *idle;   /* settings with which it leaves every picture as it was, as `only_with` of
                           a row has them; it is left out then. NULL: there are none */
    const char *amount; /* with ACTION_BLENDS: its default, as in a profile; NULL: 100 */

    /* Checks settings against each other; may be NULL. Runs before assets are opened. Lengths are
     * as they were written: no picture is known.
     *
     * Where formulas give settings, it runs with samples of what they may come to (see
     * action_check_samples()), and on each picture with its own. What it says of all samples alike
     * has to be true of every value: what is wrong with a number that is neither the smallest nor
     * the largest is said with that number. */
    bool (*check)(const void *settings, Error **err);
    /* False with *err where settings that are right do what a user may not expect, which `hotfolder
     * check` then says; may be NULL. Runs after check(). That a setting does nothing without
     * another one says its row, `only_with`; that the step does nothing, `idle`. */
    bool (*advise)(const void *settings, Error **err);
    /* The same of what the steps before make of a photo of 8 bits that has no transparency; may be
     * NULL. Runs after prepare(). */
    bool (*advise_on)(const void *settings, const Shape *shape, Error **err);
    /* What the format that it writes has no place for, as a sentence without a full stop; newly
     * allocated. NULL, as a function or a result: nothing, or each picture decides. Runs after
     * check(). */
    char *(*loses)(const void *settings);
    /* Prepares what all pictures share, once; may be NULL. Assets are read by then. */
    bool (*prepare)(void *settings, Error **err);
    /* Frees what prepare() made; may be NULL. */
    void (*release)(void *settings);
    /* With ACTION_RANDOM: the setting, a choice or a colour, that makes it so where it is a word
     * whose value is not 0. NULL: it always is. */
    const char *random_by;

    /* ---- what it does: settings are finished, each Length has its px ---- */

    /* Changes the shape of the picture that comes in to that of the one that goes out, and says
     * what the step holds in memory. NULL: the shape stays, but for what flags say, and nothing is
     * held. False with *err of kind PICTURE where no picture would remain, or where the step can do
     * nothing with inks. */
    bool (*plan)(const void *settings, Shape *shape, Error **err);
    /* Takes into the settings what the step needs of the picture beside its pixels; may be NULL.
     * Nothing of it is freed. Runs before the function that does the work. */
    bool (*ask)(void *settings, Image *image, Error **err);

    /* Exactly one of these is given, but of what branches. Where one returns NULL, libvips' error
     * is set. */

    /* What a value from 0 (black) to 1 (white) becomes, of every colour alike. Tones in a row are
     * computed as one table. */
    double (*tone)(const void *settings, double value);
    /* Of `tone`: the setting, of channel_words, that says which colours it changes; a grey picture
     * gets colours where they are not all. NULL: all. */
    const char *channels_by;
    /* The colours of each pixel alone: 1 or 3 bands (4 with ACTION_INKS), no alpha, which stays; a
     * picture of which the plan takes it is laid on white before. The result is on the same scale,
     * of any format: it is rounded afterwards. */
    VipsImage *(*colours)(const void *settings, VipsImage *pixels);
    /* All bands of pixels, alpha too, and what is near them. Each row is read once, unless the
     * action is ACTION_RANDOM. The result as above. */
    VipsImage *(*pixels)(const void *settings, VipsImage *pixels);
    /* Another size, or another view: through image_cut(), image_resample() and
     * image_view(). */
    bool (*geometry)(const void *settings, Image *image, Error **err);
    /* What to lay over the picture, whose pixels it does not read. */
    bool (*ink)(const void *settings, Image *photo, Ink *ink, Error **err);
    /* Anything else with the whole picture: it saves, or changes what the picture says. */
    bool (*apply)(const void *settings, Image *image, Error **err);

    /* ---- of actions that save ---- */

    /* A text that decides, with the picture, which name the step writes: two steps of a profile
     * with the same text would give each picture two outputs of one name. Newly allocated; NULL
     * where the name depends on more. Runs after check(). */
    char *(*writes)(const void *settings);
    /* Whether the step takes the picture's file as it is: no pixel is decoded for it. NULL: it
     * does not. */
    bool (*copies)(const void *settings);
    /* Whether the step makes whole pictures smaller in their proportions, and nothing else; and
     * whether such a step that comes directly behind this one may come before it, since what both
     * make of a picture looks the same: the profile then has it there, where there are fewer
     * pixels. NULL: neither. */
    bool (*only_scales)(const void *settings);
    bool (*waits_for_scale)(const void *settings);
    /* The name that the step writes, for an example of a picture called x; newly allocated. Runs
     * after check(). */
    char *(*sample)(const void *settings);
    /* Whether what it writes may hold several pictures, all that a file has. Runs after check(). */
    bool (*joins)(const void *settings);
} Action;

extern const Action *const actions[]; /* sorted by name; NULL ends it */
extern const char *const action_groups[];

/* The action of that name, which may be in American spelling; the one that other programs call so;
 * and the one whose name or alias it is, however it is written. NULL: no such. */
const Action *action_find(const char *name);
const Action *action_of_alias(const char *word);
const Action *action_of_word(const char *word);
