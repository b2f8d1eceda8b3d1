/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory that a worker asks for, against the most that it has had: random profiles of up to 12
 * steps, each on a picture of 24 megapixels in a worker of its own.
 *
 * HOTFOLDER_CASES is how many profiles, HOTFOLDER_SEED the first seed; HOTFOLDER_FIGURES=1 prints
 * the figures of each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/actions/check.h"
#include "tests/actions/desk.h"
#include "tests/actions/peer.h"
#include "tests/actions/random_steps.h"

enum { FORMULAS_OF = 3 }; /* settings: one in so many is a formula */
enum { WIDTH = 6000, HEIGHT = 4000, LOW = 1000, TILES = 4, MAX_MEGAPIXELS = 60 };

static const StepSizes large = { 6000, .share = 0.012, .px_percent = 40, .px_mm = 12 };

/* What an encoder needs besides rows was measured for each (encode.c); those behind QUICK take
 * long, and are rare. */
enum { QUICK = 5, SLOW_IN = 16 };
static const char *const saves[] = {
    "format = jpeg",
    "format = jpeg progressive = yes",
    "format = png effort = 1",
    "format = tiff compression = none",
    "format = webp effort = 1",
    "format = webp effort = 1 lossless = yes",
    "format = png effort = 1 progressive = yes",
    "format = tiff compression = deflate pyramid = yes",
    "format = avif effort = 1",
    "format = jxl effort = 3",
    "format = jp2",
    "format = heic effort = 1",
    "format = gif effort = 1",
};

/* ---- the pictures ---- */

/* Most are plain JPEGs with half of the colours, as cameras write them. */
typedef struct Input {
    const char *suffix;
    int orientation;
    VipsInterpretation type;
    bool alpha;
} Input;

static const Input inputs[] = {
    { ".jpg[Q=90,subsample_mode=on]", 1, VIPS_INTERPRETATION_sRGB, false },
    { ".jpg[Q=90,interlace]", 1, VIPS_INTERPRETATION_sRGB, false },
    { ".jpg[Q=90,subsample_mode=on]", 6, VIPS_INTERPRETATION_sRGB, false },
    { ".jpg[Q=90]", 1, VIPS_INTERPRETATION_B_W, false },
    { ".png[compression=1]", 1, VIPS_INTERPRETATION_sRGB, false },
    { ".png[compression=1]", 1, VIPS_INTERPRETATION_sRGB, true },
    { ".png[compression=1]", 1, VIPS_INTERPRETATION_GREY16, false },
    { ".tif", 1, VIPS_INTERPRETATION_RGB16, false },
    { ".tif[tile]", 1, VIPS_INTERPRETATION_sRGB, false },
    { ".webp[effort=0]", 1, VIPS_INTERPRETATION_sRGB, false },
};

static GBytes *files[G_N_ELEMENTS(inputs)]; /* of 24 megapixels, made when they are needed */

/* Of each pixel another: what is opaque everywhere takes an encoder less. */
static int with_alpha(VipsImage *colours, VipsImage **out)
{
    g_autoptr(VipsImage) green = NULL;

    return vips_extract_band(colours, &green, 1, NULL) || vips_bandjoin2(colours, green, out, NULL);
}

static GBytes *made(const Input *input, int height)
{
    g_autoptr(VipsImage) tile = picture_photo(WIDTH / TILES, height / TILES);
    g_autoptr(VipsImage) colours = NULL;
    g_autoptr(VipsImage) bands = NULL;
    g_autoptr(VipsImage) whole = NULL;

    if (vips_colourspace(tile, &colours, input->type, NULL) ||
        (input->alpha ? with_alpha(colours, &bands) : vips_copy(colours, &bands, NULL)) ||
        vips_replicate(bands, &whole, TILES, TILES, NULL))
        fail_msg("%s", vips_error_buffer());
    vips_image_set_int(whole, VIPS_META_ORIENTATION, input->orientation);
    int fd = picture_file(whole, input->suffix);
    GBytes *bytes = picture_read(fd);
    close(fd);
    return bytes;
}

static GBytes *input_file(size_t number)
{
    if (!files[number])
        files[number] = made(&inputs[number], HEIGHT);
    return files[number];
}

/* For the profile of the same number. */
static GBytes *some_file(unsigned seed)
{
    enum { PLAIN_IN = 2 };

    return input_file(seed % PLAIN_IN ? seed / PLAIN_IN % G_N_ELEMENTS(inputs) : 0);
}

