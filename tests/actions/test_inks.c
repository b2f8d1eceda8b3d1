/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures of CMYK, which `icc` makes for printing: what is planned of them, which steps work on
 * them, and what is said of those that do not. What their colours are is compared in tests/foreign.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "actions/pixels.h"
#include "actions/runner.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"
#include "tests/actions/kinds.h"

static char press[] = "/tmp/hotfolder-press-XXXXXX"; /* the profile of one */

static int set_up(void **state)
{
    VipsBlob *profile = NULL;
    size_t size = 0;
    int fd = mkstemp(press);

    (void) state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(vips_profile_load("cmyk", &profile, NULL), 0);
    const void *bytes = vips_blob_get(profile, &size);
    assert_true(g_file_set_contents(press, bytes, (gssize) size, NULL));
    vips_area_unref(VIPS_AREA(profile));
    kinds_make();
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    kinds_free();
    return unlink(press);
}

/* Steps with the file in place of PRESS; newly allocated. */
static char *with_press(const char *steps)
{
    g_auto(GStrv) parts = g_strsplit(steps, "PRESS", -1);
    g_autofree char *quoted = g_strdup_printf("\"%s\"", press);

    return g_strjoinv(quoted, parts);
}

/* ---- what is made ---- */

/* Each step makes the shape that was planned. */
static void is_as_planned(const Picture *picture, const char *steps)
{
    g_autofree char *text = with_press(steps);
    g_autofree char *saved = g_strconcat(text, "\nsave { format = tiff }", NULL);
    g_autoptr(GPtrArray) profiles = desk_profiles(saved);
    const Profile *profile = profiles->pdata[0];
    g_autoptr(Image) image = kinds_open(picture, NULL);
    g_autoptr(Runner) runner = runner_new(image);

    for (guint i = 0; i + 1 < profile->steps->len; i++) {
        const Step *step = profile_step(profile, i);
        g_autoptr(Error) error = NULL;
        Shape planned = image_shape(image);
        g_autofree void *finished =
            action_finished(step->action, step->settings, image, &planned, &error);
        bool good = finished && runner_plan(step->action, finished, &planned, &error) &&
                    runner_step(runner, step->action, step->settings, true, &error) &&
                    runner_finish(runner, &error) && image_to_memory(image, &error);
        if (!good)
            fail_msg("%s, %s: %s", picture->name, step->action->name, error->what);
        const Shape made = image_shape(image);
        assert_int_equal(made.width, planned.width);
        assert_int_equal(made.height, planned.height);
        assert_int_equal(made.colours, planned.colours);
        assert_int_equal(made.alpha, planned.alpha);
        assert_int_equal(made.format, planned.format);
    }
}

static void inks_are_made_of_every_kind_of_picture_as_planned(void **state)
{
    (void) state;
    for (size_t i = 0; i < picture_count; i++) {
        is_as_planned(&pictures[i], "icc { to = PRESS }");
        is_as_planned(&pictures[i],
                      "icc { to = PRESS }\nturn { angle = 90 mirror = vertical }\nupright {}\n"
                      "mirror { direction = horizontal }\nroll {}\nicc { to = p3 }\nsharpen {}");
    }
}

static void inks_are_saved_as_inks_of_the_same_size(void **state)
{
    static const struct {
        const char *save;
        int bits;
    } saves[] = { { "format = tiff", 16 },
                  { "format = tiff compression = jpeg", 8 },
                  { "format = tiff pyramid = yes", 16 },
                  { "format = jpeg", 8 },
                  { "format = jpeg subsampling = 422 progressive = yes", 8 } };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(saves); i++) {
        g_autofree char *steps =
            g_strdup_printf("convert { depth = 16 }\nicc { to = PRESS }\nturn { angle = 90 }\n"
                            "save { %s }",
                            saves[i].save);
        g_autofree char *text = with_press(steps);
        g_autoptr(VipsImage) photo = picture_photo(37, 21);
        g_autoptr(Desk) desk = desk_new();
        g_autoptr(Error) error = NULL;
        if (!desk_run(desk, picture_file(photo, ".png"), text, &error))
            fail_msg("%s: %s", saves[i].save, error->what);
        g_autoptr(VipsImage) made = desk_output(desk, 0);
        assert_int_equal(made->Type, VIPS_INTERPRETATION_CMYK);
        assert_int_equal(made->Bands, PIXELS_INKS);
        assert_int_equal(made->BandFmt,
                         saves[i].bits == 8 ? VIPS_FORMAT_UCHAR : VIPS_FORMAT_USHORT);
        assert_int_equal(made->Xsize, 21);
        assert_int_equal(made->Ysize, 37);
        assert_true(vips_image_get_typeof(made, VIPS_META_ICC_NAME));
    }
}

