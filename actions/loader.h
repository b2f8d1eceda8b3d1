/* loader.h - which of libvips' loaders reads a file, by our own table of magic bytes.
 *
 * libvips is never asked to guess: its guessing runs every loader's sniffer, blocked ones too.
 * What is not in the table is not read. */
#pragma once

#include "actions/libvips.h"
#include "formats/format.h"

typedef struct Loader Loader;

/* The loader for the file open as fd, by its content. `accept`: FORMAT_BIT of every format that may
 * be read. NULL with *err of kind IMAGE where it is none of them. The offset does not move. */
const Loader *loader_find(int fd, unsigned accept, Error **err);

/* Whether this libvips can read the format at all. */
bool loader_exists(Format format);

/* The header, read; the pixels follow when they are asked for, from top to bottom once. With
 * `shrink` above 1 a loader that can do so gives a picture up to that many times smaller, cheaper
 * than the whole; one that can't gives all of it. NULL with libvips' error set. */
VipsImage *loader_open(const Loader *loader, VipsSource *source, double shrink);

Format loader_format(const Loader *loader);

/* Bytes of memory that decoding takes at most, besides the pixels that come out: the header read
 * into `file`, and loaded with `shrink`. */
int64_t loader_need(const Loader *loader, const VipsImage *file, double shrink);

/* The format that a picture read by this loader is saved in when nobody says another: its own, or
 * the nearest to it that we write. */
Format loader_nearest(const Loader *loader);
