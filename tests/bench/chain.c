/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain - what ten steps of tones in a row cost, against one of them.
 *
 *   chain PICTURE ROUNDS
 *
 * By turns, in this process. Prints the medians of the CPU time in ms, one and ten, and the median
 * of the ratio of each round. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/pairs.h"

#define TONE  "brightness { strength = 5% } "
#define TONES TONE TONE TONE TONE TONE TONE TONE TONE TONE TONE

static const char document[] = "profile \"one\" { " TONE "save { name = \"out.jpg\" } }\n"
                               "profile \"ten\" { " TONES "save { name = \"out.jpg\" } }\n";

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static double cost(void *profile, const char *picture)
{
    double began = cpu_ms();

    pairs_render(profile, picture);
    return cpu_ms() - began;
}

int main(int argc, char **argv)
{
    int rounds = argc == 3 ? atoi(argv[2]) : 0; /* NOLINT(cert-err34-c): the bench calls it */
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Error) error = NULL;

    if (rounds < 1 || !libvips_start(argv[0], &error)) {
        fputs("usage: chain PICTURE ROUNDS\n", stderr);
        return 2;
    }
    g_autoptr(GPtrArray) profiles = profiles_read(document, errors);
    profiles_prepare(profiles, errors);
    const Pairs pairs =
        pairs_measure(cost, profiles->pdata[0], cost, profiles->pdata[1], argv[1], rounds);
    printf("%.3f %.3f %.3f\n", pairs.a, pairs.b, pairs.ratio);
    g_clear_pointer(&profiles, g_ptr_array_unref);
    libvips_stop();
    return 0;
}
