/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Phatch's users look for: every action and setting of theirs is answered with ours. */
#include <string.h>

#include "actions/every_step.h"
#include "actions/phatch.h"
#include "base/text.h"
#include "tests/actions/check.h"

/* What Phatch 0.2.7 shows of its actions. */
static const struct {
    const char *action, *settings;
} theirs[] = {
    { "Auto Contrast", "Cutoff,Amount" },
    { "Background", "Fill,Color,Mark,Opacity,Method,Orientation,Position,Offset,Horizontal "
                    "Offset,Vertical Offset,Horizontal Justification,Vertical Justification" },
    { "Border", "Method,Border Width,Left,Right,Top,Bottom,Color,Opacity" },
    { "Brightness", "Amount" },
    { "Canvas", "Canvas Width,Canvas Height,Resolution,Align Horizontal,Align Vertical,"
                "Background Color,Opacity" },
    { "Color to Alpha", "Select Color By,Color Value" },
    { "Colorize", "Black,White,Amount" },
    { "Common", "Radius,Amount" },
    { "Contour", "Size,Offset,Contour Color,Fill Color,Opacity,Include image" },
    { "Contrast", "Amount" },
    { "Convert Mode", "Mode" },
    { "Copy", "File Name,In" },
    { "Crop", "Mode,All,Left,Right,Top,Bottom" },
    { "Delete Tags", "Method,Tag" },
    { "Desaturate", "Amount" },
    { "Effect", "Filter,Repeat,Amount" },
    { "Equalize", "Amount" },
    { "Fit", "Canvas Width,Canvas Height,Resolution,Align Horizontal,Align Vertical,Bleed,"
             "Resample Image" },
    { "Geotag", "GPS Data (gpx),GPS Report (csv),Time Shift (seconds)" },
    { "Grid", "Columns,Rows,Scale to Keep Size,Column Line Width,Row Line Width,Line Color,"
              "Line Opacity" },
    { "Highlight", "Highlight,Resample Highlight,Opacity" },
    { "Imagemagick", "Action" },
    { "Imagemagick: 3D Edge", "" },
    { "Imagemagick: Blur", "Blur Radius,Blur Sigma" },
    { "Imagemagick: Bullet", "Color" },
    { "Imagemagick: Charcoal", "Charcoal Radius" },
    { "Imagemagick: Motion Blur", "Blur Radius,Blur Sigma,Blur Angle" },
    { "Imagemagick: Paint", "Paint Radius" },
    { "Imagemagick: Pencil Sketch", "Sketch Radius,Sketch Sigma,Sketch Angle" },
    { "Imagemagick: Polaroid", "Border Color,Shadow Color,Caption" },
    { "Imagemagick: Shadow", "Horizontal Offset,Vertical Offset,Shadow Color" },
    { "Imagemagick: Sharpen", "Sharpen Radius,Sharpen Sigma" },
    { "Imagemagick: Sigmoidal Contrast", "Contrast Factor,Contrast Treshold" },
    { "Imagemagick: Unsharp", "Unsharp Radius,Unsharp Sigma" },
    { "Imagemagick: Wave", "Wave Height,Wave Length" },
    { "Invert", "Amount" },
    { "Lossless JPEG",
      "File Name,In,Utility,Transformation,Angle,Direction,Preserve Timestamp,Show Advanced "
      "Options,Update JPEG,Update Exif Thumbnail,Update Orientation Tag,Transformation "
      "(jpegtran),Copy,Angle (jpegtran),Direction (jpegtran),Mode,All,Left,Right,Top,Bottom" },
    { "Mask", "Mask,Resample Mask" },
    { "Maximum", "Radius,Amount" },
    { "Median", "Radius,Amount" },
    { "Minimum", "Radius,Amount" },
    { "Mirror", "Direction" },
    { "Offset", "Horizontal Offset,Vertical Offset" },
    { "Perspective", "Projection,Scale,Left Shear Angle,Top Shear Angle,Bottom Shear Factor,"
                     "Right Shear Factor,Horizontal Offset,Vertical Offset,Transpose,"
                     "Background Color,Background Opacity,Resample Image,Auto Crop" },
    { "Posterize", "Bits,Amount" },
    { "Blender",
      "Render Width,Render Height,Object,Image Size,Cover Color,Page Mapping,Left Page,Box "
      "Color,Box Depth,Lid Rotation,Camera,Camera Horizontal Rotation,Camera Vertical "
      "Rotation,Camera Roll,Camera Lens Angle,Camera Distance,Show Floor Options,Use Floor,Floor "
      "Color,Floor Reflection,Floor Opacity,Transparent Background,Show Background "
      "Options,Background,Background Color,Gradient Top,Gradient Bottom,Auto Crop,Stars,Stars "
      "Color,Mist" },
    { "Geek", "Command,Verify Program,Verify Input,Verify Output,Allow as last action" },
    { "Rank", "Radius,Rank,Amount" },
    { "Reflection", "Depth,Gap,Opacity,Blur Reflection,Scale Reflection,Scale Method,"
                    "Background Color,Background Opacity" },
    { "Rename", "File Name,In" },
    { "Rename Tag", "From,To" },
    { "Rotate", "Angle,Resample Image,Expand,Amount,Background Color,Background Opacity" },
    { "Round", "Radius,Same Method for All Corners,Method,Top Left Corner,Top Right Corner,"
               "Bottom Left Corner,Bottom Right Corner,Background Color,Opacity" },
    { "Saturation", "Amount" },
    { "Save", "File Name,As,In,Resolution,Show Type Options,PNG Optimize,JPEG Quality,JPEG Size "
              "Maximum,JPEG Size Tolerance,TIFF Compression,Metadata" },
    { "Save Tags", "File Name,In" },
    { "Scale", "Canvas Width,Canvas Height,Resolution,Constrain Proportions,Resample Image,"
               "Scale Down Only" },
    { "Shadow",
      "Horizontal Offset,Vertical Offset,Border,Shadow Blur,Background Color,Shadow Color,"
      "Force Background Color" },
    { "Sketch", "Details Degree" },
    { "Solarize", "Treshold,Amount" },
    { "Tamogen", "Fill Type,Fill Image,Fill Folder,Rows,Columns,Canvas Width,Canvas Height" },
    { "Text", "Text,Font,Size,Color,Orientation,Position,Offset,Horizontal Offset,Vertical Offset,"
              "Horizontal Justification,Vertical Justification" },
    { "Time Shift", "Change,Use exif datetime,Seconds,Minutes,Hours,Days,Months,Years" },
    { "Transpose", "Method,Amount" },
    { "Transpose: Orientation", "" },
    { "Warm Up", "Midtone,Brighten,Amount" },
    { "Watermark", "Mark,Opacity,Method,Orientation,Position,Offset,Horizontal Offset,Vertical "
                   "Offset,Horizontal Justification,Vertical Justification" },
    { "Write Tag", "Tag,Value" },
};

