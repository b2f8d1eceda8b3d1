/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What holds for every action, by its table alone, whatever its settings are and whatever the
 * picture is: random settings in range, from a seed, on pictures of every kind.
 *
 *   test_properties
 *
 * HOTFOLDER_CASES is how many settings each action gets on each picture; HOTFOLDER_SEED is the
 * first seed. A failure names the seed and the step. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/bands.h"
#include "actions/pixels.h"
#include "actions/rgb_profile.h"
#include "actions/runner.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"
#include "tests/actions/random_steps.h"

static const StepSizes small = { 60, .share = 1, .px_percent = 0.3, .px_mm = 12, .dpi = true };

/* ---- pictures ---- */

typedef struct Picture {
    const char *name;
    int width, height, bands;
    VipsBandFormat format;
    const char *suffix; /* of its file */
    bool has_profile, inks;
    int deep; /* the number of the same picture with 16 bits; 0: it is not of a pair */
    GBytes *bytes;
} Picture;

static Picture pictures[] = {
    { "1x1", 1, 1, 3, VIPS_FORMAT_UCHAR, .suffix = ".png" },
    { "1xN", 1, 41, 3, VIPS_FORMAT_UCHAR, .suffix = ".png" },
    { "Nx1", 37, 1, 3, VIPS_FORMAT_UCHAR, .suffix = ".jpg" },
    { "grey", 24, 17, 1, VIPS_FORMAT_UCHAR, .suffix = ".png", .deep = 8 },
    { "RGB", 37, 23, 3, VIPS_FORMAT_UCHAR, .suffix = ".png", .deep = 9 },
    { "RGBA", 29, 31, 4, VIPS_FORMAT_UCHAR, .suffix = ".png", .deep = 10 },
    { "grey with alpha", 26, 18, 2, VIPS_FORMAT_UCHAR, .suffix = ".png", .deep = 11 },
    { "JPEG", 40, 30, 3, VIPS_FORMAT_UCHAR, .suffix = ".jpg" },
    { "16 bit grey", 24, 17, 1, VIPS_FORMAT_USHORT, .suffix = ".png" },
    { "16 bit RGB", 37, 23, 3, VIPS_FORMAT_USHORT, .suffix = ".png" },
    { "16 bit RGBA", 29, 31, 4, VIPS_FORMAT_USHORT, .suffix = ".png" },
    { "16 bit grey with alpha", 26, 18, 2, VIPS_FORMAT_USHORT, .suffix = ".png" },
    { "float grey", 21, 16, 1, VIPS_FORMAT_FLOAT, .suffix = ".tif" },
    { "float RGBA", 21, 16, 4, VIPS_FORMAT_FLOAT, .suffix = ".tif" },
    { "CMYK", 22, 19, 4, VIPS_FORMAT_UCHAR, .suffix = ".tif", .inks = true },
    { "wide RGB", 33, 20, 3, VIPS_FORMAT_UCHAR, .suffix = ".png", .has_profile = true },
    { "16 bit wide RGBA", 20, 33, 4, VIPS_FORMAT_USHORT, .suffix = ".png", .has_profile = true },
    { "16 bit grey with its curve", 20, 23, 1, VIPS_FORMAT_USHORT, .suffix = ".png",
      .has_profile = true },
    { "float wide RGB", 17, 20, 3, VIPS_FORMAT_FLOAT, .suffix = ".tif", .has_profile = true },
    { "float grey with its curve", 17, 20, 1, VIPS_FORMAT_FLOAT, .suffix = ".tif",
      .has_profile = true },
};

