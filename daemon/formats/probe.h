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

/* Sets the error, of kind PICTURE, that says why a folder does not read such a file. False. */
bool probe_refusal(const Probe *probe, Error **err);
