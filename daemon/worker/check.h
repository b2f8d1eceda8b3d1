/* check.h - `hotfolder-worker --check`: is a profiles document right?
 *
 * The document (see profile.h) is standard input. Each mistake is a line on standard output of
 * three fields with the character 0x1f between them: FILE:LINE, what is wrong, and how to put it
 * right (which may be empty). A line of two fields is no mistake: FILE:LINE of a profile that is
 * right, and the path of a file that it names, with the escapes of C. Nothing in the fields breaks
 * a line. */
#pragma once

/* Exit status: 0 right, 1 mistakes, 2 the document could not be read at all. */
int worker_check(void);
