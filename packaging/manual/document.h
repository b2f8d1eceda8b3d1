/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* document.h - the parts that templates ask for: texts of the programs' tables.
 *
 * Each part prints on standard output. `about` is what the template says behind its name, "" for
 * nothing; false when it is not known. */
#pragma once

#include <stdbool.h>

/* For manuals, as scdoc(5) reads them. */
bool part_settings(const char *about); /* top, folder, retry, profile */
bool part_actions(const char *about);
bool part_phatch(const char *about);    /* its actions, and what they are here */
bool part_profiles(const char *about);  /* those that are shipped */
bool part_functions(const char *about); /* of formulas */
bool part_ignored_names(const char *about);
bool part_events(const char *about);
bool part_former_words(const char *about); /* names that events and kinds of errors had */
bool part_fields(const char *about);
bool part_limit(const char *about); /* how many messages are logged */
bool part_metrics(const char *about);
bool part_options(const char *about); /* of a program, or of a command that has commands */
bool part_exits(const char *about);
bool part_commands(const char *about);  /* of the same, each with its options */
bool part_example(const char *about);   /* a file of examples/ */
bool part_installed(const char *about); /* where a document is, as a sentence's end */
bool part_values(const char *about);    /* of pictures, by group; of a "medium" */
bool part_version(const char *about);

/* For the catalogue, as Markdown: what is shown of each. */
bool part_catalogue_actions(const char *about);
bool part_catalogue_profiles(const char *about);

/* The journal's catalog of messages: journalctl --catalog, -x. */
bool part_catalog(const char *about);

/* For completions. */
bool part_bash(const char *about); /* usages, values */
bool part_zsh(const char *about);  /* commands, usages */
bool part_fish(const char *about); /* program, nested, words, usages */
