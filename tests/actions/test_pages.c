/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of several pictures, of which each goes through a profile: pages of a TIFF, frames of an
 * animation.
 *
 * HOTFOLDER_CASES is how many lists of random steps, HOTFOLDER_SEED the first seed. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/encode_pages.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"
#include "tests/actions/random_steps.h"

enum { PAGES = 4, FRAMES = 3, WIDTH = 60, HEIGHT = 40 };

static const StepSizes small = { 60, .share = 1, .px_percent = 0.3, .px_mm = 12 };

/* ---- files ---- */

static VipsImage *in_sixteen_bits(VipsImage *in)
{
    g_autoptr(VipsImage) eight = in;
    VipsImage *out = NULL;

    assert_int_equal(vips_colourspace(eight, &out, VIPS_INTERPRETATION_RGB16, NULL), 0);
    return out;
}

/* Pictures of different kinds, as files of their own have them. */
static VipsImage *some_page(int number)
{
    g_autoptr(VipsImage) photo = picture_photo(50 + 9 * number, 40);

    switch (number) {
    case 0:
        return g_object_ref(photo);
    case 1:
        return picture_drawing(31, 47);
    case 2:
        return in_sixteen_bits(g_steal_pointer(&photo));
    default:
        return picture_turned(photo, 6);
    }
}

static int page_file(int number)
{
    g_autoptr(VipsImage) page = some_page(number);

    return picture_file(page, ".tif");
}

/* As pages of one file. Orientation is a tag, which blocks say. */
static int pages_file(void)
{
    const Encoding encoding = { .format = FORMAT_TIFF, .compression = COMPRESSION_LZW };
    const char sideways[] = "II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\6\0\0\0\0\0\0";
    g_autoptr(Error) error = NULL;
    int fd = picture_bytes("", 0);
    const EncodeEnd end = { .most = PAGES };
    EncodePages *pages = encode_pages_new(&encoding, &end, dup(fd));

    for (int number = 0; number < PAGES; number++) {
        g_autoptr(VipsImage) page = some_page(number);
        bool turned = vips_image_get_orientation(page) == 6;
        g_auto(MetadataBlocks) blocks = {
            .exif = turned ? g_bytes_new(sideways, sizeof(sideways)) : NULL,
        };
        assert_true(encode_pages_add(pages, page, &blocks, 0, &error));
    }
    assert_true(encode_pages_end(pages, &error));
    encode_pages_free(pages);
    return fd;
}

/* An animation of drawings, which move, or of photos. */
static VipsImage *some_frame(int number, bool drawn)
{
    g_autoptr(VipsImage) whole =
        drawn ? picture_drawing(WIDTH, HEIGHT + 9) : picture_photo(WIDTH, HEIGHT + 9);
    VipsImage *out = NULL;

    assert_int_equal(vips_extract_area(whole, &out, 0, number * 3, WIDTH, HEIGHT, NULL), 0);
    return out;
}

static int animation_file(int frames, bool drawn, const char *suffix)
{
    VipsImage *each[64];
    g_autoptr(VipsImage) column = NULL;
    int fd = -1;

    for (int i = 0; i < frames; i++)
        each[i] = some_frame(i % FRAMES, drawn);
    assert_int_equal(vips_arrayjoin(each, &column, frames, "across", 1, NULL), 0);
    for (int i = 0; i < frames; i++)
        g_object_unref(each[i]);
    vips_image_set_int(column, VIPS_META_PAGE_HEIGHT, HEIGHT);
    fd = picture_file(column, suffix);
    return fd;
}

/* ---- steps ---- */

/* What the steps make of the file, of one or of all its pictures; -1: they fail. */
static int made_of(int fd, const char *steps, const char *save)
{
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    g_autofree char *profile =
        g_strdup_printf("pages = all dpi = 300\n%s\nsave { name = \"out\" %s }", steps, save);

    if (!desk_run(desk, fd, profile, &error))
        return -1;
    assert_int_equal(desk->files->len, 1);
    return dup(g_array_index(desk->files, int, 0));
}

static VipsImage *page_of(int fd, int number)
{
    g_autoptr(GBytes) bytes = picture_read(fd);
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    g_autoptr(VipsImage) image = NULL;

    assert_int_equal(
        vips_tiffload_buffer((void *) (uintptr_t) data, size, &image, "page", number, NULL), 0);
    return vips_image_copy_memory(image);
}

static void is_same(VipsImage *a, VipsImage *b, int page, const char *steps)
{
    const Distance distance = picture_distance(a, b);

    if (distance.most > 0 || a->BandFmt != b->BandFmt ||
        vips_image_get_orientation(a) != vips_image_get_orientation(b))
        fail_msg("picture %d is %.2f from what it is alone: %s", page, distance.most, steps);
}

