/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings that formulas compute for each picture. */
#include <string.h>

#include "tests/actions/check.h"
#include "tests/actions/desk.h"
#include "tests/actions/random_steps.h"

static const StepSizes small = { 60, .share = 1, .px_percent = 0.3, .px_mm = 12, .dpi = true };

/* ---- every row of every action ---- */

/* The errors of a profile of that step; NULL where it is right. */
static char *refusal(const char *steps)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *text =
        g_strdup_printf("profile \"web\" { dpi = 300 %s save { name = \"last\" } }", steps);
    g_autoptr(GPtrArray) profiles = profiles_read(text, errors);

    profiles_prepare(profiles, errors);
    return errors->len ? error_text(errors->pdata[0]) : NULL;
}

/* ` row = "value"`, and not the word for none. */
static void add_setting(GString *step, const Param *row, GRand *random)
{
    g_autofree char *value = NULL;

    do {
        g_free(value);
        value = random_value(random, row, &small, MARK);
    } while (row->zero && !strcmp(value, row->zero));
    g_string_append_printf(step, " %s = \"%s\"", row->name, value);
}

/* `action { ... }` with the row, two others unless they are NULL, and what an action needs. */
static char *step_with(const Action *action, const Param *row, const Param *const *others,
                       int format, GRand *random)
{
    GString *step = g_string_new(action->name);
    const Param *formats = param_find(action_params(action), "format");

    g_string_append(step, " {");
    for (const Param *p = action_params(action); p->type != PARAM_END; p++)
        if (p == row || p == others[0] || p == others[1] || (!p->def && !p->zero))
            add_setting(step, p, random);
    if (formats && row != formats && others[0] != formats && others[1] != formats)
        g_string_append_printf(step, " format = %s", formats->choices[format].word);
    if (action->flags & ACTION_BRANCHES)
        g_string_append(step, " save { name = \"inside\" }");
    g_string_append(step, " }");
    return g_string_free(step, FALSE);
}

/* The same with a format that it is right with; NULL: there is none. */
static char *right_step_with(const Action *action, const Param *row, const Param *const *others,
                             GRand *random)
{
    enum { TRIES = 3 };
    const Param *formats = param_find(action_params(action), "format");

    for (int i = 0; i < TRIES; i++)
        for (int format = 0; !format || (formats && formats->choices[format].word); format++) {
            g_autofree char *step = step_with(action, row, others, format, random);
            g_autofree char *wrong = refusal(step);
            if (!wrong)
                return g_steal_pointer(&step);
        }
    return NULL;
}

/* A setting that is right alone may be wrong without one or two others. */
static char *right_step(const Action *action, const Param *row, GRand *random)
{
    const Param *const rows = action_params(action), *others[2] = { NULL, NULL };
    char *step = right_step_with(action, row, others, random);

    for (others[0] = rows; !step && others[0]->type != PARAM_END; others[0]++)
        step = right_step_with(action, row, others, random);
    for (others[0] = rows; !step && others[0]->type != PARAM_END; others[0]++)
        for (others[1] = rows; !step && others[1] < others[0]; others[1]++)
            step = right_step_with(action, row, others, random);
    if (!step)
        fail_msg("%s: %s: no value is right", action->name, row->name);
    return step;
}

static GBytes *output(Desk *desk, guint index)
{
    assert_true(index < desk->files->len);
    return picture_read(g_array_index(desk->files, int, index));
}

