/* describe.h - `hotfolder-worker --describe [ACTION]`: the actions, from their tables. */
#pragma once

/* Prints the action argv[1], or a list of all without it. Exit status: 0, or 1 for an unknown
 * action. */
int worker_describe(int argc, char **argv);

/* `hotfolder-worker --names`: prints their names, a line each, for programs. */
int worker_names(void);