/* `alone` gives each of the pictures of the file as a file of its own. */
static void are_as_alone(int fd, int count, int (*alone)(int number), const char *steps)
{
    static const char save[] = "format = tiff";
    int several = made_of(fd, steps, save);

    for (int number = 0; number < count; number++) {
        int single = made_of(alone(number), steps, save);
        assert_true(single >= 0 || several < 0); /* one that fails, fails them all */
        if (several >= 0) {
            g_autoptr(VipsImage) ours = page_of(several, number);
            g_autoptr(VipsImage) wanted = page_of(single, 0);
            is_same(ours, wanted, number, steps);
        }
        if (single >= 0)
            close(single);
    }
    if (several >= 0)
        close(several);
}

/* WebP has no colours where nothing is seen; a decoder of a PNG makes it no smaller. */
static int drawn_frame_file(int number)
{
    g_autoptr(VipsImage) frame = some_frame(number, true);
    int coded = picture_file(frame, ".webp[lossless]");
    g_autoptr(VipsImage) shown = picture_load(coded);

    close(coded);
    return picture_file(shown, ".png");
}

static unsigned number_of(const char *variable, unsigned fallback)
{
    const char *text = g_getenv(variable);

    return text ? (unsigned) g_ascii_strtoull(text, NULL, 10) : fallback;
}

/* What they draw goes by the hash of the whole file. */
static bool goes_by_file(const Action *action)
{
    static const char *const names[] = { "grain", "pencil", "polaroid", NULL };

    return g_strv_contains(names, action->name);
}

static const Action *some_action(GRand *random)
{
    gint32 count = 0;
    const Action *action = NULL;

    while (actions[count])
        count++;
    do
        action = actions[g_rand_int_range(random, 0, count)];
    while (action->flags & (ACTION_SAVES | ACTION_BRANCHES | ACTION_JPEG) || goes_by_file(action));
    return action;
}

/* Steps whose settings are right together; others are drawn again. */
static char *some_steps(GRand *random)
{
    enum { TRIES = 40 };

    for (int i = 0; i < TRIES; i++) {
        g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
        g_autofree char *first = random_step(random, some_action(random), &small, MARK);
        g_autofree char *second = random_step(random, some_action(random), &small, MARK);
        g_autofree char *text = g_strdup_printf(
            "profile \"p\" { dpi = 300 %s\n%s\nsave { name = \"last\" } }", first, second);
        g_autoptr(GPtrArray) profiles = profiles_read(text, errors);
        if (profiles->len && !errors->len)
            return g_strdup_printf("%s\n%s", first, second);
    }
    fail_msg("no settings in range are right");
    return NULL;
}

static void every_picture_of_a_file_becomes_what_it_becomes_alone(void **state)
{
    unsigned count = number_of("HOTFOLDER_CASES", 2);
    unsigned seed = number_of("HOTFOLDER_SEED", 1);

    (void) state;
    are_as_alone(pages_file(), PAGES, page_file, "");
    are_as_alone(animation_file(FRAMES, true, ".webp[lossless]"), FRAMES, drawn_frame_file, "");
    for (unsigned i = 0; i < count; i++) {
        g_autoptr(GRand) random = g_rand_new_with_seed(seed + i);
        g_autofree char *steps = some_steps(random);
        are_as_alone(pages_file(), PAGES, page_file, steps);
        are_as_alone(animation_file(FRAMES, true, ".webp[lossless]"), FRAMES, drawn_frame_file,
                     steps);
    }
}

static void a_save_in_a_branch_gets_every_picture_too(void **state)
{
    static const char steps[] = "pages = all\n"
                                "branch { scale { width = 20 } save { name = \"a.tif\" } }\n"
                                "branch { save { name = \"b.tif\" } }\n"
                                "save { name = \"c.tif\" }";
    static const int widths[] = { 20, WIDTH, WIDTH };
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(desk_run(desk, animation_file(FRAMES, false, ".gif"), steps, &error));
    assert_int_equal(desk->files->len, G_N_ELEMENTS(widths));
    for (guint i = 0; i < G_N_ELEMENTS(widths); i++) {
        g_autoptr(VipsImage) last = page_of(g_array_index(desk->files, int, i), FRAMES - 1);
        assert_int_equal(last->Xsize, widths[i]);
    }
}

/* ---- one picture ---- */

static GBytes *bytes_made(int fd, const char *pages, const char *steps, int64_t *memory)
{
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    g_autofree char *profile = g_strdup_printf("pages = %s\n%s", pages, steps);

    assert_true(desk_run(desk, fd, profile, &error));
    assert_int_equal(desk->asked, 1);
    *memory = desk->memory;
    return picture_read(g_array_index(desk->files, int, 0));
}

