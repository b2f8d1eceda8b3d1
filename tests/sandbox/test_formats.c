/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever hotfolder accepts works inside the real sandbox, and looks there as it does outside. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/actions/check.h"
#include "tests/actions/desk.h"
#include "tests/actions/dng.h"
#include "tests/actions/peer.h"

static const char all_steps[] = "upright {} scale { width = 300 height = 300 } sharpen {} "
                                "watermark { file = \"%s\" } fit { width = 240 height = 160 } "
                                "save { name = \"a.jpg\" progressive = yes } "
                                "save { name = \"a.png\" } save { name = \"a.webp\" } "
                                "save { name = \"a.tif\" compression = deflate } "
                                "save { name = \"a.avif\" effort = 1 } "
                                "save { name = \"a.heic\" } "
                                "save { name = \"a.gif\" } "
                                "save { name = \"zoom.tif\" pyramid = yes } "
                                "save { name = \"fax.tif\" compression = ccitt } "
                                "save { name = \"few.png\" palette = yes }";
/* libvips' loaders of them have to be asked for; that they are made is what counts. */
static const char rare_steps[] = "save { name = \"a.jxl\" effort = 1 } save { name = \"a.jp2\" } "
                                 "save { name = \"a.ppm\" }";
static const char whole_steps[] = "upright {} save { name = \"a.jpg\" }";

typedef struct Fixture {
    Peer peer;
    char *all; /* all_steps with a mark that is there */
    char *mark;
} Fixture;

static char *mark_file(void)
{
    g_autoptr(VipsImage) drawing = picture_drawing(120, 80);
    char *path = g_strdup_printf("%s/hotfolder-mark-%d.png", g_get_tmp_dir(), getpid());

    assert_int_equal(vips_pngsave(drawing, path, NULL), 0);
    return path;
}

static int start(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->mark = mark_file();
    f->all = g_strdup_printf(all_steps, f->mark); /* NOLINT(clang-diagnostic-format-nonliteral) */
    g_autofree char *document = g_strdup_printf(
        "profile \"all\" { %s }\nprofile \"whole\" { %s }\nprofile \"rare\" { %s }\n"
        "reads { accept = { jxl, jp2, pdf } }\n",
        f->all, whole_steps, rare_steps);
    f->peer = peer_start(document);
    *state = f;
    return 0;
}

static int stop(void **state)
{
    Fixture *f = *state;
    int status = peer_stop(&f->peer);

    unlink(f->mark);
    g_free(f->mark);
    g_free(f->all);
    g_free(f);
    return status;
}

/* The steps inside the sandbox, and without one in this process: the same pictures. */
static void same_as_outside(Fixture *f, const char *profile, const char *steps, VipsImage *picture,
                            const char *suffix)
{
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    int file = picture_file(picture, suffix);
    Talk talk = { 0 };

    if (!desk_run(desk, dup(file), steps, &error))
        fail_msg("%s outside: %s", suffix, error->what);
    peer_job(&f->peer, &talk, profile, "", "a.jpg", file);
    if (talk.died)
        fail_msg("%s: the worker died: %s", suffix, talk.words ? talk.words : "no word");
    if (!talk.ok)
        fail_msg("%s: %s: %s", suffix, talk.error->where, talk.error->what);
    assert_int_equal(talk.files->len, desk->files->len);
    for (guint i = 0; i < talk.files->len; i++) {
        g_autoptr(VipsImage) inside = picture_load(g_array_index(talk.files, int, i));
        g_autoptr(VipsImage) outside = desk_output(desk, i);
        Distance apart = picture_distance(inside, outside);
        if (apart.most > 0)
            fail_msg("%s, output %u: %g apart", suffix, i, apart.most);
    }
    talk_clear(&talk);
}

static void every_format_in_and_out(void **state)
{
    static const char *const suffixes[] = {
        ".jpg",
        ".jpg[interlace]",
        ".png",
        ".png[interlace]",
        ".png[palette]",
        ".webp",
        ".webp[lossless]",
        ".gif",
        ".tif",
        ".tif[tile]",
        ".tif[pyramid,tile]",
        ".tif[bigtiff]",
        ".tif[compression=lzw]",
        ".tif[compression=deflate,predictor=horizontal]",
        ".tif[compression=jpeg]",
        ".tif[compression=webp]",
        ".tif[compression=zstd]",
        ".avif[effort=1]",
        ".heic[effort=1]",
    };
    g_autoptr(VipsImage) photo = picture_photo(360, 240);
    g_autoptr(VipsImage) turned = picture_turned(photo, 6);
    g_autoptr(VipsImage) picture = picture_with_metadata(turned, 6);
    Fixture *f = *state;

    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        same_as_outside(f, "all", f->all, picture, suffixes[i]);
        same_as_outside(f, "whole", whole_steps, picture, suffixes[i]);
    }
}