/* All outputs of the step and a save after it, of a photo; or why there are none. */
static GBytes *made_by(const char *step)
{
    g_autoptr(VipsImage) photo = picture_photo(40, 30);
    g_autofree char *steps = g_strdup_printf("dpi = 300 %s save { name = \"x.png\" }", step);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    g_autoptr(GByteArray) all = g_byte_array_new();

    if (!desk_run(desk, picture_file(photo, ".png"), steps, &error))
        return g_bytes_new(error->what, strlen(error->what));
    for (guint i = 0; i < desk->files->len; i++) {
        g_autoptr(GBytes) one = output(desk, i);
        gsize size = 0;
        const guint8 *bytes = g_bytes_get_data(one, &size);
        g_byte_array_append(all, bytes, (guint) size);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

static void check_step(const char *plain)
{
    g_autofree char *computed = step_with_formulas(plain, 1);
    g_autofree char *wrong = refusal(computed);

    if (wrong)
        fail_msg("%s: %s", computed, wrong);
    g_autoptr(GBytes) expected = made_by(plain);
    g_autoptr(GBytes) made = made_by(computed);
    if (!g_bytes_equal(expected, made))
        fail_msg("%s makes another picture than %s", computed, plain);
}

static void check_row(const Action *action, const Param *row, GRand *random)
{
    enum { VALUES = 2 };

    for (int i = 0; i < VALUES && param_takes_formula(row); i++) {
        g_autofree char *step = right_step(action, row, random);
        check_step(step);
    }
}

static void a_formula_gives_every_row_of_every_action_what_its_value_would(void **state)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);

    (void) state;
    for (const Action *const *a = actions; *a; a++)
        for (const Param *row = action_params(*a); row->type != PARAM_END; row++)
            check_row(*a, row, random);
}

/* ---- what a picture decides ---- */

/* Does the steps and a save on a photo, which says no rating; the size, or the error's text. */
static char *result(const char *steps, int width, int height)
{
    g_autoptr(VipsImage) photo = picture_photo(width, height);
    g_autofree char *all = g_strdup_printf("%s save { name = \"x.png\" }", steps);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    if (!desk_run(desk, picture_file(photo, ".webp"), all, &error))
        return g_strdup_printf("%s: %s", error_kind_word(error->kind), error->what);
    g_autoptr(VipsImage) made = desk_output(desk, 0);
    return g_strdup_printf("%dx%d", made->Xsize, made->Ysize);
}

static void assert_result(const char *steps, int width, int height, const char *expected)
{
    g_autofree char *made = result(steps, width, height);

    if (strcmp(made, expected) != 0)
        fail_msg("%s: %s, and not %s", steps, made, expected);
}

static void formulas_see_the_picture_as_it_is_when_their_step_begins(void **state)
{
    (void) state;
    assert_result("scale { width = \"{width / 2}\" } scale { width = \"{width / 3}\" }", 90, 60,
                  "15x10");
    assert_result("turn { angle = 90 } scale { width = \"{min(width, 30)}\" }", 90, 60, "30x45");
    assert_result("fit { width = \"{shorter}\" height = \"{shorter}\" }", 90, 60, "60x60");
    assert_result("crop { mode = trim } scale { width = \"{width / 2}\" }", 90, 60, "45x30");
}

static void a_unit_may_follow_the_brace(void **state)
{
    (void) state;
    assert_result("scale { width = \"{2 * 25}%\" }", 90, 60, "45x30");
    assert_result("scale { width = \"{10}mm\" dpi = 127 }", 90, 60, "50x33");
    assert_result("scale { width = \"{10} mm\" dpi = \"{127}\" }", 90, 60, "50x33");
    assert_result("crop { all = \"{width / 9}px\" }", 90, 60, "70x40");
}

static void a_whole_number_is_rounded(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(desk_run(desk, picture_file(photo, ".png"),
                         "save { name = \"a.jpg\" quality = \"{79.5}\" } save { name = \"b.jpg\" "
                         "quality = 80 } save { name = \"c.jpg\" quality = \"{80.4}\" }",
                         &error));
    g_autoptr(GBytes) up = output(desk, 0), plain = output(desk, 1), down = output(desk, 2);
    assert_true(g_bytes_equal(up, plain) && g_bytes_equal(down, plain));
}

static void a_number_is_the_word_that_it_is(void **state)
{
    (void) state;
    assert_result("turn { angle = \"{width}\" }", 90, 60, "60x90");
    assert_result("turn { angle = \"{height * 3}\" }", 90, 60, "90x60");
    assert_result("median { size = \"{width / 30}\" }", 90, 60, "90x60");
    assert_result("convert { depth = \"{4 * 4}\" }", 90, 60, "90x60");
    assert_result("median { size = \"{width / 15}\" }", 60, 60,
                  "picture: size = {width / 15}: 4: no such choice (width = 60)");
}

