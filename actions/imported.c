/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/imported.h"

#include <errno.h>
#include <string.h>

#include "actions/metadata_blocks.h"
#include "actions/metadata_taken.h"
#include "formats/film.h"
#include "formats/probe.h"

/* ---- its metadata ---- */

static Metadata *with_sidecar(const Sidecar *sidecar, MetadataBlocks *blocks)
{
    return sidecar ? sidecar_apply(sidecar, blocks) : metadata_new(blocks);
}

/* The time of the place and its offset, as "2024-05-01T12:00:00+02:00"; newly allocated, NULL: the
 * film says no date. The header's is that of this machine's zone. */
static char *film_date(int fd)
{
    FilmDate date;

    if (!film_read_date(fd, &date))
        return NULL;
    g_autoptr(GDateTime) said = *date.text ? g_date_time_new_from_iso8601(date.text, NULL) : NULL;
    g_autoptr(GDateTime) local = said         ? g_date_time_ref(said)
                                 : date.utc_s ? g_date_time_new_from_unix_local(date.utc_s)
                                              : NULL;
    return local ? g_date_time_format(local, "%Y-%m-%dT%H:%M:%S%:z") : NULL;
}

/* What a film says is put as XMP says it, so that a sidecar that says more comes first. */
static Metadata *read_film(int fd, const Sidecar *sidecar)
{
    g_autofree char *date = film_date(fd);
    MetadataBlocks blocks = { 0 };

    if (!date)
        return NULL;
    char *packet =
        g_strdup_printf("<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
                        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
                        "<rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' "
                        "xmp:CreateDate='%s'/></rdf:RDF></x:xmpmeta>",
                        date);
    blocks.xmp = g_bytes_new_take(packet, strlen(packet));
    return with_sidecar(sidecar, &blocks);
}

static Metadata *read_by_format(int fd, const Sidecar *sidecar, Error **why)
{
    MetadataBlocks blocks = { 0 };
    Probe probe;

    if (!probe_format(fd, &probe)) {
        error_errno(why, errno, "cannot read it");
        return NULL;
    }
    if (probe.format == FORMAT_NONE) {
        Metadata *film = read_film(fd, sidecar);
        if (!film)
            probe_refusal(&probe, NULL, 0, why);
        return film;
    }
    return metadata_blocks_read(fd, probe.format, 0, &blocks, why) ? with_sidecar(sidecar, &blocks)
                                                                   : NULL;
}

Metadata *imported_metadata(int fd, const Sidecar *sidecar, Error **why)
{
    MetadataBlocks none = { 0 };
    Metadata *metadata = fd < 0 ? NULL : read_by_format(fd, sidecar, why);

    return metadata ? metadata : with_sidecar(sidecar, &none);
}

/* ---- its time ---- */

GDateTime *imported_taken(Metadata *metadata, const ImportWords *words)
{
    g_autoptr(GDateTime) shown = metadata_taken(metadata);

    if (!shown || !words->clock)
        return g_steal_pointer(&shown);
    g_autofree char *text = g_date_time_format(shown, "%Y:%m:%d %H:%M:%S");
    g_autofree char *moved = calendar_moved(text, words->clock);
    g_autoptr(GDateTime) second = moved ? metadata_date(moved) : NULL;
    return second ? g_date_time_add(second, g_date_time_get_microsecond(shown)) : NULL;
}

GDateTime *imported_day(GDateTime *taken, int day_starts)
{
    g_autoptr(GDateTime) moved = g_date_time_add_minutes(taken, -day_starts);

    return moved ? g_date_time_new_utc(g_date_time_get_year(moved), g_date_time_get_month(moved),
                                       g_date_time_get_day_of_month(moved), 0, 0, 0)
                 : NULL;
}
