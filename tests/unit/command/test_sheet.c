/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where pictures lie on a sheet, and the profiles that draw it. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/page_file.h"
#include "command/sheet_profiles.h"
#include "tests/unit/check.h"

static SheetSize size_of(const char *page, int dpi)
{
    SheetSize size = { .columns = 5, .rows = 7, .dpi = dpi };
    g_autoptr(Error) error = NULL;

    if (!sheet_read_page(page, &size, &error))
        fail_msg("%s: %s", page, error->what);
    return size;
}

static void assert_page(const char *page, int dpi, int width, int height)
{
    SheetSize size = size_of(page, dpi);

    if (size.width != width || size.height != height)
        fail_msg("%s is %d x %d", page, size.width, size.height);
}

static void a_page_is_a_name_or_two_lengths(void **state)
{
    (void) state;
    assert_page("a4", 300, 2480, 3508);
    assert_page("A3", 300, 3508, 4961);
    assert_page("letter", 300, 2550, 3300);
    assert_page("a4", 72, 595, 842);
    assert_page("297x210mm", 300, 3508, 2480);
    assert_page("29.7cmx210mm", 300, 3508, 2480);
    assert_page("8x10in", 150, 1200, 1500);
    assert_page("640x480", 300, 640, 480);
    assert_page("640pxx480px", 300, 640, 480);
}

static void a_page_that_is_none_is_refused_with_a_cure(void **state)
{
    static const char *const wrong[] = { "",      "a9",        "640",         "x",
                                         "640x",  "x480",      "50%x50%",     "640x480pt",
                                         "1x1mm", "90000x100", "60000x60000", "-640x480" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        SheetSize size = { .columns = 1, .rows = 1, .dpi = 300 };
        g_autoptr(Error) error = NULL;
        if (sheet_read_page(wrong[i], &size, &error))
            fail_msg("'%s' became %d x %d", wrong[i], size.width, size.height);
        assert_int_equal(error->kind, ERROR_CONFIG);
        assert_non_null(error->fix);
    }
}

/* Each cell lies on the page, and no two lie over each other. */
static void assert_apart(const SheetLayout *layout)
{
    unsigned cells = sheet_cells(layout);

    for (unsigned i = 0; i < cells; i++) {
        SheetPoint at = sheet_cell(layout, i);
        assert_true(at.x >= layout->margin && at.y >= layout->margin + 2 * layout->header_letters);
        assert_true(at.x + layout->cell_width <= layout->width - layout->margin);
        assert_true(at.y + layout->cell_height <= layout->height - layout->margin);
        for (unsigned j = i + 1; j < cells; j++) {
            SheetPoint other = sheet_cell(layout, j);
            bool beside =
                other.x >= at.x + layout->cell_width || at.x >= other.x + layout->cell_width;
            bool below =
                other.y >= at.y + layout->cell_height || at.y >= other.y + layout->cell_height;
            assert_true(beside || below);
        }
    }
}

static void cells_fill_the_page_and_never_meet(void **state)
{
    static const char *const pages[] = { "a4", "a3", "letter", "297x210mm", "701x333" };

    (void) state;
    for (size_t page = 0; page < G_N_ELEMENTS(pages); page++)
        for (int columns = 1; columns <= 9; columns += 2)
            for (int flags = 0; flags < 4; flags++) {
                SheetSize size = size_of(pages[page], 150);
                SheetLayout layout = { 0 };
                g_autoptr(Error) error = NULL;
                size.columns = columns;
                size.rows = 4;
                size.has_header = flags & 1;
                size.has_captions = flags & 2;
                assert_true(sheet_layout(&size, &layout, &error));
                assert_apart(&layout);
                assert_true(layout.across * columns > layout.width - 2 * layout.margin - columns);
                assert_int_equal(layout.picture_height == layout.cell_height, !size.has_captions);
            }
}

static void cells_without_room_for_a_picture_are_refused(void **state)
{
    SheetSize size = size_of("640x480", 72);
    SheetLayout layout = { 0 };
    g_autoptr(Error) wide = NULL, high = NULL;

    (void) state;
    size.columns = 60;
    assert_false(sheet_layout(&size, &layout, &wide));
    assert_non_null(strstr(wide->what, "60 columns"));
    size.columns = 5;
    size.rows = 20;
    size.has_captions = true;
    assert_false(sheet_layout(&size, &layout, &high));
}

static void pictures_go_on_on_the_next_page(void **state)
{
    SheetSize size = size_of("a4", 100);
    SheetLayout layout = { 0 };
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(sheet_layout(&size, &layout, &error));
    assert_int_equal(sheet_pages(&layout, 1), 1);
    assert_int_equal(sheet_pages(&layout, 35), 1);
    assert_int_equal(sheet_pages(&layout, 36), 2);
    SheetPoint first = sheet_cell(&layout, 0), sixth = sheet_cell(&layout, 5);
    SheetPoint on_next = sheet_cell(&layout, 35);
    assert_true(sixth.x == first.x && sixth.y == first.y + layout.down);
    assert_true(on_next.x == first.x && on_next.y == first.y);
}

static void assert_name(const char *output, unsigned page, unsigned pages, const char *expected)
{
    g_autofree char *name = sheet_name(output, page, pages);

    assert_string_equal(name, expected);
}

static void several_pages_are_numbered(void **state)
{
    (void) state;
    assert_name("/a/index.jpg", 1, 1, "/a/index.jpg");
    assert_name("/a/index.jpg", 1, 2, "/a/index-1.jpg");
    assert_name("/a/index.jpg", 12, 12, "/a/index-12.jpg");
    assert_name("/a.b/in.dex.tif", 2, 2, "/a.b/in.dex-2.tif");
}