static void an_area_has_formulas_in_its_lengths(void **state)
{
    (void) state;
    assert_result("pixelate { area = \"{width / 4} 0 {50}% {height / 2}px\" }", 90, 60, "90x60");
    assert_result("pixelate { area = \"{'all'}\" }", 90, 60, "90x60");
    assert_result("pixelate { area = \"0 0 {width - 90} 5\" }", 90, 60,
                  "picture: area = 0 0 {width - 90} 5: 0 0 0px 5: empty (width = 90)");
}

static void a_value_out_of_range_fails_the_picture_and_is_explained(void **state)
{
    (void) state;
    assert_result("scale { width = \"{width - 90}\" }", 90, 60,
                  "picture: width = {width - 90}: 0px: too small (width = 90)");
    assert_result("rotate { angle = \"{width * 5}\" }", 90, 60,
                  "picture: angle = {width * 5}: 450: too large (width = 90)");
    assert_result("round { method = \"{if(width > 10, 'rund', 'cut')}\" }", 90, 60,
                  "picture: method = {if(width > 10, 'rund', 'cut')}: rund: no such choice "
                  "(width = 90)");
    assert_result("scale { width = \"{rating}\" }", 90, 60,
                  "picture: width = {rating}: the picture has no rating");
    assert_result("scale { width = \"{default(rating, 45)}\" }", 90, 60, "45x30");
    assert_result("scale { width = \"{width / (height - 60)}\" }", 90, 60,
                  "picture: width = {width / (height - 60)}: width / (height - 60) is a division "
                  "by zero (width = 90, height = 60)");
}

static void settings_that_contradict_each_other_fail_the_picture(void **state)
{
    (void) state;
    assert_result("crop { left = \"{width}%\" right = 20% }", 90, 60,
                  "picture: left = 90%, right = 20%: 110% of the width is cut off, and nothing "
                  "remains");
    assert_result("crop { left = \"{width}%\" right = 20% }", 40, 40, "16x40");
    assert_result("scale { width = \"{width / 900}mm\" dpi = \"{10}\" }", 90, 60,
                  "picture: width: 0.0393700787 pixels are too small");
}

/* The bytes that the planner asks for. */
static int64_t memory_for(const char *steps)
{
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autofree char *all = g_strdup_printf("%s save { name = \"x.png\" }", steps);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    assert_true(desk_run(desk, picture_file(photo, ".webp"), all, &error));
    return desk->memory;
}

/* The planner asks for memory, and the step takes it. */
static void a_random_number_is_the_same_for_the_same_step_of_the_same_picture(void **state)
{
    static const char step[] = "scale { width = \"{random(20, 80)}\" }";
    g_autofree char *first = result(step, 90, 60);
    g_autofree char *again = result(step, 90, 60);

    (void) state;
    assert_string_equal(first, again);
    assert_false(g_str_has_prefix(first, "picture"));
}

/* In the second step, of settings that are written alike. */
static void the_planner_draws_the_numbers_that_the_step_draws(void **state)
{
    static const char drawn[] = "blur { sigma = 1 } scale { width = \"{random(20, 2000)}\" }";
    g_autofree char *size = result(drawn, 90, 60);
    const int width = (int) strtol(size, NULL, 10);
    g_autofree char *plain = g_strdup_printf("blur { sigma = 1 } scale { width = %d }", width);

    (void) state;
    assert_int_equal(memory_for(drawn), memory_for(plain));
}

static void two_settings_of_one_step_get_two_random_numbers(void **state)
{
    static const char step[] = "crop { left = \"{random(0, 500)}\" top = \"{random(0, 500)}\" }";
    g_autofree char *size = result(step, 600, 600);
    int width = 0, height = 0;

    (void) state;
    assert_int_equal(sscanf(size, "%dx%d", &width, &height), 2);
    assert_int_not_equal(width, height);
}

/* ---- enabled ---- */

static void enabled_may_depend_on_the_picture(void **state)
{
    static const char step[] = "scale { width = 45 enabled = \"{landscape and width > 80}\" }";

    (void) state;
    assert_result(step, 90, 60, "45x30");
    assert_result(step, 70, 60, "70x60");
    assert_result(step, 60, 90, "60x90");
}

