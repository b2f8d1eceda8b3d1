/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jpeg_decoder.h - libjpeg as we read a JPEG: its input, its errors as libvips', and which damage
 * is refused. load_jpeg.c reads rows with it, load_planes.c planes, both by jpeg_huffman.c.
 *
 * What viewers ignore is no damage: bytes that fill up the data, unusual progressions, a missing
 * end mark behind whole rows, and whatever follows in its place. One thread at a time. */
#pragma once

/* each needs what the one before it defines */
/* clang-format off */
#include <stdbool.h>
#include <stdio.h>
#include <jpeglib.h>
/* clang-format on */
#include <setjmp.h>

#include "actions/libvips.h"

enum { JPEG_DECODER_BUFFER = 64 * 1024 };

typedef struct JpegDecoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr input;
    jmp_buf failure;
    VipsSource *source; /* keeps the descriptor open */
    int fd;
    off_t begin;  /* of the JPEG in the file */
    off_t at;     /* of the next byte to read */
    off_t limit;  /* where the JPEG ends, or the trailer begins that stands in place of an end mark;
                     0: where the file does */
    off_t hole;   /* the end of zeros that were found behind the headers; 0: none */
    bool in_data; /* the headers are read */
    bool again;   /* the trailer was found only now: read all scans once more, without it */
    bool ended;   /* the file ended before the end mark: we added one */
    int eighths;  /* of its size, to which it is decoded */
    JOCTET buffer[JPEG_DECODER_BUFFER];
} JpegDecoder;

/* Reads with the source's descriptor, from its begin, or where a window of a file lies (see
 * file_window.h). NULL with libvips' error set. */
JpegDecoder *jpeg_decoder_new(VipsSource *source, int eighths);
void jpeg_decoder_free(JpegDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JpegDecoder, jpeg_decoder_free)

/* A part of the work, which libjpeg's errors end. It owns nothing that would be lost then. */
typedef void (*JpegDecoderWork)(JpegDecoder *decoder, void *user);

/* Does it, if need be once more from the file's begin. False with libvips' error set. */
bool jpeg_decoder_run(JpegDecoder *decoder, JpegDecoderWork work, void *user);

/* ---- in such work, in this order ---- */

/* Reads the header, and sets the size. */
void jpeg_decoder_read_header(JpegDecoder *decoder);

/* Begins to decode; what is set before that, as raw_data_out, is the caller's. */
void jpeg_decoder_start(JpegDecoder *decoder);

/* After the last row: fails where the data does not fit what was decoded. */
void jpeg_decoder_end(JpegDecoder *decoder);

/* The next byte of the file, whatever it is. */
int jpeg_decoder_next_byte(JpegDecoder *decoder);

/* Fails: libvips' error is set. */
G_GNUC_NORETURN void jpeg_decoder_give_up(JpegDecoder *decoder);

/* Fails: the size or the kind is another one than before. */
G_GNUC_NORETURN void jpeg_decoder_refuse_change(JpegDecoder *decoder);
