/* sandbox.h - what a worker gives up before it meets a picture.
 *
 * A decoder that a picture has taken over finds no path to open, no socket, no program to run, no
 * process to reach and no executable memory to get: only the picture, the outputs that the daemon
 * hands it, and the socket to the daemon. Three walls, from the outside in:
 *
 * - limits: not dumpable, no new privileges, no core, few descriptors, bounded files and memory; no
 *   capability once everything is open;
 * - landlock: no path may be opened and no TCP used, by this thread and all that it starts;
 * - seccomp: a list of system calls; one that is not on it ends the process, and is named.
 *
 * A worker that may draw text (SVG and PDF name fonts that nobody knows before) reads fonts and
 * what fontconfig needs to find them, and no other path; a font that it cannot read would make a
 * picture that is wrong, and nobody would notice.
 *
 * What is left: stat(2) of a path, which no landlock knows and no filter sees, so that somebody
 * inside can tell which files there are, and how large, where the service's user can.
 *
 * The middle one holds only threads that begin behind it: it comes before the first pixel. A build
 * with sanitizers has the first wall only, as they need what the others forbid. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The first wall, for every mode of the program. */
void sandbox_limit(void);

/* The second: what the profiles name is open by now, and standard input was read (it becomes
 * /dev/null). What can't be had is appended to lacks, in words for people. `fonts` asks for the
 * paths of fonts; returns whether they can be read: only what landlock closes may be opened in
 * part. */
bool sandbox_close_paths(bool fonts, GString *lacks);

/* The third, when everything was used once that does unusual things only once; with `mute`,
 * standard output and error become /dev/null. Appends to lacks likewise. */
void sandbox_close_calls(bool fonts, bool mute, GString *lacks);
