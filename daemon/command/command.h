/* command.h - the commands of `hotfolder`. Each takes its own arguments (argv[0] is its name) and
 * returns an exit status: 0 right, 1 something failed, 2 wrong usage or configuration. */
#pragma once

int command_actions(int argc, char **argv);
int command_check(int argc, char **argv);
int command_run(int argc, char **argv);
int command_status(int argc, char **argv, const char *runtime_dir);