/* ---- profiles ---- */

static char *some_save(GRand *random, int number)
{
    bool slow = g_rand_int_range(random, 0, SLOW_IN) == 0;

    return g_strdup_printf("save { name = \"out%d\" %s }", number,
                           saves[slow ? g_rand_int_range(random, QUICK, G_N_ELEMENTS(saves))
                                      : g_rand_int_range(random, 0, QUICK)]);
}

static char *some_step(GRand *random, int number)
{
    const Action *action = NULL;
    gint32 count = 0;

    while (actions[count])
        count++;
    if (g_rand_int_range(random, 0, 8) == 0)
        return some_save(random, number);
    do
        action = actions[g_rand_int_range(random, 0, count)];
    while (action->flags & (ACTION_SAVES | ACTION_JPEG));
    g_autofree char *step = random_step(random, action, &large, MARK);
    if (!(action->flags & ACTION_BLENDS) || g_rand_boolean(random))
        return g_steal_pointer(&step);
    step[strlen(step) - 1] = '\0';
    return g_strconcat(step, "amount = 50% }", NULL);
}

/* A step whose settings are not right together is drawn again. */
static char *right_step(GRand *random, int number)
{
    enum { TRIES = 40 };

    for (int i = 0; i < TRIES; i++) {
        g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
        g_autofree char *step = some_step(random, number);
        g_autofree char *text =
            g_strdup_printf("profile \"p\" { dpi = 300 %s save { name = \"last\" } }", step);
        g_autoptr(GPtrArray) profiles = profiles_read(text, errors);
        if (profiles->len && !errors->len)
            return step_with_formulas(step, FORMULAS_OF); /* known before a pixel is */
    }
    fail_msg("no settings in range are right");
    return NULL;
}

static char *some_profile(unsigned seed)
{
    enum { STEPS = 12 };
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    g_autoptr(GString) text = g_string_new("profile \"p\" { dpi = 300\n");
    int steps = g_rand_int_range(random, 0, STEPS);

    for (int i = 0; i < steps; i++) {
        g_autofree char *step = right_step(random, i);
        g_string_append_printf(text, "  %s\n", step);
    }
    g_autofree char *last = some_save(random, steps);
    g_string_append_printf(text, "  %s\n}\n", last);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* ---- measuring ---- */

typedef struct Figures {
    bool done; /* else no picture remains, or one that is too large */
    double asked, peak;
} Figures;

static bool draws_text(const char *profile)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(GPtrArray) profiles = profiles_read(profile, errors);

    return profiles_draw_text(profiles);
}

static Peer worker_for(const char *profile)
{
    static const char *const with_fonts[] = { WORKER, "--serve", "--fonts", NULL };

    return draws_text(profile) ? peer_start_as(with_fonts, profile) : peer_start(profile);
}

static Figures measured(const char *profile, GBytes *file, double max_megapixels)
{
    gsize size = 0;
    const void *bytes = g_bytes_get_data(file, &size);
    Peer peer = worker_for(profile);
    Talk talk = { 0 };
    Figures figures = { 0 };

    peer.asks = true;
    peer.limits.max_pixels = max_megapixels;
    peer_job(&peer, &talk, "p", "", "photo.jpg", picture_bytes(bytes, size));
    if (talk.died)
        fail_msg("the worker died: %s%s", talk.words ? talk.words : "", profile);
    figures =
        (Figures){ talk.ok, (double) talk.memory / 1e6, (double) peer_peak(&peer) / 976.5625 };
    if (g_getenv("HOTFOLDER_FIGURES"))
        fprintf(stderr, "%6.0f MB asked, %6.0f MB peak, %.2f%s%s\n%s\n", figures.asked,
                figures.peak, figures.asked / figures.peak, talk.ok ? "" : ": ",
                talk.ok ? "" : talk.error->what, profile);
    talk_clear(&talk);
    assert_int_equal(peer_stop(&peer), 0);
    return figures;
}

typedef enum Verdict { FAIR, TOO_LITTLE, TOO_MUCH, NOT_DONE, VERDICTS } Verdict;

/* Only the pixels tell what some encoders take: a JPEG 2000 of nearly one colour is decoded again
 * to see whether it is right, and WebP takes three times as much for noise as for one colour where
 * it loses nothing. What the worst picture takes is asked for each. */