/* ROMM RGB (ISO 22028-2), much wider than sRGB. */
static void attach_profile(VipsImage *image)
{
    static const Primaries romm = {
        { 0.3457, 0.3585 }, { 0.7347, 0.2653 }, { 0.1596, 0.8404 }, { 0.0366, 0.0001 }
    };
    static const ToneCurve curve = { .gamma = 1.8, .a = 1 };
    size_t size = 0;
    void *profile = image->Bands < 3 ? grey_profile_new("grey", &curve, &size)
                                     : rgb_profile_new("wide", &romm, &curve, &size);

    assert_non_null(profile);
    vips_image_set_blob(image, VIPS_META_ICC_NAME, (VipsCallbackFn) vips_area_free_cb, profile,
                        size);
}

/* A value from 0 to 255: gradients, an edge, and a border of one colour. */
static double value_at(const Picture *p, int x, int y, int band)
{
    bool alpha = !p->inks && (p->bands == 2 || p->bands == 4) && band == p->bands - 1;
    bool border = p->width > 8 && p->height > 8 &&
                  (x < 2 || y < 3 || x >= p->width - 2 || y >= p->height - 1);

    if (alpha)
        return x < p->width / 3 ? 0 : x < p->width / 2 ? 100 : 255;
    if (border)
        return 240;
    return (int) (255.0 * (band == 1 ? y : x) / MAX(p->width, p->height) * (band == 2 ? 0.6 : 1) +
                  (x > p->width / 2) * 20) %
           256;
}

static void put_value(const Picture *p, void *to, size_t at, double value)
{
    if (p->format == VIPS_FORMAT_UCHAR)
        ((guint8 *) to)[at] = (guint8) value;
    else if (p->format == VIPS_FORMAT_USHORT)
        ((guint16 *) to)[at] = (guint16) (value * 257);
    else
        ((float *) to)[at] = (float) (value / 255);
}

static VipsInterpretation kind_of(const Picture *p)
{
    if (p->inks)
        return VIPS_INTERPRETATION_CMYK;
    if (p->format == VIPS_FORMAT_FLOAT) /* as a TIFF of floats is */
        return p->bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_scRGB;
    return pixels_type(p->format, p->bands);
}

static GBytes *file_of(const Picture *p)
{
    size_t size = vips_format_sizeof(p->format) * (size_t) (p->width * p->height * p->bands);
    g_autofree void *values = g_malloc(size);
    g_autoptr(VipsImage) raw = NULL;
    g_autoptr(VipsImage) image = NULL;
    void *bytes = NULL;
    size_t length = 0;
    size_t at = 0;

    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            for (int band = 0; band < p->bands; band++)
                put_value(p, values, at++, value_at(p, x, y, band));
    raw = vips_image_new_from_memory_copy(values, size, p->width, p->height, p->bands, p->format);
    if (!raw || vips_copy(raw, &image, "interpretation", kind_of(p), NULL))
        fail_msg("%s", vips_error_buffer());
    if (p->has_profile)
        attach_profile(image);
    if (vips_image_write_to_buffer(image, p->suffix, &bytes, &length, NULL))
        fail_msg("%s: %s", p->name, vips_error_buffer());
    return g_bytes_new_take(bytes, length);
}

static const SourceNames names = { "p", "inbox", "", "x.jpg", 1714566659, { 0 } };

static Image *opened(const Picture *p, const Outputs *outputs)
{
    gsize size = 0;
    const void *bytes = g_bytes_get_data(p->bytes, &size);
    g_autoptr(Error) error = NULL;
    Image *image = image_open(picture_bytes(bytes, size), NULL, &names, outputs, &error);

    if (!image)
        fail_msg("%s: %s", p->name, error->what);
    return image;
}

/* ---- a case ---- */

typedef struct Case {
    const Picture *picture;
    const Action *action;
    unsigned seed;
    char *text;
    GPtrArray *profiles;
} Case;

static GString *complaints; /* on the log, during the case */

static void note_complaint(const char *domain, GLogLevelFlags level, const char *message,
                           void *user G_GNUC_UNUSED)
{
    /* The encoder's check reads an AVIF that has a colour profile. */
    bool right = strstr(message, "ignoring nclx profile");

    if (!right && level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING))
        g_string_append_printf(complaints, "%s: %s; ", domain ? domain : "", message);
}

