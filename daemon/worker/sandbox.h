/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox.h - what a worker gives up before it reads a picture.
 *
 * A decoder that a picture has taken over can open no path or socket, run no program, reach no
 * process and get no executable memory. It has only the picture, the outputs that the daemon
 * passes, and the socket to the daemon. Three walls, from the outside in:
 *
 * - limits: not dumpable, no new privileges, no core, bounded files and memory; few descriptors and
 *   no capability once everything is open;
 * - landlock: no path may be opened and no TCP used, by this thread and all that it starts;
 * - seccomp: a list of system calls; one that is not on it ends the process, and is named.
 *
 * A worker that may draw text (SVG, PDF, a step of a profile) may read fonts and
 * what fontconfig needs to find them, and no other path; with a font that it cannot read, the
 * picture would be wrong without an error.
 *
 * Not closed: stat(2) of a path, which landlock does not cover and the filter cannot check. An
 * attacker inside can see which files exist, and how large they are, as far as the service's user
 * can.
 *
 * The second wall holds only threads that start after it: it comes before the first pixel. A build
 * with sanitizers has the first wall only, since they need what the others forbid. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The first wall, for every mode of the program. */
void sandbox_limit(void);

/* Limits what the process may have in memory, for a worker that no daemon watches. Sanitizers need
 * more than any picture: they have no limit. */
void sandbox_limit_memory(size_t bytes);

/* The second: by now the files of the profiles are open, and standard input was read (it becomes
 * /dev/null). What the kernel does not offer is appended to lacks, in words for people. `fonts`
 * asks for the paths of fonts; returns whether they can be read, which needs landlock. */
bool sandbox_close_paths(bool fonts, GString *lacks);

/* The third, after a first use of everything that makes unusual calls only once. Appends to lacks
 * too. */
void sandbox_close_calls(bool fonts, GString *lacks);

/* Standard output and error become /dev/null, as standard input is since the second; before or
 * after the third. Sets errno. */
bool sandbox_mute(void);
