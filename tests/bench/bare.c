/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bare - the least that making these pictures costs with libvips: threads in one process.
 *
 *   bare THREADS OUTPUT SIZES FILE...
 *
 * SIZES are WIDTHxHEIGHT[c]:NAME, with commas between them, the largest first, as in
 * `2048x2048:%s.jpg[Q=85],400x400c:thumbs/%s.jpg[Q=75]`; c fills the size and cuts off the rest.
 * The first is made of the file, the others of the first. No ledger, no child, no sync. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

enum { MAX_THREADS = 64, MAX_SIZES = 8 };

typedef struct Size {
    int width, height;
    VipsInteresting crop;
    const char *name;
} Size;

typedef struct Work {
    char **files;
    int count;
    const char *output;
    Size sizes[MAX_SIZES];
    int size_count;
    atomic_int next;
    atomic_int failed;
} Work;

/* Stands before GLib's for libvips, whose threads end when they had nothing to do for 15 s:
 * in 8.14, one that is given work at that moment crashes (corrected in 8.15.4). Here they wait
 * until the end. */
__attribute__((visibility("default"))) gboolean g_cond_wait_until(GCond *cond, GMutex *mutex,
                                                                  gint64 end_time)
{
    (void) end_time;
    g_cond_wait(cond, mutex);
    return TRUE;
}

/* text is cut at its commas, and at the colon before each name. */
static bool read_sizes(Work *work, char *text)
{
    for (char *rest = text, *one; (one = strsep(&rest, ",")); work->size_count++) {
        if (work->size_count == MAX_SIZES)
            return false;
        Size *size = &work->sizes[work->size_count];
        char *end = NULL;
        size->width = (int) strtol(one, &end, 10);
        if (*end != 'x')
            return false;
        size->height = (int) strtol(end + 1, &end, 10);
        size->crop = *end == 'c' ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE;
        end += *end == 'c';
        if (*end != ':' || !strstr(end, "%s"))
            return false;
        size->name = end + 1;
    }
    return work->size_count > 0;
}

static bool save(VipsImage *image, const Work *work, const Size *size, const char *stem)
{
    const char *place = strstr(size->name, "%s");
    g_autofree char *target = g_strdup_printf(
        "%s/%.*s%s%s", work->output, (int) (place - size->name), size->name, stem, place + 2);

    return !vips_image_write_to_file(image, target, NULL);
}

static bool make_others(VipsImage *first, const Work *work, const char *stem)
{
    for (int i = 1; i < work->size_count; i++) {
        const Size *size = &work->sizes[i];
        VipsImage *image = NULL;

        if (vips_thumbnail_image(first, &image, size->width, "height", size->height, "size",
                                 size->crop ? VIPS_SIZE_BOTH : VIPS_SIZE_DOWN, "crop", size->crop,
                                 NULL))
            return false;
        bool saved = save(image, work, size, stem);
        g_object_unref(image);
        if (!saved)
            return false;
    }
    return true;
}

static bool make(const char *file, const Work *work)
{
    g_autofree char *stem = g_path_get_basename(file);
    g_autoptr(GObject) scope = G_OBJECT(vips_image_new());
    VipsImage **t = (VipsImage **) vips_object_local_array(VIPS_OBJECT(scope), 2);
    const Size *size = &work->sizes[0];

    if (strrchr(stem, '.'))
        *strrchr(stem, '.') = '\0';
    if (vips_thumbnail(file, &t[0], size->width, "height", size->height, "size",
                       size->crop ? VIPS_SIZE_BOTH : VIPS_SIZE_DOWN, "crop", size->crop, "fail_on",
                       VIPS_FAIL_ON_TRUNCATED, NULL))
        return false;
    if (work->size_count == 1)
        return save(t[0], work, size, stem);
    t[1] = vips_image_copy_memory(t[0]);
    return t[1] && save(t[1], work, size, stem) && make_others(t[1], work, stem);
}

static void *run(void *user)
{
    Work *work = user;

    for (int i; (i = atomic_fetch_add(&work->next, 1)) < work->count;)
        if (!make(work->files[i], work))
            atomic_fetch_add(&work->failed, 1);
    vips_thread_shutdown();
    return NULL;
}

int main(int argc, char **argv)
{
    int threads = argc > 4 ? atoi(argv[1]) : 0; /* NOLINT(cert-err34-c): the bench calls it */
    Work work = { .files = argv + 4, .count = argc - 4 };
    pthread_t ids[MAX_THREADS];

    if (threads < 1 || threads > MAX_THREADS || !read_sizes(&work, argv[3]) || VIPS_INIT(argv[0])) {
        fprintf(stderr, "usage: bare THREADS OUTPUT SIZES FILE...\n");
        return 2;
    }
    work.output = argv[2];
    vips_cache_set_max(0);
    vips_concurrency_set(1);

    for (int i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, run, &work))
            return 2;
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);

    if (work.failed)
        fprintf(stderr, "bare: %d failed: %s", work.failed, vips_error_buffer());
    vips_shutdown();
    return work.failed ? 1 : 0;
}
