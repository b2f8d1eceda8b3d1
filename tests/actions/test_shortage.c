/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When memory, threads or room run short while a picture is written, in the middle or at the very
 * end, it is never called done, and never taken for the picture's fault. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/actions/check.h"
#include "tests/actions/desk.h"

static const char *const names[] = { "a.jpg", "a.png", "a.webp", "a.tif", "a.avif" };

static void set_limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(what, &limit), 0);
    limit.rlim_cur = MIN(most, limit.rlim_max);
    assert_int_equal(setrlimit(what, &limit), 0);
}

/* Saves it under a limit; the size of what came out, or -1 with *err set. */
static off_t saved(VipsImage *photo, const char *name, __rlimit_resource_t what, rlim_t most,
                   Error **err)
{
    g_autofree char *steps = g_strdup_printf("save { name = \"%s\" effort = 1 }", name);
    g_autoptr(Desk) desk = desk_new();
    int picture = picture_file(photo, ".png");

    set_limit(what, most);
    bool done = desk_run(desk, picture, steps, err);
    set_limit(what, RLIM_INFINITY);
    if (!done)
        return -1;
    g_autoptr(VipsImage) made = desk_output(desk, 0);
    assert_int_equal(made->Xsize, photo->Xsize);
    assert_int_equal(made->Ysize, photo->Ysize);
    return lseek(g_array_index(desk->files, int, 0), 0, SEEK_END);
}

static void a_file_that_lacks_its_last_byte_is_not_done(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(400, 300);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Error) none = NULL;
        off_t size = saved(photo, names[i], RLIMIT_FSIZE, RLIM_INFINITY, &none);
        assert_true(size > 0);
        for (off_t less = 1; less < size; less *= 4) {
            g_autoptr(Error) error = NULL;
            if (saved(photo, names[i], RLIMIT_FSIZE, (rlim_t) (size - less), &error) >= 0)
                fail_msg("%s: no reader missed its last %ld bytes", names[i], (long) less);
        }
    }
}

/* Bytes of data that this process has. */
static rlim_t data_now(void)
{
    g_autofree char *text = NULL;

    assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    g_auto(GStrv) numbers = g_strsplit(text, " ", -1);
    return g_ascii_strtoull(numbers[5], NULL, 10) * (rlim_t) sysconf(_SC_PAGESIZE);
}

/* The encoder alone takes more than 60 MB for this one; what stands before it less than 30. */
static void an_avif_whose_encoder_gets_no_memory_is_not_done(void **state)
{
    enum { LEAST = 35, MOST = 140, STEP = 15 };
    g_autoptr(VipsImage) photo = picture_photo(2000, 1500);
    int failures = 0;

    (void) state;
#ifdef HOTFOLDER_INSTRUMENTED
    skip(); /* its own shadows count as data */
#endif
    for (rlim_t more = LEAST; more < MOST; more += STEP) {
        g_autoptr(Error) error = NULL;
        if (saved(photo, "a.avif", RLIMIT_DATA, data_now() + (more << 20), &error) >= 0)
            continue;
        failures++;
        if (error->kind != ERROR_TRANSIENT && error->kind != ERROR_MEMORY)
            fail_msg("%s: %s", error_kind_word(error->kind), error->what);
    }
    assert_true(failures >= 2);
}

static void a_thread_that_cannot_be_started_is_not_the_pictures_fault(void **state)
{
    static const char *const words[] = {
        "Error creating thread: Resource temporarily unavailable",
        "unable to create thread",
        "Encoder plugin generated an error: Unspecified (9.0)",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autoptr(Error) error = NULL;
        vips_error_clear();
        vips_error("glib", "%s", words[i]);
        assert_true(libvips_has_hidden_error());
        libvips_error(&error, "make the AVIF");
        assert_int_equal(error->kind, ERROR_TRANSIENT);
        assert_non_null(strstr(error->fix, "TasksMax="));
    }
}

/* A TIFF with a tag that is wrong is read all the same. */
static void what_a_decoder_merely_finds_odd_is_no_failure(void **state)
{
    (void) state;
    vips_error_clear();
    assert_false(libvips_has_hidden_error());
    vips_error("tiff2vips", "%s", "unknown field with tag 37724 encountered");
    vips_error("glib", "%s", "Invalid URI: unix error: No space left on device");
    assert_false(libvips_has_hidden_error());
    vips_error_clear();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_lacks_its_last_byte_is_not_done),
        cmocka_unit_test(an_avif_whose_encoder_gets_no_memory_is_not_done),
        cmocka_unit_test(a_thread_that_cannot_be_started_is_not_the_pictures_fault),
        cmocka_unit_test(what_a_decoder_merely_finds_odd_is_no_failure),
    };
    g_autoptr(Error) error = NULL;

    signal(SIGXFSZ, SIG_IGN);
    if (!libvips_start("test_shortage", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("shortage", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