static void rare_formats_are_written(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(360, 240);
    Fixture *f = *state;
    Talk talk = { 0 };

    peer_job(&f->peer, &talk, "rare", "", "a.jpg", picture_file(photo, ".jpg"));
    if (talk.died || !talk.ok)
        fail_msg("%s", talk.words ? talk.words : talk.error ? talk.error->what : "it died");
    assert_int_equal(talk.files->len, 3);
    talk_clear(&talk);
}

static void every_kind_of_pixel(void **state)
{
    static const VipsInterpretation spaces[] = { VIPS_INTERPRETATION_CMYK, VIPS_INTERPRETATION_B_W,
                                                 VIPS_INTERPRETATION_RGB16,
                                                 VIPS_INTERPRETATION_GREY16,
                                                 VIPS_INTERPRETATION_LABS };
    g_autoptr(VipsImage) photo = picture_photo(360, 240);
    g_autoptr(VipsImage) drawing = picture_drawing(360, 240);
    Fixture *f = *state;

    same_as_outside(f, "all", f->all, drawing, ".png");
    same_as_outside(f, "all", f->all, drawing, ".webp");
    same_as_outside(f, "all", f->all, drawing, ".tif");
    for (size_t i = 0; i < G_N_ELEMENTS(spaces); i++) {
        g_autoptr(VipsImage) other = NULL;
        assert_int_equal(vips_colourspace(photo, &other, spaces[i], NULL), 0);
        same_as_outside(f, "all", f->all, other, ".tif");
    }
}

static void same_file_as_outside(Peer *peer, int file, unsigned format)
{
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    Talk talk = { 0 };

    desk->limits.accept |= format;
    peer->limits.accept |= format;
    if (!desk_run(desk, dup(file), whole_steps, &error))
        fail_msg("outside: %s", error->what);
    peer_job(peer, &talk, "whole", "", "a", file);
    if (talk.died || !talk.ok)
        fail_msg("inside: %s", talk.words ? talk.words : talk.error ? talk.error->what : "it died");
    g_autoptr(VipsImage) inside = picture_load(g_array_index(talk.files, int, 0));
    g_autoptr(VipsImage) outside = desk_output(desk, 0);
    Distance apart = picture_distance(inside, outside);
    if (apart.most > 0)
        fail_msg("%g apart", apart.most);
    talk_clear(&talk);
}

static int as_untrusted(VipsImage *picture, const char *suffix)
{
    libvips_make_ready("VipsForeignSave", "jxlsave_target");
    vips_block_untrusted_set(FALSE);
    int file = picture_file(picture, suffix);

    vips_block_untrusted_set(TRUE);
    return file;
}

static void formats_that_are_asked_for(void **state)
{
    static const char pdf[] = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                              "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                              "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 60]>>endobj\n"
                              "trailer<</Root 1 0 R>>\n%%EOF\n";
    g_autoptr(VipsImage) photo = picture_photo(64, 48);
    Fixture *f = *state;

    same_file_as_outside(&f->peer, as_untrusted(photo, ".jxl"), FORMAT_BIT(FORMAT_JXL));
    same_file_as_outside(&f->peer, as_untrusted(photo, ".jp2"), FORMAT_BIT(FORMAT_JP2));
    same_file_as_outside(&f->peer, picture_bytes(pdf, strlen(pdf)), FORMAT_BIT(FORMAT_PDF));
}

/* LibRaw is used for the first time when the system calls are closed. */
static void a_raw_is_developed(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(60, 40);
    g_autoptr(GBytes) jpeg = picture_read(picture_file(photo, ".jpg"));
    const Dng dng = { 120, 80, .orientation = 6, .preview = jpeg };
    g_autoptr(GByteArray) known = dng_file(&dng);
    g_autoptr(GByteArray) unknown = dng_file(&(Dng){ 120, 80, .preview = jpeg, .unknown = true });
    Fixture *f = *state;

    same_file_as_outside(&f->peer, picture_bytes(known->data, known->len), FORMAT_BIT(FORMAT_RAW));
    same_file_as_outside(&f->peer, picture_bytes(unknown->data, unknown->len),
                         FORMAT_BIT(FORMAT_RAW));
}

