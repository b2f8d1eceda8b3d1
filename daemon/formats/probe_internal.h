/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe_internal.h - a checker for each format; only probe*.c and jpeg.c include it. */
#pragma once

#include "formats/bytes.h"
#include "formats/probe_result.h"

/* The verdict after bytes_at() gave NULL: NO when the file ended, UNKNOWN when the budget did. */
static inline Completeness probe_verdict_at_end(const Bytes *bytes)
{
    return bytes->exhausted ? COMPLETE_UNKNOWN : COMPLETE_NO;
}

/* Each fills probe->complete and, with COMPLETE_NO, probe->missing; the TIFF and box readers also
 * set the format and the kind, since camera RAW shares their magic. */
void probe_jpeg(Bytes *bytes, Probe *probe);
void probe_png(Bytes *bytes, Probe *probe);
void probe_gif(Bytes *bytes, Probe *probe);
void probe_webp(Bytes *bytes, Probe *probe);
void probe_bmp(Bytes *bytes, Probe *probe);
void probe_isobmff(Bytes *bytes, Probe *probe);
void probe_tiff(Bytes *bytes, Probe *probe);
void probe_jxl(Bytes *bytes, Probe *probe);
void probe_jp2(Bytes *bytes, Probe *probe);
void probe_pdf(Bytes *bytes, Probe *probe);

/* Of a text: it may be an SVG, or another XML, as XMP is. */
void probe_xml(Bytes *bytes, Probe *probe);