static double most_share(const char *profile)
{
    bool by_pixels = strstr(profile, "format = jp2") || strstr(profile, "lossless = yes");

    return by_pixels ? 4 : 2;
}

/* Whether it asks for what it takes, and not for far more than that or than a worker has without a
 * request. */
static Verdict judged(const char *profile, GBytes *file, double max_megapixels)
{
    const Figures figures = measured(profile, file, max_megapixels);
    double most = MAX(most_share(profile) * figures.peak, PROTOCOL_FEW_BYTES / 1e6);

    if (!figures.done)
        return NOT_DONE; /* some settings leave no picture */
    if (figures.asked >= figures.peak && figures.asked <= most)
        return FAIR;
    print_error("asked for %.0f MB, and took %.0f MB:\n%s", figures.asked, figures.peak, profile);
    return figures.asked < figures.peak ? TOO_LITTLE : TOO_MUCH;
}

static unsigned number_of(const char *variable, unsigned fallback)
{
    const char *text = g_getenv(variable);

    return text ? (unsigned) g_ascii_strtoull(text, NULL, 10) : fallback;
}

static void a_profile_asks_for_the_memory_that_it_takes(void **state)
{
    unsigned count = number_of("HOTFOLDER_CASES", 2);
    unsigned seed = number_of("HOTFOLDER_SEED", 1);
    unsigned verdicts[VERDICTS] = { 0 };

    (void) state;
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *profile = some_profile(seed + i);
        Verdict verdict = judged(profile, some_file(seed + i), MAX_MEGAPIXELS);
        if (verdict == TOO_LITTLE || verdict == TOO_MUCH)
            print_error("(seed %u)\n", seed + i);
        verdicts[verdict]++;
    }
    if (verdicts[NOT_DONE] > MAX(1, count / 4))
        fail_msg("%u of %u profiles were not done", verdicts[NOT_DONE], count);
    if (verdicts[TOO_LITTLE] || verdicts[TOO_MUCH])
        fail_msg("%u of %u profiles ask for too little, %u for too much", verdicts[TOO_LITTLE],
                 count, verdicts[TOO_MUCH]);
}

/* A long line, and many short ones. */
#define WIDE  "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
#define LINES "\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx\\nx"

/* As many rows of a low picture are kept as of a high one. */
static void rows_before_and_after_each_step_are_counted(void **state)
{
    static const char *const steps[] = {
        "",
        "sharpen {} scale { width = 1600 }",
        "sharpen {} blur {} scale { width = 2400 linear = yes }",
        "scale { width = 3000 linear = yes }",
        "scale { width = 700 linear = yes }",
        "scale { width = 700 } sharpen {}", /* it is decoded smaller */
        "scale { height = 1px keep = no linear = yes sharpen = light }",
        "text { text = \"{stem} {width}\" size = 100px angle = 30 }",
        "text { text = \"" WIDE LINES LINES LINES "\" size = 60px width = 6000px }",
    };
    g_autoptr(GBytes) low = made(&inputs[0], LOW);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *profile =
            g_strdup_printf("profile \"p\" { %s save { format = jpeg } }", steps[i]);
        assert_int_equal(judged(profile, low, MAX_MEGAPIXELS), FAIR);
    }
}

static void what_a_step_has_let_go_is_not_counted_after_it(void **state)
{
    static const char *const steps[] = {
        "mosaic { tiles = \"" MARK "\" columns = 24 rows = 16 }",
        "effect { filter = emboss repeat = 4 } grey { mask = \"" MARK "\" }",
        "convert { depth = 1 } grid { columns = 3 rows = 3 keep_size = yes }",
        "blur { sigma = 30px }",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *profile =
            g_strdup_printf("profile \"p\" { %s save { format = jpeg } }", steps[i]);
        assert_int_equal(judged(profile, input_file(0), MAX_MEGAPIXELS), FAIR);
    }
}

static void a_step_that_does_nothing_is_not_counted(void **state)
{
    static const char save[] = "save { format = tiff compression = deflate pyramid = yes }";
    g_autoptr(GBytes) low = made(&inputs[0], LOW);
    g_autofree char *bare = g_strdup_printf("profile \"p\" { %s }", save);
    g_autofree char *idle = g_strdup_printf(
        "profile \"p\" { vignette { strength = 0 } wave { height = \"{width - width}\" } "
        "%s }",
        save);

    (void) state;
    assert_int_equal(judged(idle, low, MAX_MEGAPIXELS), FAIR);
    assert_true(measured(idle, low, MAX_MEGAPIXELS).asked ==
                measured(bare, low, MAX_MEGAPIXELS).asked);
}

