/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which page of a TIFF is the picture, and how many there are, in both orders of bytes and in
 * BigTIFF. */
#include <sys/mman.h>

#include "formats/tiff.h"
#include "tests/unit/check.h"

enum { NEW_SUBFILE = 254, SUBFILE = 255, PHOTOMETRIC = 262, SHORT = 3, LONG = 4 };

typedef struct Page {
    unsigned tag, value; /* its only entry */
    unsigned next;       /* number of the page behind it; 0: it is the last */
} Page;

static void put(GByteArray *to, const TiffLayout *layout, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        unsigned shift = 8 * (layout->big_endian ? size - 1 - i : i);
        unsigned char byte = (unsigned char) (value >> shift);
        g_byte_array_append(to, &byte, 1);
    }
}

static uint64_t place_of(const TiffLayout *layout, unsigned page)
{
    return TIFF_HEADER + (uint64_t) page * (layout->count + layout->entry + layout->word);
}

static void put_page(GByteArray *to, const TiffLayout *layout, const Page *page)
{
    bool is_long = page->tag == NEW_SUBFILE;

    put(to, layout, 1, layout->count);
    put(to, layout, page->tag, 2);
    put(to, layout, is_long ? LONG : SHORT, 2);
    put(to, layout, 1, layout->word);
    put(to, layout, page->value, is_long ? 4 : 2);
    put(to, layout, 0, layout->word - (is_long ? 4 : 2));
    put(to, layout, page->next ? place_of(layout, page->next) : 0, layout->word);
}

static GByteArray *file_of(const TiffLayout *layout, const Page *pages, unsigned count)
{
    GByteArray *to = g_byte_array_new();

    put(to, layout, layout->big_endian ? 0x4d4d : 0x4949, 2);
    put(to, layout, layout->word == 8 ? 43 : 42, 2);
    if (layout->word == 8)
        put(to, layout, layout->big_endian ? 0x00080000 : 8, 4);
    put(to, layout, place_of(layout, 0), layout->word);
    put(to, layout, 0, TIFF_HEADER - to->len);
    for (unsigned i = 0; i < count; i++)
        put_page(to, layout, pages + i);
    return to;
}

static void check_layout(const TiffLayout *layout, const Page *pages, unsigned count,
                         const TiffPages *wanted)
{
    g_autoptr(GByteArray) file = file_of(layout, pages, count);
    int fd = memfd_create("tiff", MFD_CLOEXEC);
    Bytes bytes;

    assert_int_equal(write(fd, file->data, file->len), file->len);
    assert_true(bytes_begin(&bytes, fd, UINT64_MAX));
    TiffPages found = tiff_pages(&bytes);
    assert_int_equal(found.directories, wanted->directories);
    assert_int_equal(found.pictures, wanted->pictures);
    assert_int_equal(found.chosen, wanted->chosen);
    assert_int_equal(found.at, place_of(layout, wanted->chosen));
    assert_int_equal(tiff_picture(&bytes), found.at);
    bool whole = false;
    g_autoptr(GArray) all = tiff_pictures(&bytes, &whole);
    assert_true(whole);
    assert_int_equal(all->len, MAX(1, wanted->pictures));
    assert_int_equal(g_array_index(all, uint64_t, 0), found.at);
    close(fd);
}

static void check_pages(const Page *pages, unsigned count, TiffPages wanted)
{
    for (int big = 0; big < 2; big++)
        for (int big_endian = 0; big_endian < 2; big_endian++) {
            const TiffLayout layout = { .big_endian = big_endian,
                                        .word = big ? 8 : 4,
                                        .count = big ? 8 : 2,
                                        .entry = big ? 20 : 12 };
            check_layout(&layout, pages, count, &wanted);
        }
}

static void reduced_copies_and_masks_are_not_the_picture(void **state G_GNUC_UNUSED)
{
    static const Page others[] = {
        { NEW_SUBFILE, 1, 1 }, { NEW_SUBFILE, 4, 1 }, { SUBFILE, 2, 1 }, { PHOTOMETRIC, 4, 1 }
    };
    static const Page pictures[] = {
        { NEW_SUBFILE, 0, 0 }, { NEW_SUBFILE, 2, 0 }, { SUBFILE, 1, 0 }, { PHOTOMETRIC, 2, 0 }
    };

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(pictures); k++) {
            const Page pages[] = { others[i], pictures[k] };
            check_pages(pages, 2, (TiffPages){ .directories = 2, .pictures = 1, .chosen = 1 });
        }
}

static void the_first_page_is_taken_where_none_is_a_picture(void **state G_GNUC_UNUSED)
{
    static const Page pages[] = { { NEW_SUBFILE, 1, 1 }, { NEW_SUBFILE, 4, 0 } };

    check_pages(pages, 2, (TiffPages){ .directories = 2 });
}

/* The last page of a file is said to have one behind it, where the file ends. */
static void a_page_that_cannot_be_read_shows(void **state G_GNUC_UNUSED)
{
    static const Page pages[] = { { NEW_SUBFILE, 0, 1 }, { NEW_SUBFILE, 0, 2 } };
    const TiffLayout layout = { .word = 4, .count = 2, .entry = 12 };
    g_autoptr(GByteArray) file = file_of(&layout, pages, G_N_ELEMENTS(pages));
    int fd = memfd_create("tiff", MFD_CLOEXEC);
    Bytes bytes;
    bool whole = true;

    assert_int_equal(write(fd, file->data, file->len), file->len);
    assert_true(bytes_begin(&bytes, fd, UINT64_MAX));
    g_autoptr(GArray) all = tiff_pictures(&bytes, &whole);
    assert_false(whole);
    assert_int_equal(all->len, G_N_ELEMENTS(pages));
    close(fd);
}

static void pages_in_a_circle_count_once(void **state G_GNUC_UNUSED)
{
    static const Page pages[] = { { NEW_SUBFILE, 0, 1 },
                                  { NEW_SUBFILE, 2, 2 },
                                  { NEW_SUBFILE, 1, 1 } };
    static const Page reduced[] = { { SUBFILE, 2, 1 }, { SUBFILE, 2, 2 }, { SUBFILE, 2, 1 } };

    check_pages(pages, 3, (TiffPages){ .directories = 3, .pictures = 2 });
    check_pages(reduced, 3, (TiffPages){ .directories = 3 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reduced_copies_and_masks_are_not_the_picture),
        cmocka_unit_test(the_first_page_is_taken_where_none_is_a_picture),
        cmocka_unit_test(a_page_that_cannot_be_read_shows),
        cmocka_unit_test(pages_in_a_circle_count_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
