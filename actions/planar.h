/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* planar.h - a picture of libvips that can be had as planes (planes.h) too, from a JPEG to a JPEG
 * without making pixels: it is cut, made smaller and turned as planes are, when they are asked for.
 *
 * What such a picture becomes by these functions can be had as planes; what libvips makes of it,
 * cannot. Its pixels are as good: of one that is whole they come from the file row by row, else
 * from its planes. All functions that give a picture give it lazily and newly referenced, or NULL
 * with libvips' error set. One thread calls them; libvips may read the pixels in others. */
#pragma once

#include "actions/libvips.h"
#include "actions/part.h"
#include "actions/planes.h"
#include "actions/shape.h"

/* Lets `pixels`, which are those of the file, be had as planes, if it is a JPEG of planes that we
 * read. */
void planar_attach(VipsImage *pixels, VipsSource *source);

/* Whether it can be had as planes, which do not take too much memory. */
bool planar_is(VipsImage *image);

/* Whether it can be turned as planes, which do not take too much memory then. */
bool planar_turns(VipsImage *image);

/* Whether it is still in its file. */
bool planar_is_in_file(VipsImage *image);

/* What planes it is made of; all of any other picture is 0. */
ShapePlanes planar_shape(VipsImage *image);

/* The part of any picture, which is not empty; it can be had as planes if that one can. */
VipsImage *planar_part(VipsImage *image, VipsRect area);

/* The pixels of any picture in memory. It can be had as planes if that one can, unless it is whole:
 * all that is made of the pixels then is made of them. */
VipsImage *planar_copied(VipsImage *image);

/* ---- of such a picture ---- */

/* A part resampled to this size, where planar_resamples() (planar_shape.h), and sharpened so much
 * (output_sharpen.h). */
VipsImage *planar_scaled(VipsImage *image, const ImagePart *part, int width, int height,
                         double sharpen);

VipsImage *planar_turned(VipsImage *image, TurnKind turn);

/* The same turned as its orientation field says, without that field; `image` is taken over. */
VipsImage *planar_upright(VipsImage *image);

/* The same, decoded now: it may be read in any order and again, for planes or pixels. */
VipsImage *planar_in_memory(VipsImage *image);

/* Decodes the file of `image` for all that is made of it, and is at least `shrink` times smaller.
 * False with libvips' error set. */
bool planar_decode(VipsImage *image, double shrink);

/* Its planes, of which a sample of colour covers `across` x `down` pixels. Newly referenced. Their
 * rows go on to whole blocks. */
Planes *planar_planes(VipsImage *image, int across, int down);
