/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_tiff.h - the metadata of a TIFF: its own tags are its EXIF. Any thread. */
#pragma once

#include "actions/blocks.h"
#include "formats/bytes.h"

/* Reads the tags of the page that load_tiff() reads. */
void blocks_tiff_read(Bytes *bytes, MetadataBlocks *blocks);

/* The same of the page whose directory lies at `directory`. */
void blocks_tiff_read_page(Bytes *bytes, uint64_t directory, MetadataBlocks *blocks);

/* Whether blocks_tiff_change() can change such a file: a little-endian TIFF whose picture is the
 * first. */
bool blocks_tiff_can_change(Bytes *bytes);

/* Writes the blocks in place of what the TIFF open as fd for reading and writing says of its first
 * picture: its directory is written once more behind all else, and the old texts become zeros.
 * Pixels and all other pictures stay where they are. *changed is false, and the file as it was,
 * where it cannot be changed. False with errno set. */
bool blocks_tiff_change(int fd, const MetadataBlocks *blocks, bool *changed);

/* Writes the blocks into the TIFF open as fd for reading and writing: a little-endian one of one
 * picture, as libtiff has written it. Its directory is written once more behind all else, with the
 * tags of the blocks; the pixels stay where they are. What the file said of density, and of
 * orientation where it is upright, is replaced. False with errno set; a file that is no such TIFF
 * stays as it is. */
bool blocks_tiff_write(int fd, const MetadataBlocks *blocks);
