/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* loader.h - chooses the loader that reads a file, by our own table of magic bytes: one of
 * libvips', or our own of BMP, JPEG, TIFF and camera RAW.
 *
 * libvips never guesses: that would run every loader's sniffer, blocked ones too. A format without
 * a row is not read. */
#pragma once

#include "actions/libvips.h"
#include "formats/probe_result.h"

typedef struct Loader Loader;

/* The loader for the file open as fd, by its content. `accept`: FORMAT_BIT of every format that may
 * be read. `probe` gets what it is. NULL with *err of kind PICTURE if it is none of them. Borrowed;
 * fd's offset stays. */
const Loader *loader_find(int fd, unsigned accept, Probe *probe, Error **err);

/* Opens what libvips needs to read the format; false: neither we nor this libvips can read it. */
bool loader_make_ready(Format format);

/* Reads the header; the pixels are decoded when they are used, once from top to bottom. With
 * `shrink` above 1, a loader that can gives a picture up to that many times smaller, which is
 * cheaper; the others give the whole. Newly referenced; NULL with libvips' error set. */
VipsImage *loader_open(const Loader *loader, VipsSource *source, double shrink);

/* Which of several pictures in a file. */
typedef struct LoaderPage {
    int number;         /* from 0 on */
    uint64_t directory; /* of a TIFF: where its directory lies */
} LoaderPage;

/* As loader_open(), of one of several pages: of a TIFF or a PDF. */
VipsImage *loader_open_page(const Loader *loader, VipsSource *source, LoaderPage page,
                            double shrink);

/* All frames of a GIF or WebP, each as it is shown, one below the other: libvips' fields say their
 * height, their delays and how often they are repeated. They are read once, from top to bottom. */
VipsImage *loader_open_frames(const Loader *loader, VipsSource *source);

Format loader_format(const Loader *loader);

/* Bytes of memory that decoding `file` with `shrink` uses at most, besides the resulting pixels. */
int64_t loader_memory(const Loader *loader, VipsImage *file, double shrink);

/* How many times smaller the decoder of `file` makes a picture that may be `shrink` times smaller.
 */
double loader_shrink(const Loader *loader, VipsImage *file, double shrink);

/* The format that its pictures are saved in by default: their own, or the nearest that we write;
 * `several`: of those that hold all pictures of the file. */
Format loader_output_format(const Loader *loader, bool several);
