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
#include <unistd.h>

#include "tests/actions/check.h"
#include "tests/actions/peer.h"
#include "tests/bench/pairs.h"

enum { KEEP = 32 * 1024 * 1024, TRIM = 256 * 1024 * 1024 };

static const char document[] =
    "profile \"bench\" { upright {} scale { width = 2048 height = 2048 } "
    "save { name = \"out.jpg\" quality = 85 } }\n";

static double outside(void *profile, const char *picture)
{
    gint64 began = g_get_monotonic_time();

    pairs_render(profile, picture);
    return (double) (g_get_monotonic_time() - began) / 1000;
}

static double inside(void *user, const char *picture)
{
    Peer *peer = user;
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
    const Pairs pairs = pairs_measure(outside, profiles->pdata[0], inside, &peer, argv[1], rounds);
    printf("%.3f %.3f %.2f\n", pairs.b, pairs.a, 100 * (pairs.ratio - 1));
    int status = peer_stop(&peer);
    g_clear_pointer(&profiles, g_ptr_array_unref);
    libvips_stop();
    return status;
}
