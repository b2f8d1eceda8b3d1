/* loader.h - which of libvips' loaders reads a file, by our own table of magic bytes.
 *
 * libvips is never asked to guess: its guessing runs every loader's sniffer, blocked ones too.
 * What is not in the table is not read. */
#pragma once

#include "actions/image.h"

typedef struct Loader Loader;

/* The loader for the file open as fd, from its first bytes (and, for a TIFF, its first directory:
 * camera RAW wears a TIFF's clothes, and its embedded thumbnail would pass for the picture).
 * NULL with *err of kind IMAGE where it is no picture that we read. The offset does not move. */
const Loader *loader_find(int fd, Error **err);

/* The header, read; the pixels follow when they are asked for, from top to bottom once. With
 * `shrink` above 1 a loader that can do so gives a picture up to that many times smaller, cheaper
 * than the whole; one that can't gives all of it. NULL with libvips' error set. */
VipsImage *loader_open(const Loader *loader, VipsSource *source, double shrink);

/* The extension ("jpg") of the format that a picture read by this loader is saved in when nobody
 * says another: its own, or the nearest to it that we write. */
const char *loader_extension(const Loader *loader);
