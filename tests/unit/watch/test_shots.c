/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of one shot, in every order of arrival: one picture, and its parts. The test makes the
 * events and the time. */
#include "base/clock.h"
#include "base/reasons.h"
#include "daemon/watch/engine.h"
#include "tests/unit/watch/bench.h"
#include "tests/unit/watch/mangle.h"

enum { TURNS_MAX = 100000, STEP_MS = 50, GATHER_MS = 20000, LONG_MS = 60000 };

typedef struct Scene {
    Bench *bench;
    Engine *engine;
    EventPort *port;
    GRand *rand;
    GByteArray *raw;
} Scene;

static int set_up(void **state)
{
    Scene *shots = g_new0(Scene, 1);
    void *bench = NULL;
    Mangle none = { .shut = 0 };

    bench_setup(&bench);
    shots->bench = bench;
    shots->raw = sample_tiff(&(SampleTiff){ .dng = true });
    fake_intake_remembers(shots->bench->intake);
    Folder *folder = bench_folder(bench);
    folder->shots = SHOTS_TOGETHER;
    folder->gather_ms = GATHER_MS;
    shots->rand = g_rand_new_with_seed(1);
    mangle_set(&none, shots->rand);
    shots->port = events_port_new(NULL, -1);
    shots->engine = engine_new(shots->bench->settings, folder, shots->port, shots->bench->intake,
                               shots->bench->health);
    *state = shots;
    return 0;
}

static int tear_down(void **state)
{
    Scene *shots = *state;
    void *bench = shots->bench;

    engine_flush(shots->engine, clock_ms());
    engine_free(shots->engine);
    events_port_free(shots->port);
    g_rand_free(shots->rand);
    g_byte_array_unref(shots->raw);
    g_free(shots);
    return bench_teardown(&bench);
}

static void rest(const Scene *shots)
{
    int turns = 0;

    while (engine_turn(shots->engine) || mangle_next_ms() <= clock_ms())
        assert_true(turns++ < TURNS_MAX);
}

static void pass(const Scene *shots, int64_t ms)
{
    rest(shots);
    for (int64_t i = 0; i < ms; i += STEP_MS) {
        mangle_sleep(STEP_MS);
        rest(shots);
    }
}

