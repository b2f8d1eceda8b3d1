/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* addition.h - what adding a folder comes to: whose daemon gets it, where its settings go, what has
 * to be made, and whether any of this is refused. Nothing is changed here. Main thread. */
#pragma once

#include "command/check_folders.h"
#include "command/directories.h"
#include "command/unit.h"

/* As they were typed; NULL: not given. */
typedef struct AdditionOptions {
    const char *path, *output, *name, *profile;
    const char *config; /* of a daemon that a person or another program starts */
    bool user;          /* the user's own daemon, also if there is none yet */
} AdditionOptions;

/* How the daemon comes to know of the folder. */
typedef enum AdditionStart {
    START_RELOAD,  /* it reads its configuration again */
    START_RESTART, /* its sandbox changes, which only a start can do */
    START_ENABLE,  /* it does not run, and systemd will start it now and at each boot */
    START_BY_HAND, /* it does not run, and only a person can start it */
} AdditionStart;

typedef struct Addition {
    Target target; /* the daemon */
    UnitManager manager;
    char *unit;        /* "hotfolder.service" */
    char *runtime_dir; /* of `target`, which borrows these two */
    char *config;
    bool config_misses;         /* it is written too, with an include */
    char *name, *path, *output; /* absolute */
    char *profile;              /* its name */
    char *file;                 /* the folder's own, which the configuration includes */
    bool is_written;            /* by an earlier call, which was interrupted perhaps */
    char *text;                 /* of `file` */
    DirectoryOwner owner;       /* of new directories */
    bool has_owner;             /* else they belong to the user who runs the command */
    CheckUser user;             /* whom the daemon runs as; id is 0 for the same user */
    DirectoryNeed path_need, output_need;
    unsigned present; /* entries of the folder, which are new pictures perhaps */
    bool opens;       /* the drop-in of the unit changes */
    AdditionStart start;
    Settings *settings;   /* with the folder; of the time before it is written, or after */
    const Folder *folder; /* in them */
} Addition;

void addition_clear(Addition *addition);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Addition, addition_clear)

/* Finds it all out. False with every reason appended to `errors` (of Error). `addition` need not be
 * initialised. */
bool addition_plan(const Target *target, const AdditionOptions *options, Addition *addition,
                   GPtrArray *errors);

/* Chooses the daemon alone: the fields of `addition` up to `config_misses`, its owner and its user.
 * False with *err set where the user may not change it. */
bool addition_choose_daemon(const Target *target, const AdditionOptions *options,
                            Addition *addition, Error **err);

/* The options of `hotfolder` by which other commands mean the same daemon, each after a blank:
 * " --instance weddings"; newly allocated. */
char *addition_target_options(const Addition *addition);

/* What a configuration is that is written for the first folder; newly allocated. */
char *addition_config_text(const Addition *addition);