static void a_file_of_one_picture_is_done_as_ever(void **state)
{
    static const char *const suffixes[] = { ".jpg", ".png", ".gif", ".webp", ".tif" };
    static const char *const steps[] = { "save {}", "scale { width = 30 } save {}",
                                         "turn { angle = 90 } save { format = webp }" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes) * G_N_ELEMENTS(steps); i++) {
        const char *suffix = suffixes[i / G_N_ELEMENTS(steps)];
        const char *step = steps[i % G_N_ELEMENTS(steps)];
        g_autoptr(VipsImage) photo = picture_photo(WIDTH, HEIGHT);
        int64_t first_memory = 0, all_memory = 0;
        g_autoptr(GBytes) first =
            bytes_made(picture_file(photo, suffix), "first", step, &first_memory);
        g_autoptr(GBytes) all = bytes_made(picture_file(photo, suffix), "all", step, &all_memory);
        assert_true(g_bytes_equal(first, all));
        assert_int_equal(first_memory, all_memory);
    }
}

/* ---- what all of them may be and cost ---- */

static char *refusal_of(int fd, double max_pixels, const char *steps)
{
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    g_autofree char *profile = g_strdup_printf("pages = all\n%s", steps);

    desk->limits.max_pixels = max_pixels;
    if (desk_run(desk, fd, profile, &error))
        return NULL;
    assert_int_equal(desk->asked, 0); /* it is known before the work */
    assert_int_equal(error->kind, ERROR_PICTURE);
    return error_text(error);
}

static void is_refused(int fd, double max_pixels, const char *steps, const char *words)
{
    g_autofree char *text = refusal_of(fd, max_pixels, steps);

    if (!text || !strstr(text, words))
        fail_msg("not refused with \"%s\": %s", words, text ? text : "done");
}

static void limits_hold_for_all_pictures_together(void **state)
{
    static const char save[] = "save { format = webp }";
    const double all = FRAMES * WIDTH * HEIGHT / 1e6;

    (void) state;
    assert_null(refusal_of(animation_file(FRAMES, false, ".gif"), all, save));
    is_refused(animation_file(FRAMES, false, ".gif"), all - 1e-6, save,
               "3 of its 3 frames are 0.007 MP together, more than max_pixels");
    is_refused(animation_file(FRAMES, false, ".gif"), all,
               "scale { width = 61 enlarge = yes } save { format = webp }",
               "3 of its 3 frames are 0.008 MP together");
    is_refused(pages_file(), 0.006, "save {}", "of its 4 pages are 0.00");
}

static int64_t memory_for(int fd, const char *save)
{
    int64_t memory = 0;
    g_autoptr(GBytes) G_GNUC_UNUSED made = bytes_made(fd, "all", save, &memory);

    return memory;
}

static void frames_are_counted_until_they_are_written_and_pages_are_not_kept(void **state)
{
    enum { MORE = 40, PIXEL = 4 };
    static const char *const kept[] = { "save { format = gif }", "save { format = webp }" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++) {
        int64_t few = memory_for(animation_file(FRAMES, true, ".gif"), kept[i]);
        int64_t many = memory_for(animation_file(MORE, true, ".gif"), kept[i]);
        assert_true(many - few >= (int64_t) (MORE - FRAMES) * WIDTH * HEIGHT * PIXEL);
    }
    assert_int_equal(memory_for(animation_file(FRAMES, true, ".gif"), "save { format = tiff }"),
                     memory_for(animation_file(MORE, true, ".gif"), "save { format = tiff }"));
}

/* ---- frames and their sizes ---- */

/* A trim leaves what each frame shows. */
static void frames_of_different_sizes_are_refused_in_words_and_become_pages_of_a_tiff(void **state)
{
    static const char trim[] = "crop { mode = trim }";
    g_autoptr(VipsImage) small_one = picture_plain(10, 10, 3, (double[]){ 200, 0, 0 });
    g_autoptr(VipsImage) large_one = picture_plain(20, 12, 3, (double[]){ 200, 0, 0 });
    VipsImage *frames[] = { NULL, NULL };
    g_autoptr(VipsImage) column = NULL;
    g_autoptr(Error) error = NULL;
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    vips_embed(small_one, &frames[0], 5, 5, 40, 40, "extend", VIPS_EXTEND_WHITE, NULL);
    vips_embed(large_one, &frames[1], 9, 9, 40, 40, "extend", VIPS_EXTEND_WHITE, NULL);
    assert_int_equal(vips_arrayjoin(frames, &column, 2, "across", 1, NULL), 0);
    g_object_unref(frames[0]);
    g_object_unref(frames[1]);
    vips_image_set_int(column, VIPS_META_PAGE_HEIGHT, 40);
    g_autofree char *profile = g_strdup_printf("pages = all %s save {}", trim);
    assert_false(desk_run(desk, picture_file(column, ".webp[lossless]"), profile, &error));
    assert_non_null(strstr(error->what, "frame 2 of 2: it is 20 x 12 pixels, and the first one 10 "
                                        "x 10"));
    assert_string_equal(error->where, "step 2 (save), desk.conf:2");
    int made = made_of(picture_file(column, ".webp[lossless]"), trim, "format = tiff");
    g_autoptr(VipsImage) second = page_of(made, 1);
    assert_int_equal(second->Xsize, 20);
    close(made);
}