static const PhatchSetting *setting_of(const PhatchAction *action, const char *name)
{
    for (const PhatchSetting *s = action->settings; s && s->name; s++)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}

static void every_action_and_setting_of_phatch_has_its_row(void **state)
{
    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(theirs); i++) {
        const PhatchAction *action = phatch_find(theirs[i].action);
        g_auto(GStrv) names = g_strsplit(theirs[i].settings, ",", -1);
        guint rows = 0;

        if (!action || strcmp(action->name, theirs[i].action) != 0) {
            fail_msg("%s: no row", theirs[i].action);
            continue;
        }
        while (action->settings && action->settings[rows].name)
            rows++;
        for (char **name = names; *name; name++)
            if (!setting_of(action, *name))
                fail_msg("%s: %s: no row", theirs[i].action, *name);
        assert_int_equal(rows, g_strv_length(names));
    }
}

static void an_action_of_phatch_is_found_however_it_is_written(void **state)
{
    (void) state;
    assert_string_equal(phatch_find("auto contrast")->name, "Auto Contrast");
    assert_string_equal(phatch_find("COLOR_TO_ALPHA")->name, "Color to Alpha");
    assert_string_equal(phatch_find("imagemagick sharpen")->name, "Imagemagick: Sharpen");
    assert_string_equal(phatch_find("3D Edge")->name, "Imagemagick: 3D Edge");
    assert_string_equal(phatch_find("Contrast")->name, "Contrast");
    assert_string_equal(phatch_find("autocontrast")->name, "Auto Contrast");
    assert_string_equal(phatch_find("Colourise")->name, "Colorize");
    assert_string_equal(phatch_find("Orientation")->actions, "upright");
    assert_null(phatch_find("Auto"));
    assert_null(phatch_find(""));
}

/* "Scale/Resolution Fit/Resolution" of those that are found; newly allocated. */
static char *places(const char *word)
{
    g_autoptr(GArray) found = phatch_settings(word);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < found->len; i++) {
        const PhatchPlace *place = &g_array_index(found, PhatchPlace, i);
        g_string_append_printf(out, "%s%s/%s", i ? " " : "", place->action->name,
                               place->setting->name);
    }
    return g_string_free(out, FALSE);
}

