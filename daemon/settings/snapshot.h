/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* snapshot.h - the configuration as the daemon uses it: one immutable snapshot.
 *
 * A reload builds a whole new snapshot (load.h) and swaps the pointer; jobs in flight keep the one
 * they hold. The daemon knows folders, the worker knows pictures: a profile is only text here. A
 * snapshot that is finished is read by any thread; its references are counted atomically. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "daemon/files/ownership.h"
#include "daemon/settings/imports.h"
#include "daemon/settings/notices.h"
#include "formats/format.h"
#include "formats/limits.h"

typedef enum Originals {
    ORIGINALS_KEEP,      /* leave it where it is */
    ORIGINALS_DONE,      /* move it to done/ in the folder */
    ORIGINALS_TRASH,     /* move it to the trash of its mount, else to trash/ in the folder */
    ORIGINALS_UNTOUCHED, /* not even a failed one is moved; for a batch, not for a configuration */
} Originals;

typedef enum Duplicates {
    DUPLICATES_PROCESS, /* the same content again is a new picture */
    DUPLICATES_SKIP,    /* nothing is made, and the original goes where a finished one goes */
} Duplicates;

/* Whether the files of one shot (files/shot.h) are one job. */
typedef enum Shots {
    SHOTS_APART,    /* each file is for itself, as where there are no shots */
    SHOTS_TOGETHER, /* a picture, with what lies beside it */
} Shots;

/* Which file of a shot is its picture. */
typedef enum Prefer {
    PREFER_JPEG, /* a finished picture in any format; a RAW only where there is none */
    PREFER_RAW,  /* the RAW, where `accept` has raw */
    PREFER_BOTH, /* a finished picture, and the RAW */
} Prefer;

/* What becomes of a picture's companions. */
typedef enum Companions {
    COMPANIONS_MOVE, /* they move with the original */
    COMPANIONS_COPY, /* and are copied into the output */
} Companions;

/* What to do where the kernel lacks a part of the workers' sandbox. */
typedef enum SandboxPolicy {
    SANDBOX_AUTO,     /* required for other formats than JPEG, PNG, GIF and WebP */
    SANDBOX_REQUIRED, /* hold the folder */
    SANDBOX_BEST,     /* continue with the parts that there are */
} SandboxPolicy;

/* How outputs are named. */
typedef enum NameRule {
    NAMES_AS_GIVEN, /* as the profile makes them */
    NAMES_PORTABLE, /* as Windows, exFAT and SMB shares take them, too */
} NameRule;

/* Which of a folder's pictures begins next, beside every eighth, which is the oldest. */
typedef enum Order {
    ORDER_OLDEST, /* in the order of arrival */
    ORDER_NEWEST, /* the one that arrived last */
    ORDER_NAME,   /* in the order of the bytes of their paths */
} Order;

/* How new files of a folder are found between two full scans. */
typedef enum WatchMethod {
    WATCH_AUTO,   /* by events, and by polling where the file system does not report every change */
    WATCH_EVENTS, /* by events alone */
    WATCH_POLL,   /* by polling alone */
} WatchMethod;

/* The largest `deadline` and `max_cpu`: a day. */
enum { ATTEMPT_MS_MAX = 24 * 60 * 60 * 1000 };

typedef struct RetryPolicy {
    int attempts;     /* 1 or more */
    int64_t first_ms; /* the delay after the first attempt; it doubles with each one */
    int64_t max_ms;   /* the longest delay */
} RetryPolicy;

/* One `profile "NAME" { ... }`, as it was written, comments blanked. */
typedef struct ProfileText {
    char *name;
    char *file;    /* where it was read */
    int line;      /* of the word `profile`, from 1 */
    char *text;    /* `profile "web" { ... }` with its newlines */
    uint64_t hash; /* XXH3-64 of the text without its layout: was an output made by this profile? */
} ProfileText;

void profile_text_free(ProfileText *profile);

typedef struct Folder {
    char *name;    /* its title; unique */
    char *path;    /* absolute, without a final slash */
    char *output;  /* absolute, without a final slash */
    char *copy_to; /* the same; where originals are copied to; NULL: nowhere */
    const ProfileText *profile;
    bool recursive;
    char **ignore; /* glob patterns for fnmatch(3) on a file's name; NULL ends it */
    Originals originals;
    Duplicates duplicates;
    Shots shots;
    Prefer prefer;
    int64_t gather_ms; /* how long a RAW or a companion waits for its picture */
    bool gather_set;   /* it is written in the configuration: a picture waits for a sidecar, too */
    Companions companions;
    NameRule names;   /* of what is made in `output` */
    bool chain;       /* pictures that hotfolder made are taken too */
    int64_t min_free; /* bytes that stay free where the outputs go; 0: any number */
    RetryPolicy retry;
    SandboxPolicy sandbox;
    bool isolate; /* a worker that processed a picture from here processes no other one */
    WatchMethod watch;
    Order order;
    int priority;          /* 0 to 9; a folder with a higher one comes first */
    int64_t quiet_ms;      /* how long a file must stay unchanged where nothing proves it ready */
    int64_t incomplete_ms; /* how long an incomplete picture may wait that no process writes */
    int64_t deadline_ms;   /* for one attempt at one picture */
    Limits limits;
    Ownership ownership; /* of what is made in `output` */
    bool output_links;   /* links to directories in `output` are followed */
    bool status_file;    /* STATUS_FILE says what becomes of its pictures */
    char *file;          /* where it is written */
    int line;
} Folder;