static void a_format_that_libvips_does_not_read(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(361, 240);
    Fixture *f = *state;

    same_file_as_outside(&f->peer, picture_bmp(photo), 0);
}

/* Fonts that nothing has used before: where they can't be read, the text is another one or none,
 * and no error is reported. */
static void text_is_drawn_in_fonts_that_were_never_used(void **state)
{
    static const char *const fonts[] = { "DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono" };
    static const char *const command[] = { WORKER, "--serve", "--fonts", NULL };
    g_autofree char *document = g_strdup_printf("profile \"whole\" { %s }\n", whole_steps);
    Peer peer = peer_start_as(command, document);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(fonts); i++) {
        g_autofree char *svg = g_strdup_printf(
            "<svg xmlns='http://www.w3.org/2000/svg' width='190' height='60'><text x='9' y='40' "
            "font-family='%s' font-size='30'>beach</text></svg>",
            fonts[i]);
        same_file_as_outside(&peer, picture_bytes(svg, strlen(svg)), FORMAT_BIT(FORMAT_SVG));
    }
    assert_int_equal(peer_stop(&peer), 0);
}

/* Over 100 MB of pixels, read out of order: libvips would make a file of them. */
static void a_large_picture_is_turned_in_memory(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(500, 500);
    g_autoptr(VipsImage) large = NULL;
    g_autoptr(VipsImage) tagged = NULL;
    Talk talk = { 0 };
    Fixture *f = *state;

    assert_int_equal(vips_replicate(photo, &large, 14, 11, NULL), 0);
    tagged = vips_image_copy_memory(large);
    vips_image_set_int(tagged, VIPS_META_ORIENTATION, 6);
    peer_job(&f->peer, &talk, "whole", "", "a.tif", picture_file(tagged, ".tif"));
    if (talk.died || !talk.ok)
        fail_msg("%s", talk.words ? talk.words : talk.error ? talk.error->what : "it died");
    g_autoptr(VipsImage) out = picture_load(g_array_index(talk.files, int, 0));
    assert_int_equal(out->Xsize, 5500);
    assert_int_equal(out->Ysize, 7000);
    talk_clear(&talk);
}

/* Machine code for every step is in memory that was got before; see warm_up.c. */
static void a_profile_of_many_steps_has_room_for_its_code(void **state)
{
    g_autoptr(GString) document = g_string_new("profile \"long\" {");
    g_autoptr(VipsImage) photo = picture_photo(1000, 800);

    (void) state;
    for (int size = 990; size > 100; size -= 10)
        g_string_append_printf(document, " scale { width = %d height = %d }", size, size);
    g_string_append(document, " save { name = \"a.png\" } }");
    Peer peer = peer_start(document->str);
    for (int i = 0; i < 3; i++) {
        Talk talk = { 0 };
        peer_job(&peer, &talk, "long", "", "a.png", picture_file(photo, ".png"));
        if (talk.died || !talk.ok)
            fail_msg("%s", talk.words ? talk.words : talk.error ? talk.error->what : "it died");
        talk_clear(&talk);
    }
    assert_int_equal(peer_stop(&peer), 0);
}

static void skip_where_there_is_no_sandbox(const Fixture *f)
{
    if (g_str_has_prefix(f->peer.lacks, "everything"))
        skip();
}

/* As a service manager's MemoryDenyWriteExecute= has it, with a place for files and without. */
static void pictures_are_scaled_where_no_memory_becomes_code(void **state)
{
    static const char *const command[] = { WITHOUT, "code", WORKER, "--serve", NULL };
    static const char *const places[] = { "/tmp", "/proc" };
    static const char steps[] =
        "profile \"p\" { scale { width = 300 height = 300 } save { name = \"a.png\" } }";

    skip_where_there_is_no_sandbox(*state); /* which frees nothing */
    g_autofree char *home = g_strdup(g_getenv("HOME"));
    g_autoptr(VipsImage) photo = picture_photo(1000, 800);
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        Talk talk = { 0 };
        g_setenv("TMPDIR", places[i], TRUE);
        g_setenv("HOME", places[i], TRUE);
        Peer peer = peer_start_as(command, steps);
        peer_job(&peer, &talk, "p", "", "a.png", picture_file(photo, ".png"));
        if (talk.died || !talk.ok)
            fail_msg("%s", talk.words ? talk.words : talk.error ? talk.error->what : "it died");
        talk_clear(&talk);
        assert_int_equal(peer_stop(&peer), 0);
    }
    g_unsetenv("TMPDIR");
    if (home)
        g_setenv("HOME", home, TRUE);
}