static void of_a_step_that_is_left_out_nothing_is_computed(void **state)
{
    (void) state;
    assert_result("scale { width = \"{rating}\" enabled = \"{portrait}\" }", 90, 60, "90x60");
    assert_result("scale { width = \"{rating}\" enabled = no }", 90, 60, "90x60");
    assert_result("blur { amount = \"{if(portrait, 100, 0)}\" }", 90, 60, "90x60");
}

/* The names of the outputs of a photo, and the error or the notes. */
static char *outputs(const char *steps, int width, int height)
{
    g_autoptr(VipsImage) photo = picture_photo(width, height);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    bool done = desk_run(desk, picture_file(photo, ".png"), steps, &error);

    g_ptr_array_add(desk->names, NULL);
    g_autofree char *names = g_strjoinv(" ", (char **) desk->names->pdata);
    return g_strdup_printf("%s|%s", names, done ? desk->notes ? desk->notes : "" : error->what);
}

static void assert_outputs(const char *steps, int width, int height, const char *expected)
{
    g_autofree char *made = outputs(steps, width, height);

    assert_string_equal(made, expected);
}

static void saves_may_exclude_each_other(void **state)
{
    static const char steps[] = "save { name = \"x.png\" enabled = \"{landscape}\" }"
                                "scale { width = 10 enabled = \"{portrait}\" }"
                                "save { name = \"x.png\" enabled = \"{portrait}\" }";

    (void) state;
    assert_outputs(steps, 90, 60, "x.png|");
    assert_outputs(steps, 60, 90, "x.png|");
    assert_outputs(steps, 60, 60, "|");
}

static void without_a_save_that_is_enabled_a_picture_is_done(void **state)
{
    static const char steps[] = "save { name = \"x.png\" enabled = \"{landscape}\" }";

    (void) state;
    assert_outputs(steps, 90, 60, "x.png|");
    assert_outputs(steps, 60, 90, "|");
}

/* ---- as it is read ---- */

/* NULL: they are right. What may be given instead is in the tables. */
static void assert_refused(const char *steps, const char *expected)
{
    g_autofree char *why = refusal(steps);
    bool as_expected = why && expected ? g_str_has_prefix(why, expected) : why == expected;

    if (!as_expected)
        fail_msg("%s: %s, and not %s", steps, why, expected);
}

static void a_formula_of_the_wrong_type_is_a_mistake_of_the_profile(void **state)
{
    (void) state;
    assert_refused(
        "scale { width = \"{landscape}\" }",
        "profiles:1: width = \"{landscape}\", column 2: the formula gives yes or no, not a "
        "number; let it give 1 to 100000 px, mm, cm, in or % of the width, or auto");
    assert_refused(
        "blur { enabled = \"{width}\" }",
        "profiles:1: enabled = \"{width}\", column 2: the formula gives a number, not yes or "
        "no; let it give yes or no");
    assert_refused(
        "round { method = \"{2}\" }",
        "profiles:1: method = \"{2}\", column 2: the formula gives a number, not a text; "
        "let it give round, cut, square");
    assert_refused(
        "fit { width = 9 height = 9 where = \"10px {landscape}%\" }",
        "profiles:1: where = \"10px {landscape}%\", column 7: the formula gives yes or no, "
        "not a number; let it give top-left, top, top-right, left, centre, right, "
        "bottom-left, bottom, bottom-right, attention, entropy, or \"x y\" in px, mm, "
        "cm, in or % of the width and the height");
}

