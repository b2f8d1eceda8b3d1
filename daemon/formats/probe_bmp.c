/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the end of a BMP. Its file header has a field for the file's size, which many programs
 * leave at 0 or fill with the size of the headers: the end is computed from the size in pixels, and
 * with run lengths it is their end marker. The rules are those of probe_picture.c. */
#include "formats/bmp.h"
#include "formats/probe_internal.h"

/* Without the padding of its last row, which some programs do not write, nothing is missing. */
static Completeness rows_complete(const Bytes *bytes, const Bmp *bmp)
{
    uint64_t end = bmp_end(bmp);

    if (!bytes_in_file(bytes, 0, end))
        return COMPLETE_NO;
    return bytes_in_file(bytes, end, bmp->stride - bmp->row) ? COMPLETE_YES : COMPLETE_UNKNOWN;
}

static Completeness runs_complete(Bytes *bytes, const Bmp *bmp)
{
    BmpCursor cursor = bmp_first(bmp);
    BmpPiece piece = { 0 };
    BmpCode code = BMP_MOVE;

    bytes->read_size = BYTES_WINDOW;
    while (code != BMP_END && code != BMP_CUT)
        code = bmp_next(bmp, bytes, &cursor, &piece);
    if (code == BMP_END)
        return COMPLETE_YES;
    return bmp_is_full(bmp, &cursor) ? COMPLETE_UNKNOWN : probe_verdict_at_end(bytes);
}

void probe_bmp(Bytes *bytes, Probe *probe)
{
    g_autoptr(Error) error = NULL;
    Bmp bmp = { 0 };

    if (!bmp_read(bytes, &bmp, &error)) {
        probe->missing = "the rest of its header";
        probe->complete = bmp.cut ? probe_verdict_at_end(bytes) : COMPLETE_UNKNOWN;
        return;
    }
    probe->missing = bmp.runs ? "its end marker (end of bitmap)" : "the rest of its pixels";
    probe->complete = bmp.runs ? runs_complete(bytes, &bmp) : rows_complete(bytes, &bmp);
    if (probe->complete != COMPLETE_NO && !bytes_in_file(bytes, bmp.profile_at, bmp.profile_size)) {
        probe->missing = "its colour profile";
        probe->complete = COMPLETE_NO;
    }
}