/* A program of the administrator's, `program "NAME" { ... }`, which profiles may name. */
typedef struct Program {
    char *name;
    char **run; /* its path and its arguments, with the words of wire/program.h; NULL ends it */
    Format takes, gives;
    double grows;        /* how many times as wide and high its result may be */
    bool alpha;          /* its result may be transparent where the picture was not */
    int64_t deadline_ms; /* for one picture */
} Program;

void program_free(Program *program);

/* Whether a RAW may be a picture in this folder. */
static inline bool folder_takes_raw(const Folder *folder)
{
    return folder->limits.accept & FORMAT_BIT(FORMAT_RAW);
}

/* Whether the originals of finished pictures leave their place. */
static inline bool folder_moves_originals(const Folder *folder)
{
    return folder->originals == ORIGINALS_DONE || folder->originals == ORIGINALS_TRASH;
}

/* A file that the configuration names, and that has to be readable. */
typedef struct NamedFile {
    char *path;
    char *where; /* where it is named: FILE:LINE, for people */
} NamedFile;

NamedFile *named_file_new(const char *path, const char *where); /* newly allocated */
void named_file_free(NamedFile *file);

/* An output as a step of a profile names it, for an example of a picture called x. */
typedef struct NamedOutput {
    char *profile;
    char *name;  /* in the folder's output directory */
    char *where; /* of the step: FILE:LINE, for people */
} NamedOutput;

NamedOutput *named_output_new(const char *profile, const char *name, const char *where);
void named_output_free(NamedOutput *output);

#define SETTINGS_NO_GROUP ((gid_t) -1)

typedef struct Settings {
    atomic_int refs;
    char *file;       /* the top configuration file */
    GPtrArray *files; /* of NamedFile: included ones, and those that profiles name */
    GPtrArray
        *tracks; /* of char *: those of `files` that a worker has to read again when they change */
    char *checked;    /* the document that a worker has checked */
    guint includes;   /* how many of `files`, the first ones, no profile names */
    char *worker_key; /* what a worker is made of: one of another snapshot serves this one too where
                         that has the same key; NULL: it does not */
    GPtrArray *names; /* of NamedOutput: of every profile that the workers know */
    GPtrArray *losses;   /* of NamedOutput, whose name is what the output's format does not keep */
    GPtrArray *renames;  /* of NamedOutput, whose name is the step that renames originals */
    GPtrArray *advice;   /* of Error: what settings that are right may do unexpectedly */
    GPtrArray *folders;  /* of Folder, in the order of the file */
    GPtrArray *profiles; /* of ProfileText: those of the configuration, and the shipped ones */
    GPtrArray *programs; /* of Program */
    GPtrArray *imports;  /* of Import, in the order of the file; the daemon has no use for them */
    GPtrArray *cameras;  /* of Camera */
    GPtrArray *notices;  /* of Notice, in the order of the file */
    Http *http;          /* where the page is served; NULL: nowhere */
    char *profiles_text; /* the profiles document that a worker is started with */
    char *sandbox_lacks; /* what the sandbox of the worker that checked them lacks; NULL: nothing */
    int workers;         /* 1 or more */
    bool profiles_draw_text; /* a step of a profile needs fonts */
    int64_t memory;          /* bytes for all workers together */
    int64_t reconcile_ms;    /* between two full scans */
    int64_t history_ms;      /* how long the ledger remembers finished pictures */
    int64_t stop_ms;         /* how long a stop waits for pictures in progress */
    gid_t operators;         /* the group whose members may steer; SETTINGS_NO_GROUP */
} Settings;

/* An empty one, of one reference, whose top configuration file is `file`; newly allocated. */
Settings *settings_new(const char *file);

/* NULL: none of this name. */
const Folder *settings_find_folder(const Settings *settings, const char *name);
const ProfileText *settings_find_profile(const Settings *settings, const char *name);

const Program *settings_find_program(const Settings *settings, const char *name);
const Import *settings_find_import(const Settings *settings, const char *name);

/* The folder with this directory, as the configuration writes it; NULL: none. */
const Folder *settings_find_directory(const Settings *settings, const char *path);

/* The name of a folder that `name` may have meant, borrowed; NULL: none is near. */
const char *settings_closest_folder(const Settings *settings, const char *name);

/* Whether a folder accepts formats that name fonts, or a profile draws text. */
bool settings_draw_text(const Settings *settings);

Settings *settings_ref(Settings *settings);
void settings_unref(Settings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_unref)
