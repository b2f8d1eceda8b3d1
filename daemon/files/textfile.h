/* textfile.h - small texts that lie beside originals: why they failed, where they were. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Whether the whole text is on disk as `temp`, a name that only this picture uses; whatever has it
 * already was left by a try that was cut off, or put there by somebody else, and is removed. False
 * with errno. */
bool note_write(int dir_fd, const char *temp, mode_t mode, const char *text);

/* Whether the file `name` begins with that text. */
bool note_begins(int dir_fd, const char *name, const char *text);
