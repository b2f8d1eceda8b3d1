/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/bench/pairs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "worker/render.h"

enum { WARM = 3 };

static bool open_output(void *user G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
                        unsigned exists G_GNUC_UNUSED, int64_t mtime G_GNUC_UNUSED, int *fd,
                        Error **err G_GNUC_UNUSED)
{
    *fd = memfd_create("output", MFD_CLOEXEC);
    return *fd >= 0;
}

static bool say_nothing(void *user G_GNUC_UNUSED, const Step *step G_GNUC_UNUSED,
                        Error **err G_GNUC_UNUSED)
{
    return true;
}

void pairs_render(const Profile *profile, const char *picture)
{
    static const RenderListener listener = { .step = say_nothing };
    const SourceNames origin = {
        .profile = "bench", .folder = "inbox", .dir = "", .name = "a.jpg"
    };
    const Outputs outputs = { .open = open_output };
    g_autoptr(Error) error = NULL;
    g_autoptr(Image) image =
        image_open(open(picture, O_RDONLY | O_CLOEXEC), NULL, &origin, &outputs, &error);

    if (!image || !render_profile(profile, image, &listener, &error))
        g_error("%s", error->what);
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *) a - *(const double *) b;

    return (difference > 0) - (difference < 0);
}

static double median(double *values, int count)
{
    qsort(values, (size_t) count, sizeof(double), compare);
    return values[count / 2];
}

Pairs pairs_measure(PairsCost a, void *user_a, PairsCost b, void *user_b, const char *picture,
                    int rounds)
{
    g_autofree double *as = g_new(double, rounds), *bs = g_new(double, rounds);
    g_autofree double *ratios = g_new(double, rounds);

    for (int i = -WARM; i < rounds; i++) {
        double first = i % 2 ? 0 : a(user_a, picture);
        double other = b(user_b, picture);
        if (i % 2)
            first = a(user_a, picture);
        if (i < 0)
            continue;
        as[i] = first;
        bs[i] = other;
        ratios[i] = other / first;
    }
    return (Pairs){ median(as, rounds), median(bs, rounds), median(ratios, rounds) };
}