G_GNUC_PRINTF(2, 3) static void fails(const Case *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *why = g_strdup_vprintf(format, args);
    va_end(args);
    fail_msg("seed %u: %s on %s: %s", c->seed, c->text, c->picture->name, why);
}

/* NULL where settings that are right alone are not right together. */
static GPtrArray *read_steps(const char *steps)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *text = g_strdup_printf("profile \"web\" { dpi = 300 %s save {} }", steps);
    GPtrArray *profiles = profiles_read(text, errors);

    profiles_prepare(profiles, errors);
    if (errors->len)
        g_clear_pointer(&profiles, g_ptr_array_unref);
    return profiles;
}

static const Step *step_of(GPtrArray *profiles)
{
    const Profile *profile = profiles->pdata[0];

    return &g_array_index(profile->steps, Step, 0);
}

/* Formulas stand in place of some of the settings, which are right together. */
static void use_formulas(Case *c)
{
    enum { OF = 4 };
    char *text = step_with_formulas(c->text, OF);

    g_ptr_array_unref(c->profiles);
    g_free(c->text);
    c->text = text;
    c->profiles = read_steps(text);
    if (!c->profiles)
        fails(c, "formulas are refused");
}

/* Many settings in a row that are not right: the table promises too much. */
static Case case_new(const Picture *picture, const Action *action, unsigned seed)
{
    enum { TRIES = 40 };
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    Case c = { picture, action, seed, NULL, NULL };

    for (int i = 0; !c.profiles; i++) {
        g_free(c.text);
        c.text = random_step(random, action, &small, MARK);
        c.profiles = read_steps(c.text);
        if (i == TRIES)
            fails(&c, "no settings in range are right");
    }
    use_formulas(&c);
    return c;
}

static void case_clear(Case *c)
{
    g_free(c->text);
    g_ptr_array_unref(c->profiles);
}

/* ---- what holds ---- */

static void said_nothing(const Case *c)
{
    if (complaints->len)
        fails(c, "it complains: %s", complaints->str);
    if (*vips_error_buffer())
        fails(c, "libvips says: %s", vips_error_buffer());
}

static void has_shape(const Case *c, VipsImage *made, const Shape *planned)
{
    Shape shape = shape_of(made);
    bool fits = planned->at_most ? shape.width <= planned->width && shape.height <= planned->height
                                 : shape.width == planned->width && shape.height == planned->height;

    if (!fits || shape.colours != planned->colours || shape.alpha != planned->alpha ||
        shape.format != planned->format)
        fails(c, "made %dx%d, %d colours, alpha %d, format %d; planned %dx%d, %d, %d, %d",
              shape.width, shape.height, shape.colours, shape.alpha, shape.format, planned->width,
              planned->height, planned->colours, planned->alpha, planned->format);
    if (made->Type != pixels_type(made->BandFmt, made->Bands))
        fails(c, "made pixels of type %d", made->Type);
}

/* "" where there is none; newly referenced. */
static GBytes *profile_of(VipsImage *image)
{
    const void *profile = NULL;
    size_t size = 0;

    if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) &&
        vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &size))
        fail_msg("%s", vips_error_buffer());
    return g_bytes_new(profile, size);
}

/* It describes these bands, and is the picture's own where the kind of the action cannot need
 * another one: tones, and geometry that adds no colours. */
static void has_profile(const Case *c, VipsImage *made, VipsImage *before)
{
    enum { AT_SPACE = 16 };
    g_autoptr(GBytes) own = profile_of(before);
    g_autoptr(GBytes) now = profile_of(made);
    const char *space = pixels_colours(made) == 1 ? "GRAY" : "RGB ";
    const char *bytes = g_bytes_get_data(now, NULL);
    bool keeps =
        c->action->tone || (c->action->geometry && pixels_colours(made) == pixels_colours(before));

    if (g_bytes_get_size(now) && memcmp(bytes + AT_SPACE, space, 4) != 0)
        fails(c, "its profile is not for %s", space);
    if (keeps && !g_bytes_equal(own, now))
        fails(c, "the profile has not stayed");
}

