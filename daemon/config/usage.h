/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* usage.h - the options and arguments of a program, declared once.
 *
 * From one table come the reader of the command line, --help, the manual and the completions of
 * shells. Main thread only. */
#pragma once

#include <stdbool.h>

/* What a shell may offer as a value or an argument. */
typedef enum Completion {
    COMPLETE_WITH_NOTHING,
    COMPLETE_WITH_FILES,
    COMPLETE_WITH_DIRECTORIES,
    COMPLETE_WITH_PROFILES,
    COMPLETE_WITH_ACTIONS,
} Completion;

typedef struct UsageOption {
    int letter;            /* 'c'; one of 256 or more is only a number: the option has no letter */
    Completion completion; /* of its value */
    const char *name;      /* "config"; NULL ends the list */
    const char *value;     /* "FILE"; NULL: it takes none */
    const char *help;      /* what it does; lower case, no full stop */
} UsageOption;

/* The help of --config, wherever it is. */
#define USAGE_CONFIG                                                                               \
    "configuration file; default " HOTFOLDER_CONFIG                                                \
    ", or ~/.config/hotfolder/hotfolder.conf if it exists and the user is not root"

typedef struct UsageExit {
    int status;
    const char *help; /* when; NULL ends the list */
} UsageExit;

struct Target; /* of `hotfolder`, command/command.h */

typedef struct Usage {
    const char *name;       /* "hotfolder run" */
    const char *arguments;  /* "PROFILE FILE|DIR..."; may be empty */
    const char *summary;    /* what it does; a line without a full stop, as in a list of commands */
    const char *text;       /* sentences; an empty line begins a paragraph */
    bool version;           /* it has --version; every program has -h, --help */
    Completion first, rest; /* for its arguments */
    const UsageOption *options;          /* may be NULL */
    const UsageExit *exits;              /* may be NULL */
    const struct Usage *const *commands; /* that follow its own options, or, where it has `run`,
                                            stand in place of them; NULL-terminated, or NULL */
    const struct Usage *outer; /* of a command: the program whose options it takes too, or NULL */

    /* Runs a command: with its own arguments (argv[0] is its word) and the daemon to ask; returns
     * an exit status. */
    int (*run)(int argc, char **argv, const struct Target *target);

    /* Takes one of its own options, for itself and for its commands; false after it has reported a
     * wrong value. NULL: usage_next() returns them. */
    bool (*take)(int letter, const char *value);
} Usage;

enum { USAGE_DONE = 0, USAGE_ARGUMENTS = -1, USAGE_ERROR = 2 };

/* Reads the next option: its letter, with its value in optarg; USAGE_ARGUMENTS when the rest, from
 * optind, are arguments; USAGE_DONE when the program has to end with *status: it has shown its help
 * or version, or reported a wrong option. */
int usage_next(const Usage *usage, int argc, char **argv, int *status);

/* Reports on stderr why the arguments are wrong; returns USAGE_ERROR. */
int usage_error(const Usage *usage, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What --help shows; newly allocated. */
char *usage_text(const Usage *usage);

/* The word of a command, "run"; borrowed. */
const char *usage_word(const Usage *usage);

/* Its command of that word, borrowed; NULL: it has none. */
const Usage *usage_command(const Usage *usage, const char *word);

/* "  -c, --config FILE"; newly allocated. */
char *usage_option(const UsageOption *option);

/* Its own options, those of `outer`, and what every program and command has, by index; NULL after
 * the last. */
const UsageOption *usage_at(const Usage *usage, unsigned index);

/* Whether there are more than --help and --version. */
bool usage_has_options(const Usage *usage);