static void what_stands_around_a_formula_has_to_belong_to_the_row(void **state)
{
    (void) state;
    assert_refused("rotate { angle = \"{45}deg\" }",
                   "profiles:1: angle = {45}deg: not a plain number; "
                   "give -360 to 360");
    assert_refused(
        "rotate { angle = \"4{5}\" }",
        "profiles:1: angle = \"4{5}\", column 2: a formula begins the value; put all of it "
        "between the braces");
    assert_refused("rotate { angle = \"{width:4}\" }",
                   "profiles:1: angle = \"{width:4}\", column 7: formats are for names and texts; "
                   "remove it");
    assert_refused("rotate { angle = \"{rating|5}\" }",
                   "profiles:1: angle = \"{rating|5}\", column 8: | is for names and texts; write "
                   "default(rating, 0) for what may be missing");
    assert_refused("rotate { angle = \"{width\" }",
                   "profiles:1: angle = \"{width\", column 7: a } is missing; close it with }");
    assert_refused(
        "round { method = \"{'cut'}x\" }",
        "profiles:1: method = \"{'cut'}x\", column 8: 'x' cannot follow the formula; remove it");
    assert_refused(
        "scale { width = \"{width}{height}\" }",
        "profiles:1: width = \"{width}{height}\", column 8: '{height}' cannot follow the "
        "formula; write all of it between one { and }, and a unit behind them");
    assert_refused(
        "scale { width = \"{width}}\" }",
        "profiles:1: width = \"{width}}\", column 8: '}' cannot follow the formula; write "
        "all of it between one { and }, and a unit behind them");
    assert_refused("scale { width = \"{widht}\" }",
                   "profiles:1: width = \"{widht}\", column 2: unknown value 'widht'; did you mean "
                   "width?");
}

static void a_number_is_none_of_the_words_and_an_area_has_four_lengths(void **state)
{
    (void) state;
    assert_refused("median { size = \"{2 + 2}\" }",
                   "profiles:1: size = {2 + 2}: 4: no such choice; let it give 3, 5, 7, 9");
    assert_refused("round { method = \"{5}\" }", "profiles:1: method = \"{5}\", column 2: the "
                                                 "formula gives a number, not a text");
    assert_refused("pixelate { area = \"{width} 0 5\" }",
                   "profiles:1: area = {width} 0 5: not four lengths; give all, or \"x y width "
                   "height\" in px, mm, cm, in or % of the width and the height");
    assert_refused("pixelate { area = \"{width}ft 0 5 5\" }",
                   "profiles:1: area = {width}ft 0 5 5: unknown unit");
}

static void a_constant_is_checked_as_a_value_is(void **state)
{
    (void) state;
    assert_refused("rotate { angle = \"{200 * 2}\" }",
                   "profiles:1: angle = {200 * 2}: 400: too large; let it give -360 to 360");
    assert_refused("round { method = \"{'rund'}\" }",
                   "profiles:1: method = {'rund'}: rund: no such choice; let it give round, cut, "
                   "square");
    assert_refused("crop { left = \"{30 + 30}%\" right = 40% }",
                   "profiles:1: left = 60%, right = 40%: 100% of the width is cut off, and nothing "
                   "remains; give less");
    assert_refused("scale { width = \"{10}mm\" dpi = \"{10}\" }", NULL);
}

static void what_is_wrong_whatever_formulas_give_is_a_mistake_of_the_profile(void **state)
{
    (void) state;
    assert_refused("save { name = \"{stem}.jpg\" subsampling = 444 lossless = yes "
                   "quality = \"{if(landscape, 80, 90)}\" }",
                   "profiles:1: lossless is for ");
    assert_refused(
        "save { name = \"x\" format = original quality = \"{width}\" }",
        "profiles:1: format = original copies the picture as it is coded, and quality would "
        "change it");
    assert_refused(
        "save { name = \"x\" format = original at_most = \"{width}KB\" }",
        "profiles:1: format = original copies the picture as it is coded, and at_most would "
        "change it");
    assert_refused("save { name = \"x.png\" colours = \"{width}\" }",
                   "profiles:1: colours is for a palette that is made");
    assert_refused("crop { mode = trim left = 10px tolerance = \"{width}\" }",
                   "profiles:1: mode = trim takes no margins");
    assert_refused("scale { linear = \"{landscape}\" }",
                   "profiles:1: scale has neither width nor height");
    assert_refused("crop { left = 1mm top = \"{width}\" all = 20000in dpi = 300 }",
                   "profiles:1: all: 6000000 pixels are too large");
}