static bool is_opaque(VipsImage *pixels)
{
    g_autoptr(VipsImage) alpha = NULL;
    double least = 0;

    if (pixels->Bands == pixels_colours(pixels))
        return true;
    if (vips_extract_band(pixels, &alpha, pixels->Bands - 1, NULL) || vips_min(alpha, &least, NULL))
        fail_msg("%s", vips_error_buffer());
    return least >= pixels_white(pixels);
}

static bool planned_step(const Step *step, Image *image, Shape *shape, Error **err)
{
    g_autofree void *finished = action_finished(step->action, step->settings, image, shape, err);

    return finished && runner_plan(step->action, finished, shape, err);
}

/* The step makes alpha of a picture without it. */
static bool adds_alpha(const Case *c, Shape shape)
{
    g_autoptr(Image) image = opened(c->picture, NULL);
    g_autoptr(Error) ignored = NULL;

    shape.alpha = false;
    return planned_step(step_of(c->profiles), image, &shape, &ignored) && shape.alpha;
}

static void stays_opaque(const Case *c, VipsImage *made, VipsImage *before, const Shape *shape)
{
    if (is_opaque(before) && !is_opaque(made) && !adds_alpha(c, *shape))
        fails(c, "holes where there were none");
}

/* ---- doing it ---- */

/* The pixels in memory, or NULL with *err set. */
static VipsImage *done(Image *image, const Step *step, Error **err)
{
    g_autoptr(Runner) runner = runner_new(image);

    if (!runner_step(runner, step->action, step->settings, true, err) ||
        !runner_finish(runner, err) || !image_to_memory(image, err))
        return NULL;
    return g_object_ref(image_pixels(image, err));
}

static VipsImage *untouched(const Picture *picture)
{
    g_autoptr(Image) image = opened(picture, NULL);
    g_autoptr(Error) error = NULL;

    return vips_image_copy_memory(image_pixels(image, &error));
}

/* NULL where no picture remains, as planned. */
static VipsImage *made_by(const Case *c, Shape *planned)
{
    const Step *step = step_of(c->profiles);
    g_autoptr(Image) image = opened(c->picture, NULL);
    g_autoptr(Error) refused = NULL;
    g_autoptr(Error) error = NULL;

    g_string_truncate(complaints, 0);
    *planned = image_shape(image);
    bool possible = planned_step(step, image, planned, &refused);
    VipsImage *made = done(image, step, &error);
    if (!made != !possible)
        fails(c, "planned: %s; done: %s", possible ? "yes" : refused->what,
              made ? "yes" : error->what);
    return made;
}

static void check_case(const Case *c)
{
    Shape planned = { 0 };
    g_autoptr(VipsImage) before = untouched(c->picture);
    g_autoptr(VipsImage) made = made_by(c, &planned);
    Shape shape = shape_of(before);

    said_nothing(c);
    if (!made)
        return;
    has_shape(c, made, &planned);
    has_profile(c, made, before);
    stays_opaque(c, made, before, &shape);
}

/* ---- the identity ---- */

static bool same_pixels(VipsImage *a, VipsImage *b)
{
    g_autoptr(GBytes) own = profile_of(a);
    g_autoptr(GBytes) now = profile_of(b);

    return a->Xsize == b->Xsize && a->Ysize == b->Ysize && a->Bands == b->Bands &&
           a->BandFmt == b->BandFmt && a->Type == b->Type && g_bytes_equal(own, now) &&
           memcmp(VIPS_IMAGE_ADDR(a, 0, 0), VIPS_IMAGE_ADDR(b, 0, 0), VIPS_IMAGE_SIZEOF_IMAGE(a)) ==
               0;
}

