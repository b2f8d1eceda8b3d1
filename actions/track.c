/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/track.h"

#include <math.h>
#include <unistd.h>

#include "actions/asset_files.h"
#include "actions/gpx.h"
#include "base/text.h"

struct Track {
    AssetFiles files;
    GArray *points;     /* of GpxPoint, in the order of time; NULL: they are not read yet */
    GString *complaint; /* NULL: there is none */
};

void track_free(Track *track)
{
    if (!track)
        return;
    asset_files_clear(&track->files);
    g_clear_pointer(&track->points, g_array_unref);
    if (track->complaint)
        g_string_free(track->complaint, TRUE);
    g_free(track);
}

Track *track_open(const char *path, Error **err)
{
    g_autoptr(Track) track = g_new0(Track, 1);

    return asset_files_open(path, ".gpx", TRACK_FILES_MAX, &track->files, err)
               ? g_steal_pointer(&track)
               : NULL;
}

/* ---- reading ---- */

static void complain(Track *track, const AssetFile *file, const char *verb, const char *why)
{
    enum { MOST = 200 }; /* bytes; what follows is more of the same */
    g_autofree char *shown = text_escape(file->name);

    if (!track->complaint)
        track->complaint = g_string_new(NULL);
    else if (track->complaint->len > MOST)
        return;
    else
        g_string_append(track->complaint, "; ");
    g_string_append_printf(track->complaint, "'%s' %s: %s", shown, verb, why);
}

/* False where the track has nothing but this file, and that cannot be used. */
static bool read_file(Track *track, AssetFile *file, Error **err)
{
    int fd = g_steal_fd(&file->fd);
    g_autofree char *damage = NULL;
    g_autoptr(Error) error = NULL;
    bool used = gpx_read(fd, TRACK_POINTS_MAX, track->points, &damage, &error);

    close(fd);
    if (used && damage)
        complain(track, file, "is damaged", damage);
    if (used)
        return true;
    if (!track->files.in_directory || error->kind != ERROR_CONFIG) {
        *err = g_steal_pointer(&error);
        return asset_files_name(&track->files, file, err);
    }
    complain(track, file, "is left out", error->what);
    return true;
}

static gint compare_times(gconstpointer a, gconstpointer b)
{
    const GpxPoint *one = a, *other = b;

    return (one->at_ms > other->at_ms) - (one->at_ms < other->at_ms);
}

bool track_read(Track *track, Error **err)
{
    if (track->points)
        return true;
    track->points = g_array_new(FALSE, FALSE, sizeof(GpxPoint));
    for (guint i = 0; i < track->files.all->len; i++)
        if (!read_file(track, track->files.all->pdata[i], err))
            return false;
    if (!track->files.all->len)
        track->complaint = g_string_new("the directory has no file that ends in .gpx");
    g_array_sort(track->points, compare_times);
    return true;
}

const char *track_complaint(const Track *track)
{
    return track->complaint ? track->complaint->str : NULL;
}

/* ---- searching ---- */

static const GpxPoint *point_at(const Track *track, guint i)
{
    return &g_array_index(track->points, GpxPoint, i);
}

/* The first point at that time or later; as many as there are: none. */
static guint first_from(const Track *track, int64_t at_ms)
{
    guint from = 0, to = track->points->len;

    while (from < to) {
        guint middle = from + (to - from) / 2;
        if (point_at(track, middle)->at_ms < at_ms)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static TrackPlace place_of(const GpxPoint *point)
{
    return (TrackPlace){ (double) point->latitude / GPX_DEGREE,
                         (double) point->longitude / GPX_DEGREE, point->altitude };
}

/* The shorter way round the globe, as degrees from -180 to 180. */
static double eastward(double from, double to)
{
    return remainder(to - from, 360);
}

/* On the straight line from one point to the next. */
static TrackPlace place_between(const GpxPoint *one, const GpxPoint *next, int64_t at_ms)
{
    double share = (double) (at_ms - one->at_ms) / (double) (next->at_ms - one->at_ms);
    TrackPlace from = place_of(one), to = place_of(next);
    TrackPlace place = {
        .latitude = from.latitude + share * (to.latitude - from.latitude),
        .longitude =
            remainder(from.longitude + share * eastward(from.longitude, to.longitude), 360),
        .altitude = from.altitude + share * (to.altitude - from.altitude),
    };

    if (isnan(place.altitude))
        place.altitude = isnan(from.altitude) ? to.altitude : from.altitude;
    return place;
}

bool track_find(const Track *track, const TrackSearch *search, TrackPlace *place)
{
    guint next = first_from(track, search->at_ms);
    const GpxPoint *before = next > 0 ? point_at(track, next - 1) : NULL;
    const GpxPoint *after = next < track->points->len ? point_at(track, next) : NULL;
    int64_t since = before ? search->at_ms - before->at_ms : INT64_MAX;
    int64_t until = after ? after->at_ms - search->at_ms : INT64_MAX;

    if ((!before && !after) || MIN(since, until) > search->max_gap_ms)
        return false;
    if (search->interpolate && until && before && after)
        *place = place_between(before, after, search->at_ms);
    else
        *place = place_of(since < until ? before : after);
    return true;
}