/* ---- what is said ---- */

static void is_said(const char *steps, const char *expected)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *text = with_press(steps);
    g_autofree char *document = g_strdup_printf("profile \"p\" {\n%s\n}\n", text);
    g_autoptr(GPtrArray) profiles = profiles_read(document, errors);

    profiles_prepare(profiles, errors);
    g_autoptr(GString) said = g_string_new(NULL);
    for (guint i = 0; i < errors->len; i++) {
        const Error *error = errors->pdata[i];
        g_string_append_printf(said, "%s: %s; %s\n", error->where, error->what, error->fix);
    }
    assert_string_equal(said->str, expected);
}

static void a_step_that_does_not_work_on_inks_is_a_mistake_of_the_profile(void **state)
{
    (void) state;
    is_said("icc { to = PRESS }\nsharpen {}\nsave { format = tiff }",
            "profiles:3: the picture is CMYK here, and sharpen works on grey and RGB; put icc to "
            "CMYK last, before save\n");
    is_said("icc { to = PRESS }\nbranch {\nscale { width = 9 }\nsave { format = tiff } }\n"
            "text { text = x }\nsave { format = jpeg }",
            "profiles:4: the picture is CMYK here, and scale works on grey and RGB; put icc to "
            "CMYK last, before save\n"
            "profiles:6: the picture is CMYK here, and text works on grey and RGB; put icc to "
            "CMYK last, before save\n");
    is_said("branch {\nicc { to = PRESS }\nsave { format = tiff } }\nsharpen {}\nsave {}", "");
    is_said("icc { to = PRESS }\nsharpen { enabled = no }\nsave { format = tiff }", "");
    is_said("icc { to = PRESS }\nicc {}\nsharpen {}\nsave {}", "");
}

static void a_format_without_inks_is_a_mistake_of_the_profile(void **state)
{
    (void) state;
    is_said("icc { to = PRESS }\nsave { format = png }",
            "profiles:3: the picture is CMYK here, and a PNG has RGB or grey; save as tiff or "
            "jpeg, or set space = srgb\n");
    is_said("icc { to = PRESS }\nsave { name = \"{stem}.tif\" compression = webp }",
            "profiles:3: the picture is CMYK here, and a TIFF of this compression has RGB or grey; "
            "choose another compression, or set space = srgb\n");
    is_said("icc { to = PRESS }\nsave { format = avif space = srgb }\nsave {}", "");
}

static void what_a_formula_decides_is_said_of_the_picture(void **state)
{
    static const char steps[] = "icc { to = PRESS enabled = \"{width > 20}\" }\nsharpen {}\n"
                                "save { format = tiff }";
    g_autofree char *text = with_press(steps);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    g_autoptr(VipsImage) narrow = picture_photo(20, 20), wide = picture_photo(21, 20);

    (void) state;
    is_said(steps, "");
    is_said("icc { to = PRESS }\nsharpen { enabled = \"{width > 20}\" }\nsave { format = jpeg }",
            "");
    assert_true(desk_run(desk, picture_file(narrow, ".png"), text, &error));
    assert_false(desk_run(desk, picture_file(wide, ".png"), text, &error));
    assert_string_equal(error->what, "the picture is CMYK here, and sharpen works on grey and RGB");
}

static void no_picture_comes_in_as_cmyk(void **state)
{
    g_autofree char *expected =
        g_strdup_printf("profiles:2: assume = %s: it is for CMYK, and pictures come in as RGB or "
                        "grey; give a profile of RGB or grey\n",
                        press);

    (void) state;
    is_said("icc { assume = PRESS }\nsave {}", expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inks_are_made_of_every_kind_of_picture_as_planned),
        cmocka_unit_test(inks_are_saved_as_inks_of_the_same_size),
        cmocka_unit_test(a_step_that_does_not_work_on_inks_is_a_mistake_of_the_profile),
        cmocka_unit_test(a_format_without_inks_is_a_mistake_of_the_profile),
        cmocka_unit_test(what_a_formula_decides_is_said_of_the_picture),
        cmocka_unit_test(no_picture_comes_in_as_cmyk),
    };

    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_inks", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("inks", tests, set_up, tear_down);
    libvips_stop();
    return failed;
}