static void assert_lenient(const char *caption, const char *expected)
{
    g_autofree char *text = sheet_lenient(caption);

    assert_string_equal(text, expected);
}

static void a_value_of_a_caption_may_be_missing(void **state)
{
    (void) state;
    assert_lenient("{name}", "{name|}");
    assert_lenient("{stem} {taken:%d.%m.%Y}", "{stem|} {taken:%d.%m.%Y|}");
    assert_lenient("{camera|unknown}", "{camera|unknown}");
    assert_lenient("{source.width * 2} {{name}}", "{source.width * 2} {{name}}");
    assert_lenient("{", "{");
    assert_lenient("{}", "{}");
}

static void assert_steps(const char *written, const char *expected)
{
    g_autofree char *text = g_strdup(written);
    const ProfileText profile = { .text = text };
    g_autofree char *steps = sheet_steps_of(&profile);
    g_auto(GStrv) words = g_strsplit_set(steps, " \n", -1);
    GString *packed = g_string_new(NULL);

    for (char **word = words; *word; word++)
        g_string_append(packed, *word);
    assert_string_equal(packed->str, expected);
    g_string_free(packed, TRUE);
}

static void a_profile_prepares_a_cell_without_what_it_saves(void **state)
{
    static const char web[] =
        "profile \"w{b\" {\n upright {}\n scale { width = 20 }\n save { name = \"}\" }\n}";
    static const char pages[] = "profile p { pages = all dpi=300\n blur{} save{} grey {} }";
    static const char branch[] =
        "profile 'x' { branch { scale { width = 9 } save {} } text { text = '}' } save {}}";
    static const char none[] = "profile x { save {} }";

    (void) state;
    assert_steps(web, "upright{}scale{width=20}");
    assert_steps(pages, "dpi=300blur{}grey{}");
    assert_steps(branch, "text{text='}'}");
    assert_steps(none, "");
}

/* ---- pages as files ---- */

static void write_cell(const char *path, const char *head, size_t pixels, char value)
{
    GString *bytes = g_string_new(head);

    for (size_t i = 0; i < pixels; i++)
        g_string_append_c(bytes, value);
    assert_true(g_file_set_contents(path, bytes->str, (gssize) bytes->len, NULL));
    g_string_free(bytes, TRUE);
}

static void a_cell_is_copied_to_its_place_and_nowhere_else(void **state)
{
    enum { WIDTH = 20, HEIGHT = 130, SIZE = WIDTH * HEIGHT * 3 };
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "page.tif", NULL);
    g_autofree char *cell = g_build_filename(dir, "cell.ppm", NULL);
    const PageArea area = { 3, 60, 5, 10 };
    g_auto(PageFile) page = { .fd = -1 };
    g_autoptr(Error) error = NULL;
    static unsigned char pixels[SIZE];

    (void) state;
    write_cell(cell, "P6\n5 10\n255\n", 150, 7);
    assert_true(page_file_new(path, WIDTH, HEIGHT, 255, &page, &error));
    assert_true(page_file_lay(&page, cell, &area, &error));
    assert_int_equal(pread(page.fd, pixels, SIZE, page.pixels), SIZE);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH * 3; x++) {
            bool inside = y >= 60 && y < 70 && x >= 9 && x < 24;
            assert_int_equal(pixels[y * WIDTH * 3 + x], inside ? 7 : 255);
        }
    check_rmdir(dir);
}

static void assert_refused(const char *dir, const char *head, size_t pixels)
{
    g_autofree char *path = g_build_filename(dir, "page.tif", NULL);
    g_autofree char *cell = g_build_filename(dir, "cell.ppm", NULL);
    const PageArea area = { 0, 0, 5, 10 };
    g_auto(PageFile) page = { .fd = -1 };
    g_autoptr(Error) error = NULL;

    write_cell(cell, head, pixels, 0);
    unlink(path);
    assert_true(page_file_new(path, 20, 20, 255, &page, &error));
    assert_false(page_file_lay(&page, cell, &area, &error));
    assert_int_equal(error->kind, ERROR_INTERNAL);
}

static void a_cell_of_another_size_or_kind_is_refused(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    assert_refused(dir, "P6\n5 10\n255\n", 149);
    assert_refused(dir, "P6\n5 10\n255\n", 151);
    assert_refused(dir, "P6\n10 5\n255\n", 150);
    assert_refused(dir, "P5\n5 10\n255\n", 150);
    assert_refused(dir, "", 0);
    check_rmdir(dir);
}

static void a_page_never_takes_the_place_of_a_file(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "page.tif", NULL);
    g_auto(PageFile) page = { .fd = -1 };
    g_autoptr(Error) error = NULL;
    g_autofree char *text = NULL;

    (void) state;
    check_write(dir, "page.tif", "mine");
    assert_false(page_file_new(path, 20, 20, 255, &page, &error));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "mine");
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_a_name_or_two_lengths),
        cmocka_unit_test(a_page_that_is_none_is_refused_with_a_cure),
        cmocka_unit_test(cells_fill_the_page_and_never_meet),
        cmocka_unit_test(cells_without_room_for_a_picture_are_refused),
        cmocka_unit_test(pictures_go_on_on_the_next_page),
        cmocka_unit_test(several_pages_are_numbered),
        cmocka_unit_test(a_value_of_a_caption_may_be_missing),
        cmocka_unit_test(a_profile_prepares_a_cell_without_what_it_saves),
        cmocka_unit_test(a_cell_is_copied_to_its_place_and_nowhere_else),
        cmocka_unit_test(a_cell_of_another_size_or_kind_is_refused),
        cmocka_unit_test(a_page_never_takes_the_place_of_a_file),
    };

    return cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
}
