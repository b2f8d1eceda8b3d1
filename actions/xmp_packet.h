/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xmp_packet.h - an XMP packet as a text of properties: one that is too large for a segment of a
 * JPEG is divided into a standard and an extended one (XMP specification, part 3, 1.1.3.1). Any
 * thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum { XMP_GUID = 32 }; /* letters of the MD5 that names an extended packet */

/* Divides `xmp` into a standard packet of at most `most` bytes, which holds the smallest properties
 * and names `extended`, and the rest. False where it is no XMP. Both newly referenced. */
bool xmp_packet_divide(GBytes *xmp, size_t most, GBytes **standard, GBytes **extended);

/* The GUID of the extended packet that a standard one names, XMP_GUID letters and a zero; NULL
 * where it names none. Newly allocated. */
char *xmp_packet_extended_guid(GBytes *standard);

/* One packet of both, which names no extended one; `standard` itself where either is no XMP. Newly
 * referenced. */
GBytes *xmp_packet_join(GBytes *standard, GBytes *extended);

/* MD5 of a packet, in capitals; newly allocated. */
char *xmp_packet_guid(GBytes *extended);

/* The names of the packet's properties, with the prefixes it gives them, as a set; empty where it
 * is no XMP. Newly allocated. */
GHashTable *xmp_packet_names(GBytes *xmp);

/* The packet (NULL: a new one) with one more description, which is written as in a packet; `xmp`
 * itself where it is no XMP. Newly referenced. */
GBytes *xmp_packet_add(GBytes *xmp, const char *description);

/* The packet in the wrapper that JPEG and TIFF want around it. Newly referenced. */
GBytes *xmp_packet_wrapped(GBytes *xmp);
