/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bare - the least that making these pictures can cost: libvips threads in one process.
 *
 *   bare THREADS OUTPUT FILE...
 *
 * What the product is measured against: vips_thumbnail and jpegsave, as the profile of the bench
 * says, no ledger, no child, no sync. Prints the seconds it took, start-up left out. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <vips/vips.h>

enum { MAX_THREADS = 64, SIZE = 2048, QUALITY = 85 };

typedef struct Work {
    char **files;
    int count;
    const char *output;
    atomic_int next;
    atomic_int failed;
} Work;

static bool shrink(const char *file, const char *output)
{
    g_autofree char *name = g_path_get_basename(file);
    g_autofree char *target = g_build_filename(output, name, NULL);
    VipsImage *small = NULL;

    if (vips_thumbnail(file, &small, SIZE, "height", SIZE, "size", VIPS_SIZE_DOWN, "fail_on",
                       VIPS_FAIL_ON_TRUNCATED, NULL))
        return false;
    int failed = vips_jpegsave(small, target, "Q", QUALITY, NULL);

    g_object_unref(small);
    return !failed;
}

static void *run(void *user)
{
    Work *work = user;

    for (int i; (i = atomic_fetch_add(&work->next, 1)) < work->count;)
        if (!shrink(work->files[i], work->output))
            atomic_fetch_add(&work->failed, 1);
    vips_thread_shutdown();
    return NULL;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    int threads = argc > 3 ? atoi(argv[1]) : 0; /* NOLINT(cert-err34-c): the bench calls it */
    Work work = { .files = argv + 3, .count = argc - 3 };
    pthread_t ids[MAX_THREADS];

    if (threads < 1 || threads > MAX_THREADS || VIPS_INIT(argv[0])) {
        fprintf(stderr, "usage: bare THREADS OUTPUT FILE...\n");
        return 2;
    }
    work.output = argv[2];
    vips_cache_set_max(0);
    vips_concurrency_set(1);

    double began = seconds();
    for (int i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, run, &work))
            return 2;
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    printf("%.4f\n", seconds() - began);

    if (work.failed)
        fprintf(stderr, "bare: %d failed: %s", work.failed, vips_error_buffer());
    vips_shutdown();
    return work.failed ? 1 : 0;
}
