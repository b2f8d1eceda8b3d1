/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tables.h - the tables of every setting that is not an action's, and what may stand in a file. */
#pragma once

#include "config/conf.h"
#include "daemon/files/ownership.h"
#include "daemon/settings/snapshot.h"
#include "formats/limits.h"

/* Settings outside of every section. */
typedef struct TopSettings {
    int workers;    /* 0: auto */
    int64_t memory; /* 0: auto */
    int64_t reconcile, history, stop_timeout;
    char *operators; /* "": none */
} TopSettings;

typedef struct FolderSettings {
    char *path, *output, *profile, *copy_to;
    bool recursive;
    char **ignore;
    int originals, duplicates, sandbox, watch, names, order, priority;
    int shots, prefer, companions;
    bool chain, isolate, output_links, status_file;
    int64_t min_free;
    int64_t quiet, incomplete, gather, deadline;
    Limits limits;
    OwnershipSettings ownership;
} FolderSettings;

typedef struct ProgramSettings {
    char **run;
    int takes, gives;
    int64_t deadline;
    double grows;
    bool alpha;
} ProgramSettings;

typedef struct RetrySettings {
    int attempts;
    int64_t first, max;
} RetrySettings;

typedef struct ImportSettings {
    char *from, *when, *name, *then;
    char **ignore, **copy_to, **order;
    int day_starts, other, verify, safe_copies, manifest, duplicates;
    bool eject;
    int64_t min_free;
} ImportSettings;

typedef struct CameraSettings {
    char *serial, *clock, *owner;
} CameraSettings;

typedef struct NotifySettings {
    unsigned on;
    Texts folders;
    char **run;
    char *mail, *post;
    int64_t every, idle;
} NotifySettings;

typedef struct HttpSettings {
    char *listen, *token_file;
    Texts hosts;
    bool steer;
} HttpSettings;

extern const Param top_settings[];
extern const Param
    folder_settings[]; /* the first row is the path, which defaults {} does not have */
extern const Param retry_settings[];
extern const Param program_settings[];
extern const Param import_settings[]; /* import_tables.c */
extern const Param camera_settings[];
extern const Param notify_settings[]; /* notice_tables.c */
extern const Param http_settings[];

/* As `order` names it. */
const char *order_word(Order order);

extern const ConfSection settings_schema; /* a configuration file */
extern const ConfSection profiles_schema; /* a file in which only profiles may stand */
