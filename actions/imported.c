/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/imported.h"

#include <errno.h>

#include "actions/metadata_blocks.h"
#include "actions/metadata_taken.h"
#include "formats/probe.h"

/* ---- its metadata ---- */

static Metadata *with_sidecar(const Sidecar *sidecar, MetadataBlocks *blocks)
{
    return sidecar ? sidecar_apply(sidecar, blocks) : metadata_new(blocks);
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
        probe_refusal(&probe, NULL, 0, why);
        return NULL;
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
