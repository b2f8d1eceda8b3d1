/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overhead - what it costs a picture to be worked on in the sandboxed child.
 *
 *   overhead PICTURE ROUNDS
 *
 * By turns, a job over the socket and the same steps in this process, which has the worker's memory
 * settings, no sandbox, and its profile read already. Prints the medians in ms, inside and outside,
 * and the median of how much longer the former took in each round, in percent. */
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/actions/check.h"
#include "tests/actions/peer.h"
#include "worker/profile.h"
#include "worker/render.h"

enum { WARM = 3, KEEP = 32 * 1024 * 1024, TRIM = 256 * 1024 * 1024 };

static const char document[] =
    "profile \"bench\" { upright {} scale { width = 2048 height = 2048 } "
    "save { name = \"out.jpg\" quality = 85 } }\n";

static bool open_output(void *user G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
                        unsigned exists G_GNUC_UNUSED, int *fd, Error **err G_GNUC_UNUSED)
{
    *fd = memfd_create("output", MFD_CLOEXEC);
    return *fd >= 0;
}

static bool say_nothing(void *user G_GNUC_UNUSED, const Step *step G_GNUC_UNUSED,
                        Error **err G_GNUC_UNUSED)
{
    return true;
}

static double outside(const Profile *profile, const char *picture)
{
    const SourceNames origin = {
        .profile = "bench", .folder = "inbox", .dir = "", .name = "a.jpg"
    };
    const Outputs outputs = { .open = open_output };
    gint64 began = g_get_monotonic_time();
    g_autoptr(Error) error = NULL;
    g_autoptr(Image) image =
        image_open(open(picture, O_RDONLY | O_CLOEXEC), NULL, &origin, &outputs, &error);

    if (!image || !render_profile(profile, image, say_nothing, NULL, &error))
        g_error("%s", error->what);
    g_clear_pointer(&image, image_free);
    return (double) (g_get_monotonic_time() - began) / 1000;
}

static double inside(Peer *peer, const char *picture)
{
    gint64 began = g_get_monotonic_time();
    Talk talk = { 0 };

    peer_job(peer, &talk, "bench", "", "a.jpg", open(picture, O_RDONLY | O_CLOEXEC));
    double took = (double) (g_get_monotonic_time() - began) / 1000;
    if (talk.died || !talk.ok) {
        g_error("%s", talk.error ? talk.error->what : "the worker died");
    }
    talk_clear(&talk);
    return took;
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

static void measure(Peer *peer, const Profile *profile, const char *picture, int rounds)
{
    g_autofree double *in = g_new(double, rounds), *out = g_new(double, rounds);
    g_autofree double *percent = g_new(double, rounds);

    for (int i = -WARM; i < rounds; i++) {
        /* Which of them is first changes: a disturbance that lasts meets both. */
        double a = i % 2 ? 0 : inside(peer, picture);
        double b = outside(profile, picture);
        if (i % 2)
            a = inside(peer, picture);
        if (i < 0)
            continue;
        in[i] = a;
        out[i] = b;
        percent[i] = 100 * (a / b - 1);
    }
    printf("%.3f %.3f %.2f\n", median(in, rounds), median(out, rounds), median(percent, rounds));
}

int main(int argc, char **argv)
{
    int rounds = argc == 3 ? atoi(argv[2]) : 0; /* NOLINT(cert-err34-c): the bench calls it */
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Error) error = NULL;

    if (rounds < 1 || !libvips_start(argv[0], &error)) {
        fputs("usage: overhead PICTURE ROUNDS\n", stderr);
        return 2;
    }
    mallopt(M_ARENA_MAX, 1);         /* NOLINT(concurrency-mt-unsafe): there are no threads yet */
    mallopt(M_MMAP_THRESHOLD, KEEP); /* NOLINT(concurrency-mt-unsafe): the same */
    mallopt(M_TRIM_THRESHOLD, TRIM); /* NOLINT(concurrency-mt-unsafe): the same */
    g_autoptr(GPtrArray) profiles = profiles_read(document, errors);
    profiles_prepare(profiles, errors);
    Peer peer = peer_start(document);
    measure(&peer, profile_find(profiles, "bench"), argv[1], rounds);
    int status = peer_stop(&peer);
    g_clear_pointer(&profiles, g_ptr_array_unref);
    libvips_stop();
    return status;
}