/* ---- pages and 4 GB ---- */

/* LZW makes it small: only what the encoder may need decides. */
static void a_page_that_would_need_places_of_eight_bytes_is_refused_in_words(void **state)
{
    enum { SIDE = 52000 }; /* 2.7 GB, one byte a pixel */
    const Encoding encoding = { .format = FORMAT_TIFF, .compression = COMPRESSION_LZW };
    const EncodeEnd end = { 0 };
    const MetadataBlocks blocks = { 0 };
    EncodePages *pages = encode_pages_new(&encoding, &end, picture_bytes("", 0));
    g_autoptr(VipsImage) page = NULL;
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_int_equal(vips_black(&page, SIDE, SIDE, NULL), 0);
    assert_false(encode_pages_add(pages, page, &blocks, 0, &error));
    assert_int_equal(error->kind, ERROR_PICTURE);
    assert_string_equal(error->what, "the TIFF of its pages could become larger than 4 GB");
    encode_pages_free(pages);
}

/* ---- profiles ---- */

static char *mistake_in(const char *steps)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *text = g_strdup_printf("profile \"p\" { %s }", steps);
    g_autoptr(GPtrArray) G_GNUC_UNUSED profiles = profiles_read(text, errors);

    return errors->len ? error_text(errors->pdata[0]) : NULL;
}

static void a_profile_of_all_pictures_has_a_save_that_holds_them(void **state)
{
    static const char *const right[] = {
        "pages = all save {}",
        "pages = all save { name = \"{stem}.gif\" }",
        "pages = all save { format = jpeg } save { name = \"{stem}.tif\" }",
        "pages = first save { format = jpeg }",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(right); i++)
        assert_null(mistake_in(right[i]));
    g_autofree char *jpeg = mistake_in("pages = all save { format = jpeg }");
    g_autofree char *left_out = mistake_in("pages = all save { name = \"a.webp\" enabled = no } "
                                           "save { name = \"{stem}.png\" }");
    assert_non_null(strstr(jpeg, "writes a format that holds several pictures"));
    assert_non_null(strstr(left_out, "save as tiff, webp or gif"));
}

static void knows_its_file(Image *picture, Image *image, int count, const char *word)
{
    g_autoptr(Error) error = NULL;
    const char *said = NULL;

    assert_non_null(picture);
    assert_ptr_equal(image_hash(picture, &error), image_hash(image, &error)); /* read once */
    assert_int_equal(image_pages(picture, &said), count);
    assert_string_equal(said, word);
}

static void each_knows_its_file(int fd, int count, const char *word)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Pages) pages = NULL;
    g_autoptr(Image) image = image_open(fd, NULL, NULL, NULL, &error);

    assert_true(image && pages_open(image, &pages, &error));
    assert_int_equal(pages_count(pages), count);
    for (int number = 0; number < count; number++) {
        g_autoptr(Image) picture = pages_picture(pages, number, false, &error);
        knows_its_file(picture, image, count, word);
    }
}

static void each_picture_of_a_file_knows_the_hash_and_the_pages_of_the_file(void **state)
{
    (void) state;
    each_knows_its_file(pages_file(), PAGES, "page");
    each_knows_its_file(animation_file(FRAMES, true, ".gif"), FRAMES, "frame");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_of_a_file_becomes_what_it_becomes_alone),
        cmocka_unit_test(a_save_in_a_branch_gets_every_picture_too),
        cmocka_unit_test(a_file_of_one_picture_is_done_as_ever),
        cmocka_unit_test(limits_hold_for_all_pictures_together),
        cmocka_unit_test(frames_are_counted_until_they_are_written_and_pages_are_not_kept),
        cmocka_unit_test(frames_of_different_sizes_are_refused_in_words_and_become_pages_of_a_tiff),
        cmocka_unit_test(a_page_that_would_need_places_of_eight_bytes_is_refused_in_words),
        cmocka_unit_test(a_profile_of_all_pictures_has_a_save_that_holds_them),
        cmocka_unit_test(each_picture_of_a_file_knows_the_hash_and_the_pages_of_the_file),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_pages", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("pages", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