static void put(const Scene *shots, const char *name)
{
    static const char xmp[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta>";
    static const char wav[] = "RIFF\x0c\0\0\0WAVEfmt \0\0\0\0";

    ShotKind kind = shot_kind(name);
    if (kind == SHOT_RAW)
        bench_write(shots->bench, name, shots->raw->data, shots->raw->len);
    else if (kind == SHOT_XMP || kind == SHOT_AAE)
        bench_write(shots->bench, name, xmp, sizeof(xmp) - 1);
    else if (shot_kind_is_common(kind))
        bench_write(shots->bench, name, wav, sizeof(wav) - 1);
    else
        bench_drop(shots->bench, name);
    rest(shots);
}

static Folder *folder_of(const Scene *shots)
{
    return bench_folder(shots->bench);
}

static void takes_raw(const Scene *shots, Prefer prefer)
{
    folder_of(shots)->limits.accept |= FORMAT_BIT(FORMAT_RAW);
    folder_of(shots)->prefer = prefer;
}

/* reason NULL: all. */
static int count_rows(GArray *rows, const char *reason)
{
    int count = reason ? bench_count(rows, reason) : 0;

    for (guint i = 0; !reason && i < rows->len; i++)
        count += g_array_index(rows, ReasonCount, i).files;

    g_array_unref(rows);
    return count;
}

static int pending(const Scene *shots, const char *reason)
{
    return count_rows(counters_rows(pending_counters(shots->engine->watched->files.pending), NULL),
                      reason);
}

static int ignored(const Scene *shots, const char *reason)
{
    return count_rows(counters_rows(known_counters(shots->engine->watched->files.known), NULL),
                      reason);
}

/* "1.nef" is a picture, a part, or neither. */
static void is_picture(const Scene *shots, const char *name, bool expected)
{
    if (fake_offers(shots->bench->intake, name) != expected)
        fail_msg("%s: %d offers", name, fake_offers(shots->bench->intake, name));
}

static void is_part(const Scene *shots, const char *name, bool expected)
{
    if (fake_has_part(shots->bench->intake, name) != expected)
        fail_msg("%s is %s part", name, expected ? "no" : "a");
}

/* ---- pictures and companions ---- */

/* The names of a shot in the order of a permutation of 0 .. 3. */
static void arrive(const Scene *shots, const char *stem, int order)
{
    static const char *const tails[] = { ".JPG", ".NEF", ".xmp", ".WAV" };
    int left[] = { 0, 1, 2, 3 };

    for (int count = 4; count > 0; count--) {
        int at = order % count;

        order /= count;
        g_autofree char *name = g_strconcat(stem, tails[left[at]], NULL);
        put(shots, name);
        memmove(left + at, left + at + 1, (size_t) (3 - at) * sizeof(*left));
        pass(shots, STEP_MS);
    }
}

static void a_shot_is_one_picture_in_every_order_of_arrival(void **state)
{
    const Scene *shots = *state;

    for (int order = 0; order < 24; order++) {
        g_autofree char *stem = g_strdup_printf("IMG_%d", order);
        g_autofree char *picture = g_strconcat(stem, ".JPG", NULL);
        g_autofree char *raw = g_strconcat(stem, ".NEF", NULL);
        g_autofree char *sidecar = g_strconcat(stem, ".xmp", NULL);
        g_autofree char *sound = g_strconcat(stem, ".WAV", NULL);

        arrive(shots, stem, order);
        is_picture(shots, picture, true);
        is_picture(shots, raw, false);
        is_part(shots, raw, true);
        is_part(shots, sidecar, true);
        is_part(shots, sound, true);
    }
    assert_int_equal(fake_offers(shots->bench->intake, NULL), 24);
    assert_int_equal(pending(shots, NULL), 0);
    assert_int_equal(ignored(shots, NULL), 0);
}

static void what_a_scan_finds_together_is_together(void **state)
{
    const Scene *shots = *state;

    for (int order = 0; order < 24; order++) {
        g_autofree char *stem = g_strdup_printf("IMG_%d", order);
        bench_write(shots->bench, "new.txt", "x", 1);
        g_autofree char *raw = g_strconcat(stem, ".NEF", NULL);
        g_autofree char *picture = g_strconcat(stem, order % 2 ? ".jpg" : ".JPG", NULL);
        bench_write(shots->bench, raw, shots->raw->data, shots->raw->len);
        bench_drop(shots->bench, picture);
    }
    pass(shots, 1000);
    for (int order = 0; order < 24; order++) {
        g_autofree char *raw = g_strdup_printf("IMG_%d.NEF", order);
        is_part(shots, raw, true);
    }
    assert_int_equal(fake_offers(shots->bench->intake, NULL), 24);
    assert_int_equal(pending(shots, NULL), 0);
}

static void a_companion_waits_for_its_picture_and_stays_without_one(void **state)
{
    const Scene *shots = *state;

    pass(shots, STEP_MS);
    put(shots, "1.xmp");
    put(shots, "1.THM");
    put(shots, "1.NEF");
    assert_int_equal(pending(shots, REASON_PICTURE), 3);
    pass(shots, GATHER_MS - 1000);
    assert_int_equal(pending(shots, REASON_PICTURE), 3);
    assert_int_equal(fake_logged(EVENT_PENDING, NULL, NULL), 0);
    assert_int_equal(fake_logged(EVENT_IGNORED, NULL, NULL), 0);
    pass(shots, 3000);
    assert_int_equal(pending(shots, NULL), 0);
    assert_int_equal(ignored(shots, REASON_ALONE), 2);
    assert_int_equal(ignored(shots, format_refusal(FORMAT_RAW)), 1);
    assert_int_equal(fake_logged(EVENT_IGNORED, "1.xmp", REASON_ALONE), 1);
    watched_rescan(shots->engine->watched, clock_ms());
    pass(shots, LONG_MS);
    assert_int_equal(ignored(shots, REASON_ALONE), 2);
    assert_int_equal(fake_logged(EVENT_IGNORED, NULL, NULL), 3);
    put(shots, "1.jpg"); /* the missing half, at last */
    pass(shots, STEP_MS);
    is_picture(shots, "1.jpg", true);
    is_part(shots, "1.xmp", true);
    is_part(shots, "1.THM", true);
    is_part(shots, "1.NEF", true);
    assert_int_equal(ignored(shots, NULL), 0);
}

static void a_film_alone_is_nothing_of_ours(void **state)
{
    const Scene *shots = *state;

    pass(shots, STEP_MS);
    put(shots, "1.MOV");
    pass(shots, LONG_MS);
    assert_int_equal(ignored(shots, "audio"), 1); /* by its content */
    put(shots, "1.JPG");
    pass(shots, STEP_MS);
    is_part(shots, "1.MOV", true);
    assert_int_equal(ignored(shots, NULL), 0);
}

static void only_one_stem_is_one_shot(void **state)
{
    static const char *const parts[] = { "IMG_12.NEF", "IMG_1 (2).NEF", "IMG_1-1.NEF",
                                         "a/IMG_1.NEF", "IMG_.NEF" };
    const Scene *shots = *state;

    bench_mkdir(shots->bench, "a");
    pass(shots, STEP_MS);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        put(shots, parts[i]);
    put(shots, "img_1.jpg");
    put(shots, "IMG_1.NEF.xmp");
    put(shots, "IMG_1 (2).JPG");
    pass(shots, 1000);
    assert_int_equal(fake_offers(shots->bench->intake, NULL), 2);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        is_part(shots, parts[i], i == 1);
    is_part(shots, "IMG_1.NEF.xmp", true);
}

static void two_pictures_of_one_stem_stay_two(void **state)
{
    const Scene *shots = *state;

    pass(shots, STEP_MS);
    put(shots, "logo.jpg");
    put(shots, "logo.png"); /* by its name */
    pass(shots, LONG_MS);
    is_picture(shots, "logo.jpg", true);
    is_picture(shots, "logo.png", true);
}

static void a_companion_that_is_gone_is_no_part(void **state)
{
    const Scene *shots = *state;
    g_autofree char *path = bench_path(shots->bench, "1.xmp");

    pass(shots, STEP_MS);
    put(shots, "1.xmp");
    assert_int_equal(unlink(path), 0);
    put(shots, "1.jpg");
    pass(shots, 1000);
    is_picture(shots, "1.jpg", true);
    is_part(shots, "1.xmp", false);
    assert_int_equal(pending(shots, NULL), 0);
    put(shots, "1.xmp");
    is_part(shots, "1.xmp", true);
    assert_int_equal(unlink(path), 0);
    rest(shots);
    is_part(shots, "1.xmp", false);
}

static void a_late_companion_waits_for_a_picture_that_may_be_new(void **state)
{
    const Scene *shots = *state;
    const struct timespec earlier[2] = { { 1700000000, 0 }, { 1700000000, 0 } };
    g_autofree char *beside = bench_path(shots->bench, "../1.nef");
    g_autofree char *path = bench_path(shots->bench, "1.nef");

    pass(shots, STEP_MS);
    put(shots, "1.jpg");
    fake_intake_finishes(shots->bench->intake, true);
    put(shots, "1.wav"); /* a camera wrote both at once */
    is_part(shots, "1.wav", true);
    put(shots, "../1.nef");
    assert_int_equal(utimensat(AT_FDCWD, beside, earlier, 0), 0);
    assert_int_equal(rename(beside, path), 0);
    pass(shots, GATHER_MS - 1000);
    is_part(shots, "1.nef", false);
    assert_int_equal(pending(shots, REASON_PICTURE), 1);
    pass(shots, 3000);
    is_part(shots, "1.nef", true);
    assert_int_equal(pending(shots, NULL), 0);
    watched_rescan(shots->engine->watched, clock_ms()); /* as where originals stay */
    rest(shots);
    assert_int_equal(pending(shots, NULL), 0);
}

static void with_files_apart_all_is_as_it_was(void **state)
{
    const Scene *shots = *state;

    folder_of(shots)->shots = SHOTS_APART;
    pass(shots, STEP_MS);
    put(shots, "1.NEF");
    put(shots, "1.xmp");
    put(shots, "1.WAV");
    put(shots, "1.jpg");
    pass(shots, 1000);
    assert_int_equal(ignored(shots, "sidecar"), 1);
    assert_int_equal(ignored(shots, "audio"), 1);
    assert_int_equal(ignored(shots, format_refusal(FORMAT_RAW)), 1);
    is_picture(shots, "1.jpg", true);
    is_part(shots, "1.NEF", false);
}

/* ---- RAW as pictures ---- */

static void a_raw_without_its_jpeg_is_a_picture(void **state)
{
    const Scene *shots = *state;

    takes_raw(shots, PREFER_JPEG);
    pass(shots, STEP_MS);
    put(shots, "1.NEF");
    put(shots, "1.xmp");
    pass(shots, GATHER_MS - 1000);
    is_picture(shots, "1.NEF", false);
    pass(shots, 3000);
    is_picture(shots, "1.NEF", true);
    is_part(shots, "1.xmp", true);
    put(shots, "2.NEF");
    put(shots, "2.JPG");
    pass(shots, LONG_MS);
    is_picture(shots, "2.NEF", false);
    is_part(shots, "2.NEF", true);
    put(shots, "3.JPG");
    put(shots, "3.NEF");
    pass(shots, INT64_C(4) * STEP_MS);
    is_part(shots, "3.NEF", true);
}

/* A slow line: the RAW is there, and its JPEG takes minutes. */
static void a_raw_waits_for_a_jpeg_that_is_being_written(void **state)
{
    const Scene *shots = *state;
    g_autofree char *path = bench_path(shots->bench, "1.JPG");
    g_autofree char *data = NULL;
    gsize length = 0;

    assert_true(g_file_get_contents(shots->bench->photo, &data, &length, NULL));
    takes_raw(shots, PREFER_JPEG);
    pass(shots, STEP_MS);
    put(shots, "1.NEF");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_int_equal(write(fd, data, length / 2), length / 2);
    pass(shots, INT64_C(2) * LONG_MS);
    is_picture(shots, "1.NEF", false);
    assert_int_equal(write(fd, data + length / 2, length - length / 2), length - length / 2);
    close(fd);
    pass(shots, STEP_MS);
    is_picture(shots, "1.JPG", true);
    is_part(shots, "1.NEF", true);
}

static void a_jpeg_goes_with_its_raw_where_that_is_preferred(void **state)
{
    const Scene *shots = *state;

    takes_raw(shots, PREFER_RAW);
    pass(shots, STEP_MS);
    put(shots, "1.JPG");
    assert_int_equal(pending(shots, REASON_RAW), 1);
    put(shots, "1.NEF");
    put(shots, "2.NEF");
    put(shots, "2.JPG");
    put(shots, "3.JPG");
    put(shots, "4.png");
    pass(shots, 1000);
    is_picture(shots, "1.NEF", true);
    is_part(shots, "1.JPG", true);
    is_picture(shots, "2.NEF", true);
    is_part(shots, "2.JPG", true);
    is_picture(shots, "3.JPG", false);
    is_picture(shots, "4.png", true);
    pass(shots, LONG_MS);
    is_picture(shots, "3.JPG", true);
    put(shots, "3.NEF");
    pass(shots, STEP_MS);
    is_picture(shots, "3.NEF", false);
    is_part(shots, "3.NEF", true);
}

static void both_are_pictures_where_both_are_preferred(void **state)
{
    const Scene *shots = *state;

    takes_raw(shots, PREFER_BOTH);
    pass(shots, STEP_MS);
    put(shots, "1.NEF");
    put(shots, "1.JPG");
    put(shots, "1.xmp");
    pass(shots, INT64_C(4) * STEP_MS);
    is_picture(shots, "1.NEF", true);
    is_picture(shots, "1.JPG", true);
    is_part(shots, "1.xmp", true);
}

/* ---- gather ---- */

static void a_picture_waits_for_its_sidecar_only_where_gather_is_written(void **state)
{
    const Scene *shots = *state;

    folder_of(shots)->gather_set = true;
    pass(shots, STEP_MS);
    put(shots, "1.JPG");
    put(shots, "2.JPG");
    put(shots, "3.xmp");
    put(shots, "3.JPG");
    pass(shots, 1000);
    is_picture(shots, "3.JPG", true);
    is_part(shots, "3.xmp", true);
    assert_int_equal(pending(shots, REASON_SIDECAR), 2);
    put(shots, "1.xmp");
    pass(shots, STEP_MS);
    is_picture(shots, "1.JPG", true);
    is_part(shots, "1.xmp", true);
    is_picture(shots, "2.JPG", false);
    pass(shots, GATHER_MS);
    is_picture(shots, "2.JPG", true);
    assert_int_equal(fake_logged(EVENT_PENDING, NULL, NULL), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_shot_is_one_picture_in_every_order_of_arrival),
        TEST(what_a_scan_finds_together_is_together),
        TEST(a_companion_waits_for_its_picture_and_stays_without_one),
        TEST(a_film_alone_is_nothing_of_ours),
        TEST(only_one_stem_is_one_shot),
        TEST(two_pictures_of_one_stem_stay_two),
        TEST(a_companion_that_is_gone_is_no_part),
        TEST(a_late_companion_waits_for_a_picture_that_may_be_new),
        TEST(with_files_apart_all_is_as_it_was),
        TEST(a_raw_without_its_jpeg_is_a_picture),
        TEST(a_raw_waits_for_a_jpeg_that_is_being_written),
        TEST(a_jpeg_goes_with_its_raw_where_that_is_preferred),
        TEST(both_are_pictures_where_both_are_preferred),
        TEST(a_picture_waits_for_its_sidecar_only_where_gather_is_written),
    };

    return cmocka_run_group_tests_name("shots", tests, NULL, NULL);
}
