/* describe.h - `hotfolder-worker --describe [ACTION]`: the actions, from their tables. */
#pragma once

/* argv[1] is the action, or there is none for a list of all. Exit status: 0, or 1 for an unknown
 * action. */
int worker_describe(int argc, char **argv);

/* `hotfolder-worker --names`: their names, a line each, for programs. */
int worker_names(void);
