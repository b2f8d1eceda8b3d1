/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain - what ten steps of tones in a row cost, against one of them.
 *
 *   chain PICTURE ROUNDS
 *
 * By turns, in this process. Prints the medians of the CPU time in ms, one and ten, and the median
 * of the ratio of each round. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "worker/profile.h"
#include "worker/render.h"

enum { WARM = 2 };

#define TONE  "brightness { level = 5% } "
#define TONES TONE TONE TONE TONE TONE TONE TONE TONE TONE TONE

static const char document[] = "profile \"one\" { " TONE "save { name = \"out.jpg\" } }\n"
                               "profile \"ten\" { " TONES "save { name = \"out.jpg\" } }\n";

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

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static double cost(const Profile *profile, const char *picture)
{
    const SourceNames origin = { .profile = "", .folder = "inbox", .dir = "", .name = "a.jpg" };
    const Outputs outputs = { .open = open_output };
    double began = cpu_ms();
    g_autoptr(Error) error = NULL;
    g_autoptr(Image) image =
        image_open(open(picture, O_RDONLY | O_CLOEXEC), NULL, &origin, &outputs, &error);

    if (!image || !render_profile(profile, image, say_nothing, NULL, &error))
        g_error("%s", error->what);
    g_clear_pointer(&image, image_free);
    return cpu_ms() - began;
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

static void measure(const GPtrArray *profiles, const char *picture, int rounds)
{
    g_autofree double *one = g_new(double, rounds), *ten = g_new(double, rounds);
    g_autofree double *ratio = g_new(double, rounds);

    for (int i = -WARM; i < rounds; i++) {
        /* Which of them is first changes: a disturbance that lasts meets both. */
        double a = i % 2 ? 0 : cost(profile_find(profiles, "one"), picture);
        double b = cost(profile_find(profiles, "ten"), picture);
        if (i % 2)
            a = cost(profile_find(profiles, "one"), picture);
        if (i < 0)
            continue;
        one[i] = a;
        ten[i] = b;
        ratio[i] = b / a;
    }
    printf("%.3f %.3f %.3f\n", median(one, rounds), median(ten, rounds), median(ratio, rounds));
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
    measure(profiles, argv[1], rounds);
    g_clear_pointer(&profiles, g_ptr_array_unref);
    libvips_stop();
    return 0;
}