/* ---- what it holds, which a worker with a sanitizer does not ---- */

static long count_in(const Peer *peer, const char *what)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int) peer->pid, what);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    long count = 0;

    assert_non_null(dir);
    while (g_dir_read_name(dir))
        count++;
    return count;
}

/* Those of encoders end with them; libvips keeps idle ones of its own for a while, as many as one
 * picture has used: 7 of a GIF or HEIC, and 40 of these pictures take no more. */
static void threads_come_and_go(void **state)
{
    enum { MOST = 16 };
    Fixture *f = *state;

    skip_where_there_is_no_sandbox(f);
    assert_in_range(count_in(&f->peer, "task"), 1, MOST);
}

static void nothing_but_the_socket_is_open(void **state)
{
    const Fixture *f = *state;

    skip_where_there_is_no_sandbox(f);
    if (geteuid() != 0)
        skip(); /* it is not dumpable: only root may look */
    assert_int_equal(count_in(&f->peer, "fd"), 4);
    for (int fd = 0; fd < 4; fd++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/fd/%d", (int) f->peer.pid, fd);
        g_autofree char *link = g_file_read_link(path, NULL);
        assert_non_null(link);
        if (fd < 3)
            assert_string_equal(link, "/dev/null");
        else
            assert_true(g_str_has_prefix(link, "socket:"));
    }
}

static void it_has_no_power_left(void **state)
{
    static const char *const lines[] = { "\nCapEff:\t0000000000000000\n",
                                         "\nCapPrm:\t0000000000000000\n", "\nNoNewPrivs:\t1\n",
                                         "\nSeccomp:\t2\n" };
    const Fixture *f = *state;

    skip_where_there_is_no_sandbox(f);
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int) f->peer.pid);
    g_autofree char *status = NULL;
    assert_true(g_file_get_contents(path, &status, NULL, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        if (!strstr(status, lines[i]))
            fail_msg("not so: %s%s", lines[i], status);
}

static void dates_are_of_this_place(void **state)
{
    const char *zone = "Asia/Tokyo";
    g_autoptr(GTimeZone) there = g_time_zone_new_identifier(zone);
    g_autoptr(VipsImage) photo = picture_photo(64, 48);
    g_autofree char *before = g_strdup(g_getenv("TZ"));
    Talk talk = { 0 };

    (void) state;
    if (!there)
        skip(); /* there is no tzdata */
    g_setenv("TZ", zone, TRUE);
    Peer peer = peer_start("profile \"p\" { save { name = \"{taken:%H%z}.jpg\" } }");
    if (before)
        g_setenv("TZ", before, TRUE);
    else
        g_unsetenv("TZ");
    peer_job(&peer, &talk, "p", "", "a.png", picture_file(photo, ".png"));
    assert_true(talk.ok);
    assert_string_equal(talk.names->pdata[0], "21+0900.jpg");
    talk_clear(&talk);
    assert_int_equal(peer_stop(&peer), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_in_and_out),
        cmocka_unit_test(rare_formats_are_written),
        cmocka_unit_test(every_kind_of_pixel),
        cmocka_unit_test(formats_that_are_asked_for),
        cmocka_unit_test(a_format_that_libvips_does_not_read),
        cmocka_unit_test(a_raw_is_developed),
        cmocka_unit_test(text_is_drawn_in_fonts_that_were_never_used),
        cmocka_unit_test(a_large_picture_is_turned_in_memory),
        cmocka_unit_test(threads_come_and_go),
        cmocka_unit_test(nothing_but_the_socket_is_open),
        cmocka_unit_test(it_has_no_power_left),
        cmocka_unit_test(pictures_are_scaled_where_no_memory_becomes_code),
        cmocka_unit_test(a_profile_of_many_steps_has_room_for_its_code),
        cmocka_unit_test(dates_are_of_this_place),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_formats", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("formats", tests, start, stop);
    libvips_stop();
    return failed;
}