static void what_is_right_for_some_values_is_no_mistake_of_the_profile(void **state)
{
    (void) state;
    assert_refused("crop { left = \"{width}%\" right = \"{height}%\" }", NULL);
    assert_refused("crop { mode = trim left = \"{if(landscape, 10, 0)}px\" }", NULL);
    assert_refused("scale { width = \"{width}%\" }", NULL);
    assert_refused("scale { width = 150% enlarge = \"{landscape}\" }", NULL);
    assert_refused("save { name = \"x.png\" lossless = \"{landscape}\" }", NULL);
    assert_refused("save { name = \"x.gif\" colours = \"{width}\" }", NULL);
    assert_refused("save { name = \"x.tif\" at_most = 90KB "
                   "compression = \"{if(landscape, 'jpeg', 'webp')}\" }",
                   NULL);
    assert_refused("save { name = \"x.webp\" lossless = \"{landscape}\" "
                   "near_lossless = \"{portrait}\" }",
                   NULL);
}

static void a_formula_in_millimetres_needs_to_know_how_many_pixels_an_inch_has(void **state)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(GPtrArray) G_GNUC_UNUSED profiles =
        profiles_read("profile \"p\" { crop { left = \"{width}mm\" } save {} }", errors);

    (void) state;
    assert_int_equal(errors->len, 1);
    const Error *error = errors->pdata[0];
    assert_string_equal(error->what, "left: how many pixels an inch has is not known");
}

static void what_is_checked_before_a_picture_is_known_takes_no_formula(void **state)
{
    (void) state;
    assert_refused("save { name = \"x.png\" format = \"{if(landscape, 'png', 'jpeg')}\" }",
                   "profiles:1: format = {if(landscape, 'png', 'jpeg')}: a formula cannot give it: "
                   "names of outputs are checked before a picture is known");
    assert_refused("pages = \"{if(landscape, 'first', 'reject')}\"",
                   "profiles:1: pages = {if(landscape, 'first', 'reject')}: a formula cannot give "
                   "it: it holds for every picture");
    assert_refused("save { name = \"x.png\" format = jpeg quality = \"{width}\" }",
                   "profiles:1: the name ends in .png, but format = jpeg; remove format, or change "
                   "the end of the name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_formula_gives_every_row_of_every_action_what_its_value_would),
        cmocka_unit_test(formulas_see_the_picture_as_it_is_when_their_step_begins),
        cmocka_unit_test(a_unit_may_follow_the_brace),
        cmocka_unit_test(a_whole_number_is_rounded),
        cmocka_unit_test(a_number_is_the_word_that_it_is),
        cmocka_unit_test(an_area_has_formulas_in_its_lengths),
        cmocka_unit_test(a_value_out_of_range_fails_the_picture_and_is_explained),
        cmocka_unit_test(settings_that_contradict_each_other_fail_the_picture),
        cmocka_unit_test(a_random_number_is_the_same_for_the_same_step_of_the_same_picture),
        cmocka_unit_test(the_planner_draws_the_numbers_that_the_step_draws),
        cmocka_unit_test(two_settings_of_one_step_get_two_random_numbers),
        cmocka_unit_test(enabled_may_depend_on_the_picture),
        cmocka_unit_test(of_a_step_that_is_left_out_nothing_is_computed),
        cmocka_unit_test(saves_may_exclude_each_other),
        cmocka_unit_test(without_a_save_that_is_enabled_a_picture_is_done),
        cmocka_unit_test(a_formula_of_the_wrong_type_is_a_mistake_of_the_profile),
        cmocka_unit_test(what_stands_around_a_formula_has_to_belong_to_the_row),
        cmocka_unit_test(a_number_is_none_of_the_words_and_an_area_has_four_lengths),
        cmocka_unit_test(a_constant_is_checked_as_a_value_is),
        cmocka_unit_test(what_is_wrong_whatever_formulas_give_is_a_mistake_of_the_profile),
        cmocka_unit_test(what_is_right_for_some_values_is_no_mistake_of_the_profile),
        cmocka_unit_test(a_formula_in_millimetres_needs_to_know_how_many_pixels_an_inch_has),
        cmocka_unit_test(what_is_checked_before_a_picture_is_known_takes_no_formula),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_computed", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("computed", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
