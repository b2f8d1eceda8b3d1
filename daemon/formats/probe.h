/* probe.h - what a file is and whether it is all there, from its bytes alone.
 *
 * Our own table of magic bytes decides; a name or its extension never does. Nothing is decoded:
 * the marks at the end of the format and the offsets inside it are looked at with pread(2). */
#pragma once

#include "formats/probe_result.h"

/* False with errno set when fd cannot be read. A complete picture costs a few KB of reading (a GIF:
 * all of it), one without its end mark at most 64 MB. */
bool probe_file(int fd, Probe *probe);

/* Why such a file is not read where it lies: of kind IMAGE. Returns false. */
bool probe_refuse(const Probe *probe, Error **err);