/* The same step with `more` settings. */
static void is_identity(const Case *c, const char *more)
{
    g_autofree char *start = g_strndup(c->text, strlen(c->text) - 1);
    g_autofree char *text = g_strdup_printf("%s %s }", start, more);
    Case off = { c->picture, c->action, c->seed, text, read_steps(text) };
    Shape planned = { 0 };
    g_autoptr(VipsImage) before = untouched(c->picture);

    if (!off.profiles)
        fails(&off, "settings are not right any more");
    g_autoptr(VipsImage) made = made_by(&off, &planned);
    said_nothing(&off);
    if (!made || !same_pixels(before, made))
        fails(&off, "the picture has changed");
    has_shape(&off, made, &planned);
    g_ptr_array_unref(off.profiles);
}

static void check_identity(const Case *c)
{
    is_identity(c, "enabled = no");
    if (c->action->flags & ACTION_BLENDS)
        is_identity(c, "amount = 0");
}

/* ---- depths ---- */

/* Why a step may make another picture of other numbers. */
static bool may_differ(const Case *c)
{
    static const char *const deciding[] = { "trim", "attention", "entropy" };
    bool alpha = c->picture->bands % 2 == 0;

    for (size_t i = 0; i < G_N_ELEMENTS(deciding); i++)
        if (strstr(c->text, deciding[i])) /* the pixels decide where it cuts */
            return true;
    /* what transparent pixels hide is filled in with 8 bits, and that rounding is sharpened, too */
    return alpha && !strcmp(c->action->name, "sharpen");
}

/* Both in floats of 0 to 255, weighted by alpha: what a transparent pixel hides does not count. */
static VipsImage *as_seen(VipsImage *pixels)
{
    g_autoptr(VipsImage) weighted = bands_premultiplied(pixels);
    VipsImage *out = NULL;

    if (!weighted || vips_linear1(weighted, &out, 255 / pixels_white(pixels), 0, NULL))
        fail_msg("%s", vips_error_buffer());
    return out;
}

static void check_depths(const Case *c)
{
    /* Two passes, across and down, round to 8 bits each. */
    static const double step = 1, passes = 0.5;
    Case deep = *c;
    Shape planned = { 0 };

    if (!c->picture->deep || may_differ(c))
        return;
    deep.picture = &pictures[c->picture->deep];
    g_autoptr(VipsImage) eight = made_by(c, &planned);
    g_autoptr(VipsImage) sixteen = made_by(&deep, &planned);
    if (!eight || !sixteen)
        return;
    g_autoptr(VipsImage) a = as_seen(eight);
    g_autoptr(VipsImage) b = as_seen(sixteen);
    Distance distance = picture_distance(a, b);
    if (distance.most > step + passes)
        fails(c, "with 16 bits it is another picture, by %.2f of 255", distance.most);
}

/* ---- over the tables ---- */

static unsigned number_of(const char *variable, unsigned fallback)
{
    const char *text = g_getenv(variable);

    return text ? (unsigned) g_ascii_strtoull(text, NULL, 10) : fallback;
}

static bool kind_of_pixels(const Action *action)
{
    return !(action->flags & (ACTION_SAVES | ACTION_BRANCHES));
}

static void for_each_case(void (*check)(const Case *c))
{
    unsigned count = number_of("HOTFOLDER_CASES", 1);
    unsigned seed = number_of("HOTFOLDER_SEED", 1);

    for (const Action *const *action = actions; *action; action++)
        for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++)
            for (unsigned n = 0; n < count && kind_of_pixels(*action); n++) {
                Case c = case_new(&pictures[i], *action, seed++);
                check(&c);
                case_clear(&c);
            }
}

static void a_picture_comes_out_as_it_was_planned_and_without_a_warning(void **state)
{
    (void) state;
    for_each_case(check_case);
}