static void a_setting_of_phatch_is_found_by_its_name_and_by_its_values(void **state)
{
    static const char *const rows[][2] = {
        { "Scale Down Only", "Scale/Scale Down Only" },
        { "scale down only", "Scale/Scale Down Only" },
        { "Constrain", "Scale/Constrain Proportions" },
        { "Align H", "Canvas/Align Horizontal Fit/Align Horizontal" },
        { "Align V", "Canvas/Align Vertical Fit/Align Vertical" },
        { "Scale: Resolution", "Scale/Resolution" },
        { "Palette", "Convert Mode/Mode" },
        { "CMYK", "Convert Mode/Mode" },
        { "YCbCr", "Convert Mode/Mode" },
        { "Flip Left Right", "Transpose/Method" },
        { "Solarize: Threshold", "Solarize/Treshold" },
        { "the", "" },
        { "Phatch", "" },
        { "", "" },
        { ":", "" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *found = places(rows[i][0]);
        assert_string_equal(found, rows[i][1]);
    }
}

static void every_setting_of_phatch_is_found_by_its_name(void **state)
{
    (void) state;
    for (const PhatchAction *a = phatch_actions; a->name; a++)
        for (const PhatchSetting *s = a->settings; s && s->name; s++) {
            g_autofree char *place = g_strdup_printf("%s/%s", a->name, s->name);
            g_autofree char *found = places(s->name);
            if (!strstr(found, place))
                fail_msg("%s is not among %s", place, found);
        }
}

static void a_name_of_phatch_with_a_mistake_is_guessed(void **state)
{
    (void) state;
    assert_string_equal(phatch_closest("auto contras"), "Auto Contrast");
    assert_string_equal(phatch_closest("sclae down only"), "Scale Down Only");
    assert_string_equal(phatch_closest("Motoin Blur"), "Motion Blur");
    assert_null(phatch_closest("lorem ipsum"));
}

static bool is_a_part_of_a_line(const char *remark)
{
    return *remark && !strchr(remark, '\n') && !g_str_has_suffix(remark, ".") &&
           !g_ascii_isspace(*remark);
}

static void every_row_is_sorted_and_says_something(void **state)
{
    (void) state;
    for (const PhatchAction *a = phatch_actions; a->name; a++) {
        assert_true(!a[1].name || strcmp(a->name, a[1].name) < 0);
        assert_true(!a->remark || is_a_part_of_a_line(a->remark));
        for (const PhatchSetting *s = a->settings; s && s->name; s++)
            if (s->remark ? !is_a_part_of_a_line(s->remark) : !s->setting)
                fail_msg("%s: %s: what is it here?", a->name, s->name);
    }
}

static const Action *first_of(const PhatchAction *row)
{
    g_auto(GStrv) names = g_strsplit(row->actions, " ", -1);

    return action_find(names[0]);
}

static void every_row_names_actions_and_settings_that_there_are(void **state)
{
    (void) state;
    for (const PhatchAction *a = phatch_actions; a->name; a++) {
        g_auto(GStrv) names = g_strsplit(a->actions, " ", -1);
        for (char **name = names; *name; name++)
            if (!action_find(*name))
                fail_msg("%s: there is no %s", a->name, *name);
        for (const PhatchSetting *s = a->settings; s && s->name; s++) {
            const Action *action = s->action ? action_find(s->action) : first_of(a);
            if (!action || (s->setting && !param_find(action_params(action), s->setting)))
                fail_msg("%s: %s: there is no %s of %s", a->name, s->name, s->setting,
                         s->action ? s->action : a->actions);
        }
    }
}

/* A word in backquotes is one of a profile, mostly with the value that it is given. */
static void every_step_that_a_remark_shows_is_right(void **state)
{
    (void) state;
    for (const PhatchAction *a = phatch_actions; a->name; a++)
        for (const PhatchSetting *s = a->settings; s && s->name; s++) {
            const Action *action = s->action ? action_find(s->action) : first_of(a);
            g_auto(GStrv) parts = g_strsplit(s->remark ? s->remark : "", "`", -1);
            for (guint i = 1; i < g_strv_length(parts); i += 2) {
                g_auto(GStrv) words = g_strsplit(parts[i], " ", -1);
                for (guint w = 0; words[w] && words[w + 1] && words[w + 2]; w += 3) {
                    const Param *param = param_find(action_params(action), words[w]);
                    g_autoptr(Error) error = NULL;
                    if (!param || !param_read(param, words[w + 2], NULL, &error))
                        fail_msg("%s: %s: %s", a->name, s->name, parts[i]);
                }
            }
        }
}

/* `hotfolder actions` prints aliases: the name that Phatch gives an action is among them. */
static void every_name_of_phatch_is_an_alias_or_the_name(void **state)
{
    (void) state;
    for (const PhatchAction *a = phatch_actions; a->name; a++) {
        bool many = strchr(a->name, ':') || strstr(a->actions, " ");
        if (!many && action_of_word(a->name) != first_of(a))
            fail_msg("%s: is no alias of %s", a->name, a->actions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_and_setting_of_phatch_has_its_row),
        cmocka_unit_test(an_action_of_phatch_is_found_however_it_is_written),
        cmocka_unit_test(a_setting_of_phatch_is_found_by_its_name_and_by_its_values),
        cmocka_unit_test(every_setting_of_phatch_is_found_by_its_name),
        cmocka_unit_test(a_name_of_phatch_with_a_mistake_is_guessed),
        cmocka_unit_test(every_row_is_sorted_and_says_something),
        cmocka_unit_test(every_row_names_actions_and_settings_that_there_are),
        cmocka_unit_test(every_step_that_a_remark_shows_is_right),
        cmocka_unit_test(every_name_of_phatch_is_an_alias_or_the_name),
    };

    return cmocka_run_group_tests_name("phatch", tests, NULL, NULL);
}
