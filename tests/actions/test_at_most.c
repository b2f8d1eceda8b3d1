/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which qualities are tried until a picture has at most a number of bytes. */
#include <string.h>
#include <unistd.h>

#include "actions/at_most.h"
#include "tests/actions/check.h"
#include "tests/actions/pictures.h"

static int encodes, tried[101]; /* how often each quality was */

/* The linker has every encode counted here. */
/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
bool __real_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                   int fd, Error **err);
bool __wrap_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                   int fd, Error **err);

bool __wrap_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                   int fd, Error **err)
{
    encodes++;
    tried[encoding->quality]++;
    return __real_encode(pixels, encoding, blocks, fd, err);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

/* Whether a photo with at most this quality fits into `most` bytes. */
static bool fits(int quality, int64_t most, Error **err)
{
    const Encoding encoding = { .format = FORMAT_JPEG, .quality = quality };
    const MetadataBlocks blocks = { 0 };
    g_autoptr(VipsImage) photo = picture_photo(60, 40);
    int fd = picture_bytes("", 0);

    encodes = 0;
    memset(tried, 0, sizeof(tried));
    bool fit = at_most_encode(photo, &encoding, &blocks, most, fd, err);
    close(fd);
    return fit;
}

static void no_quality_is_tried_twice_where_none_fits(void **state)
{
    static const int highest[] = { 1, 2, 3, 4, 40, 80, 0 };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(highest); i++) {
        g_autoptr(Error) error = NULL;
        assert_false(fits(highest[i], 100, &error));
        assert_true(g_str_has_prefix(error->what, "at_most = 100B is too little for this picture"));
        assert_int_equal(tried[1], 1);
        for (size_t quality = 0; quality < G_N_ELEMENTS(tried); quality++)
            assert_true(tried[quality] <= 1);
    }
}

static void a_quality_that_fits_at_once_is_encoded_once(void **state)
{
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(fits(1, 100000, &error));
    assert_int_equal(encodes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_quality_is_tried_twice_where_none_fits),
        cmocka_unit_test(a_quality_that_fits_at_once_is_encoded_once),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_at_most", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("at_most", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
