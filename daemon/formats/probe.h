/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe.h - finds a file's format, and whether the file is complete, from its bytes alone.
 *
 * Our own table of magic bytes decides, never a name or its extension. Nothing is decoded: pread(2)
 * looks at the format's end marker and at the offsets inside the file. Any thread. */
#pragma once

#include "formats/probe_result.h"

/* Probes fd (borrowed; its offset does not move). False with errno set when it cannot be read. A
 * complete picture costs a few KB of reading (a GIF: all of it), one without its end marker at most
 * 64 MB. */
bool probe_file(int fd, Probe *probe);

/* The same, but for whether it is complete, which may stay unknown: at most 128 KB are read. */
bool probe_format(int fd, Probe *probe);

/* Whether such a file is no picture, though its name promises one of an accepted format: it is
 * damaged or still arriving, or its user is mistaken. */
bool probe_breaks_promise(const Probe *probe, Format promised, unsigned accept);

/* Sets the error, of kind PICTURE, that says why a file of this name is not read where the formats
 * `accept` are. `path`: NULL where no name is known. False. */
bool probe_refusal(const Probe *probe, const char *path, unsigned accept, Error **err);