static void what_is_laid_over_a_photo_is_counted(void **state)
{
    static const char *const steps[] = {
        "text { text = WWWWWWWWWWWWWWWW size = 300px halo = 60px outline = 20px box = yes }",
        "text { text = WWWWWWWWWWWWWWWW size = 300px outline = 20px angle = 40 }",
        "text { text = WWWWWWWW size = 100px tile = yes turn = 90 outline = 4px }",
        "text { text = \"" WIDE LINES "\" size = 60px halo = 60px }",
        "watermark { file = \"" MARK "\" method = scale angle = 30 blend = soft-light }",
        "watermark { file = \"" MARK "\" method = scale margin = 0 }",
        "watermark { file = \"" MARK "\" method = tile turn = 270 blend = multiply }",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *profile =
            g_strdup_printf("profile \"p\" { %s save { format = jpeg } }", steps[i]);
        assert_int_equal(judged(profile, input_file(0), MAX_MEGAPIXELS), FAIR);
    }
}

/* An encoder that keeps what it writes takes more for a better picture, and for a deeper one. */
static void what_heic_takes_goes_by_quality_and_depth(void **state)
{
    enum { JPEG_IN, ALPHA_IN = 5, DEEP_IN = 7 };
    static const struct {
        size_t input;
        const char *quality;
    } all[] = { { JPEG_IN, "100" }, { ALPHA_IN, "60" }, { ALPHA_IN, "100" }, { DEEP_IN, "60" } };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autofree char *profile = g_strdup_printf(
            "profile \"p\" { save { format = heic quality = %s } }", all[i].quality);
        assert_int_equal(judged(profile, input_file(all[i].input), MAX_MEGAPIXELS), FAIR);
    }
}

/* libvips has all of them in memory at one time. */
static void rows_that_are_cut_off_above_are_counted(void **state)
{
    static const char *const steps[] = {
        "crop { mode = size height = 200px where = bottom } grey {}",
        "scale { width = 3000 linear = yes } crop { mode = size height = 100px where = bottom }",
        "scale { width = 1200 kernel = cubic } crop { mode = size height = 100px where = bottom }",
        "fit { width = 1000px height = 200px linear = yes where = bottom }",
        "blur { sigma = 30px } fit { width = 1000px height = 200px linear = yes where = bottom }",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *profile =
            g_strdup_printf("profile \"p\" { %s save { format = jpeg } }", steps[i]);
        assert_int_equal(judged(profile, input_file(0), MAX_MEGAPIXELS), FAIR);
    }
}

/* Decoders of ours make rows in order, as libvips' do. */
static void rows_that_are_cut_off_a_tiff_are_counted(void **state)
{
    enum { DEEP_IN = 7, TILED_IN };
    static const char profile[] =
        "profile \"p\" { crop { mode = size height = 1200px where = bottom } "
        "save { format = jpeg } }";

    (void) state;
    for (size_t input = DEEP_IN; input <= TILED_IN; input++)
        assert_int_equal(judged(profile, input_file(input), MAX_MEGAPIXELS), FAIR);
}

/* A picture is first made small, and then large: what it is first says nothing. */
static void a_picture_that_is_made_large_again_is_counted(void **state)
{
    (void) state;
    assert_int_equal(judged("profile \"p\" { scale { width = 100 height = 100 } "
                            "scale { width = 6000 enlarge = yes } turn { angle = 90 } "
                            "save { name = \"out.png\" effort = 1 } }",
                            input_file(0), MAX_MEGAPIXELS),
                     FAIR);
}

/* ---- frames, lights, and many steps ---- */

/* A photo takes no more MB, unless the manual names the steps. */
static void is_below_300(const char *steps)
{
    g_autofree char *profile =
        g_strdup_printf("profile \"p\" { %s save { format = jpeg } }", steps);
    const Figures figures = measured(profile, input_file(0), MAX_MEGAPIXELS);

    assert_true(figures.done);
    if (figures.peak >= 300 || figures.asked < figures.peak)
        fail_msg("asked for %.0f MB, and took %.0f MB: %s", figures.asked, figures.peak, steps);
}