static void a_step_that_is_not_enabled_or_has_no_amount_changes_nothing(void **state)
{
    (void) state;
    for_each_case(check_identity);
}

static void pictures_of_8_and_16_bits_look_the_same(void **state)
{
    (void) state;
    for_each_case(check_depths);
}

/* ---- branches ---- */

/* What the last step saves. NULL where a step in `branch` cannot be done on this picture. */
static VipsImage *saved_after(const Picture *picture, const char *branch)
{
    g_autofree char *steps = g_strdup_printf(
        "dpi = 300 brightness { level = 10%% } %s save { name = \"x.tif\" }", branch);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    gsize size = 0;
    const void *bytes = g_bytes_get_data(picture->bytes, &size);

    return desk_run(desk, picture_bytes(bytes, size), steps, &error)
               ? desk_output(desk, desk->files->len - 1)
               : NULL;
}

static void a_branch_leaves_the_picture_as_it_was(void **state)
{
    unsigned count = number_of("HOTFOLDER_CASES", 1);
    unsigned seed = number_of("HOTFOLDER_SEED", 1);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
        g_autoptr(VipsImage) plain = saved_after(&pictures[i], "");
        for (unsigned n = 0; n < count; n++) {
            Case c = case_new(&pictures[i], action_find("branch"), seed++);
            g_autoptr(VipsImage) made = saved_after(&pictures[i], c.text);
            if (made && !same_pixels(plain, made))
                fails(&c, "the picture has changed");
            case_clear(&c);
        }
    }
}

/* ---- what saves ---- */

static void save_one(const Picture *picture, const Action *action, unsigned seed)
{
    Case c = case_new(picture, action, seed);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    gsize size = 0;
    const void *bytes = g_bytes_get_data(picture->bytes, &size);

    g_string_truncate(complaints, 0);
    if (!desk_run(desk, picture_bytes(bytes, size), c.text, &error))
        fails(&c, "%s", error->what);
    if (complaints->len)
        fails(&c, "it complains: %s", complaints->str);
    g_autoptr(VipsImage) saved = desk_output(desk, 0);
    if (saved->Xsize != picture->width || saved->Ysize != picture->height)
        fails(&c, "saved %dx%d", saved->Xsize, saved->Ysize);
    case_clear(&c);
}

static void every_output_can_be_read_and_is_as_large_as_the_picture(void **state)
{
    unsigned count = number_of("HOTFOLDER_CASES", 1);
    unsigned seed = number_of("HOTFOLDER_SEED", 1);

    (void) state;
    for (const Action *const *action = actions; *action; action++)
        for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++)
            for (unsigned n = 0; n < count && (*action)->flags & ACTION_SAVES; n++)
                save_one(&pictures[i], *action, seed++);
}

static int set_up(void **state)
{
    (void) state;
    complaints = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++)
        pictures[i].bytes = file_of(&pictures[i]);
    g_log_set_default_handler(note_complaint, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++)
        g_bytes_unref(pictures[i].bytes);
    g_log_set_default_handler(g_log_default_handler, NULL);
    g_string_free(complaints, TRUE);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_comes_out_as_it_was_planned_and_without_a_warning),
        cmocka_unit_test(a_step_that_is_not_enabled_or_has_no_amount_changes_nothing),
        cmocka_unit_test(pictures_of_8_and_16_bits_look_the_same),
        cmocka_unit_test(a_branch_leaves_the_picture_as_it_was),
        cmocka_unit_test(every_output_can_be_read_and_is_as_large_as_the_picture),
    };
    g_autoptr(Error) error = NULL;

    /* libvips' vector code reckons with 6 bits, which sharp edges show: 4 steps of 255. */
    g_setenv("VIPS_NOVECTOR", "1", TRUE);
    if (!libvips_start("test_properties", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("properties", tests, set_up, tear_down);
    libvips_stop();
    return failed;
}