static void each_frame_and_light_takes_less_than_300_megabytes(void **state)
{
    static const char light[] = "gloss { gloss = \"" MARK "\" blend = soft-light }";
    static const char mark[] = "mask { mask = \"" MARK "\" } "
                               "background { file = \"" MARK "\" method = tile width = 50% }";
    static const char *const steps[] = {
        "border { width = 2% inside = yes opacity = 50 }",
        light,
        "mask { mask = star feather = 2% }",
        mark,
        "outline { size = 1% offset = 1% }",
        "mask {} outline { size = 1% offset = 1% }",
        "polaroid { caption = \"{stem}\" }",
        "reflection { depth = 30% blur = 1% squeeze = yes }",
        "round { radius = 5% opacity = 80 }",
        "mask {} shadow { blur = 4% }",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
        is_below_300(steps[i]);
}

static void twelve_steps_take_less_than_300_megabytes(void **state)
{
    (void) state;
    is_below_300("upright {} exposure { stops = 0.3 } contrast { strength = 20 } "
                 "saturation { strength = 10 } warm {} vignette {} sharpen {} "
                 "crop { mode = margins all = 2% } gloss {} border { width = 1% } "
                 "round { radius = 3% } watermark { file = \"" MARK "\" }");
    is_below_300(
        "upright {} autolevels {} white_balance {} sharpen {} gloss {} mask {} background {} "
        "border {} shadow {} round {} watermark { file = \"" MARK "\" } "
        "text { text = \"{stem}\" }");
}

/* The manual names them. */
static void frames_that_hold_the_picture_one_after_the_other_ask_for_it(void **state)
{
    (void) state;
    assert_int_equal(
        judged("profile \"p\" { mask {} outline {} shadow {} reflection {} polaroid {} "
               "save { format = jpeg } }",
               input_file(0), MAX_MEGAPIXELS),
        FAIR);
}

/* ---- files of several pictures ---- */

enum { PAGES = 24, PAGE_WIDTH = 1000, PAGE_HEIGHT = 700 };

static GBytes *several(const char *suffix)
{
    g_autoptr(VipsImage) column = picture_photo(PAGE_WIDTH, PAGE_HEIGHT * PAGES);

    vips_image_set_int(column, VIPS_META_PAGE_HEIGHT, PAGE_HEIGHT);
    int fd = picture_file(column, suffix);
    GBytes *bytes = picture_read(fd);
    close(fd);
    return bytes;
}

static void several_pictures_ask_for_the_memory_that_they_take_together(void **state)
{
    static const struct {
        const char *from, *to;
    } all[] = {
        { ".gif[effort=1]", "save { format = webp effort = 1 }" },
        { ".webp[effort=0]", "scale { width = 600 } save { format = gif effort = 1 }" },
        { ".tif", "save { compression = none }" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GBytes) file = several(all[i].from);
        g_autofree char *profile = g_strdup_printf("profile \"p\" { pages = all %s }", all[i].to);
        assert_int_equal(judged(profile, file, MAX_MEGAPIXELS), FAIR);
    }
}

static int tear_down(void **state)
{
    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        g_clear_pointer(&files[i], g_bytes_unref);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_before_and_after_each_step_are_counted),
        cmocka_unit_test(what_a_step_has_let_go_is_not_counted_after_it),
        cmocka_unit_test(a_step_that_does_nothing_is_not_counted),
        cmocka_unit_test(rows_that_are_cut_off_above_are_counted),
        cmocka_unit_test(rows_that_are_cut_off_a_tiff_are_counted),
        cmocka_unit_test(a_picture_that_is_made_large_again_is_counted),
        cmocka_unit_test(twelve_steps_take_less_than_300_megabytes),
        cmocka_unit_test(a_profile_asks_for_the_memory_that_it_takes),
        cmocka_unit_test(several_pictures_ask_for_the_memory_that_they_take_together),
    };
    const struct CMUnitTest more[] = {
        /* where many cases are asked for */
        cmocka_unit_test(what_is_laid_over_a_photo_is_counted),
        cmocka_unit_test(each_frame_and_light_takes_less_than_300_megabytes),
        cmocka_unit_test(frames_that_hold_the_picture_one_after_the_other_ask_for_it),
        cmocka_unit_test(what_heic_takes_goes_by_quality_and_depth),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_memory", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("memory", tests, NULL, NULL);
    if (g_getenv("HOTFOLDER_CASES"))
        failed += cmocka_run_group_tests_name("memory", more, NULL, NULL);
    tear_down(NULL);
    libvips_stop();
    return failed;
}
