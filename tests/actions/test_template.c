/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of outputs: filled in as they were meant, and never anywhere but inside. */
#include <string.h>

#include "actions/template.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

static void is_refused(const char *text, const char *because, const char *fix)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", text, &error);

    if (template)
        fail_msg("'%s' was taken for a template", text);
    assert_int_equal(error->kind, ERROR_CONFIG);
    if (!strstr(error->what, because) || !strstr(error->fix, fix))
        fail_msg("'%s': '%s; %s' does not say '%s; %s'", text, error->what, error->fix, because,
                 fix);
}

static void errors_are_found_when_the_profile_is_read(void **state)
{
    (void) state;
    is_refused("{stm}.jpg", "name = \"{stm}.jpg\", column 2: unknown value 'stm'",
               "did you mean stem?");
    is_refused("{}.jpg", "column 2: there is no value between { and }", "{stem}");
    is_refused("{stem.jpg", "a { has no matching }", "{{");
    is_refused("stem}.jpg", "a } has no matching {", "}}");
    is_refused("", "an empty name", "{stem}");
    is_refused("/tmp/{stem}", "an absolute path", "relative");
    is_refused("../{stem}", "'..' as a directory", "stays below");
    is_refused("{dir}/../{stem}", "'..' as a directory", "stays below");
    is_refused("{stem}/..", "'..' as a directory", "stays below");
    is_refused("./{stem}", "'.' as a directory", "stays below");
    is_refused("{dir}/", "without a file name", "{stem}");
    is_refused("a\nb", "control characters", "remove");
    is_refused("{stem:3}", "column 7: '3' is not a text's format", "upper");
    is_refused("{seq:}", "not a number's format", "4");
    is_refused("{seq:0}", "not a number's format", "4");
    is_refused("{seq:99}", "too many digits", "{seq:4}");
    is_refused("{seq:x}", "column 6: 'x' is not a number's format", "4");
    is_refused("{date:%Q}", "column 7: '%Q' is not a date format", "%Y");
    is_refused("{date:%}", "not a date format", "%Y");
    is_refused("{date:}", "not a date format", "%Y");
    is_refused("{taken:%D}", "not a date format", "%Y");
    is_refused("{taken:%D|undated}", "not a date format", "%Y");
    is_refused("{stem|none}", "column 6: every picture has a {stem}", "remove");
    is_refused("{stem|}", "column 6: every picture has a {stem}", "remove");
    is_refused("{default(title, 'x')|none}", "column 21: a | stands behind one value only",
               "remove");
    is_refused("{if(landscape, title, stem)|x}", "a | stands behind one value only",
               "default(title, stem)");
    is_refused("{taken:%Y/..}/{stem}", "'..' as a directory", "stays below");
    is_refused("{taken:%Y/./%m}/{stem}", "'.' as a directory", "stays below");
    is_refused("{taken:%Y/..|undated}/{stem}", "'..' as a directory", "stays below");
    is_refused("{title|..}/{stem}", "'..' as a directory", "stays below");
    is_refused("{title|{author|a/../b}}/{stem}", "'..' as a directory", "stays below");
    is_refused("{stem}/{taken:%Y/}", "without a file name", "{stem}");
    is_refused(".hotfolder-{stem}", "'.hotfolder-x' begins like a temporary file", "another name");
    is_refused("{|i", "column 1: a { has no matching }", "{{");
    is_refused("{title|{stem}.jpg", "column 1: a { has no matching }", "{{");
    is_refused("{title|{widht}}.jpg", "column 9: unknown value 'widht'", "did you mean width?");
    is_refused("{{stem}.jpg", "column 7: a } has no matching {", "}}");
    is_refused("{title|{stem}}}.jpg", "column 15: a } has no matching {", "}}");
    is_refused("\xc3\xbc {stm}.jpg", "column 4: unknown value", "did you mean stem?");
}

/* What `text` becomes for the picture of desk; NULL with *err set. */
static char *filled(Desk *desk, const char *text, VipsImage *picture, Error **err)
{
    g_autofree char *steps = g_strdup_printf("save { name = \"%s\" format = png }", text);

    if (!desk_run(desk, picture_file(picture, ".jpg"), steps, err))
        return NULL;
    return g_strdup(desk->names->pdata[desk->names->len - 1]);
}

static void becomes(Desk *desk, const char *text, const char *expected)
{
    const double grey[] = { 128, 128, 128 };
    g_autoptr(VipsImage) plain = picture_plain(30, 20, 3, grey);
    g_autoptr(VipsImage) picture = picture_with_metadata(plain, 1);
    g_autoptr(Error) error = NULL;
    g_autofree char *name = filled(desk, text, picture, &error);

    if (!name || strcmp(name, expected) != 0)
        fail_msg("%s became %s, not %s", text, name ? name : error->what, expected);
}

static ErrorKind cannot_be(Desk *desk, const char *text, const char *because)
{
    const double grey[] = { 128, 128, 128 };
    g_autoptr(VipsImage) picture = picture_plain(30, 20, 3, grey);
    g_autoptr(Error) error = NULL;
    g_autofree char *name = filled(desk, text, picture, &error);

    if (name)
        fail_msg("%s became %s", text, name);
    if (!strstr(error->what, because))
        fail_msg("'%s' does not say '%s'", error->what, because);
    assert_int_equal(desk->names->len, 0); /* no file of that name was asked for */
    return error->kind;
}

/* Of a picture that says nothing of itself. */
static void plainly_becomes(const char *text, const char *expected)
{
    const double grey[] = { 128, 128, 128 };
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(VipsImage) picture = picture_plain(30, 20, 3, grey);
    g_autoptr(Error) error = NULL;
    g_autofree char *name = filled(desk, text, picture, &error);

    if (!name || strcmp(name, expected) != 0)
        fail_msg("%s became %s, not %s", text, name ? name : error->what, expected);
}

static void what_a_picture_does_not_say_is_what_stands_behind_the_bar(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    (void) state;

    plainly_becomes("{taken:%Y/%m|undated}/{stem}.png", "undated/beach.png");
    plainly_becomes("{title|no/title}.png", "no/title.png");
    plainly_becomes("{author|}-{stem}.png", "-beach.png");
    plainly_becomes("{title:slug|{stem}}.png", "beach.png");
    plainly_becomes("{title|{author|{caption|{width}x{height}}}}.png", "30x20.png");
    plainly_becomes("{title|a{'}'}}.png", "a}.png");
    plainly_becomes("{stem:[9]|short}.png", "short.png");
    plainly_becomes("{keywords|none}.png", "none.png");
    plainly_becomes("{has(keywords, 'web')}.png", "no.png");
    assert_int_equal(cannot_be(desk, "{title}.png", "the picture has no title"), ERROR_PICTURE);
}

static void every_token_is_filled_in(void **state)
{
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    becomes(desk, "{stem}.png", "beach.png");
    becomes(desk, "{dir}/{stem}.png", "2024/may/beach.png");
    becomes(desk, "{name}.png", "beach.JPG.png");
    becomes(desk, "{ext}/{stem}.png", "JPG/beach.png");
    becomes(desk, "{folder}/{profile}/{stem}.png", "inbox/web/beach.png");
    becomes(desk, "{width}x{height}.png", "30x20.png");
    becomes(desk, "{seq}.png", "7.png");
    becomes(desk, "{seq:4}.png", "0007.png");
    becomes(desk, "{seq.folder:4}.png", "0007.png");
    becomes(desk, "{seq.day:3}.png", "003.png");
    becomes(desk, "{seq.run}.png", "5.png");
    becomes(desk, "{taken:%Y/%m-%d}/{taken:%H%M%S}.png", "2024/05-01/123059.png");
    becomes(desk, "{taken}.png", "2024-05-01.png");
    becomes(desk, "{{{stem}}}.png", "{beach}.png");
    becomes(desk, "{STEM}.png", "beach.png");
    becomes(desk, "{name:lower}.png", "beach.jpg.png");
    becomes(desk, "{stem:[-2],upper}.png", "CH.png");
    becomes(desk, "{if(landscape, 'wide', 'tall')}/{stem}.png", "wide/beach.png");
    becomes(desk, "{width / height:.2} {pixels / 100}.png", "1.50 6.png");
    becomes(desk, "{width % 7}{'{a/b}'}.png", "2{a_b}.png");
}

/* A picture that says only its title; the caller's. */
static VipsImage *titled(const char *title)
{
    const double grey[] = { 128, 128, 128 };
    VipsImage *picture = picture_plain(30, 20, 3, grey);
    g_autofree char *xmp = g_strdup_printf(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>%s</rdf:li></rdf:Alt></dc:title>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>",
        title);

    vips_image_set_blob_copy(picture, VIPS_META_XMP_NAME, xmp, strlen(xmp));
    return picture;
}

static void with_title_becomes(const char *title, const char *text, const char *expected)
{
    g_autoptr(VipsImage) picture = titled(title);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    g_autofree char *name = filled(desk, text, picture, &error);

    if (!name || strcmp(name, expected) != 0)
        fail_msg("%s of '%s' became %s, not %s", text, title, name ? name : error->what, expected);
}

static void no_value_chooses_a_directory(void **state)
{
    (void) state;
    with_title_becomes(".", "{title}/{stem}.png", "_/beach.png");
    with_title_becomes("..", "a/{title|none}/{seq:4}.png", "a/__/0007.png");
    with_title_becomes("..", "{title}", "__.png");
    with_title_becomes("...", "{title}/{stem}.png", ".../beach.png");
    with_title_becomes("../x", "{title}/{stem}.png", ".._x/beach.png");
    with_title_becomes(".", ".{title}/{stem}.png", "__/beach.png");
    with_title_becomes(".hotfolder-1", "{title}/{title}.png", "_hotfolder-1/_hotfolder-1.png");
    with_title_becomes("hot", ".{title}folder-{stem}.png", "_hotfolder-beach.png");
    plainly_becomes("{'..'}/{'.'}/{stem}.png", "__/_/beach.png");
}

static void a_text_takes_nothing_behind_the_bar_of_each_value(void **state)
{
    g_autoptr(Error) error = NULL, said = NULL, formula = NULL;
    g_autoptr(Template) all = template_new(TEMPLATE_TEXT, "text", "{stem|} {width:5|}", &error);
    g_autoptr(Template) other = template_new(TEMPLATE_TEXT, "text", "{stem|none}", &said);
    g_autoptr(Template) sum = template_new(TEMPLATE_TEXT, "text", "{width + 1|}", &formula);

    (void) state;
    assert_non_null(all);
    assert_null(other);
    assert_non_null(strstr(said->what, "every picture has a {stem}"));
    assert_null(sum);
    assert_non_null(strstr(formula->what, "not behind a formula"));
}

static void a_list_that_the_picture_does_not_say_is_named(void **state)
{
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    assert_int_equal(
        cannot_be(desk, "{keywords}.png", "the picture has no keywords for {keywords}"),
        ERROR_PICTURE);
    cannot_be(desk, "{keywords:slug}.png", "the picture has no keywords");
    cannot_be(desk, "{xmp.dc.subject}.png", "the picture has no xmp.dc.subject");
    plainly_becomes("{keywords|}{stem}.png", "beach.png");
    plainly_becomes("{if(has(keywords, 'x'), 'a', 'b')}.png", "b.png");
}

static void a_date_is_today_s(void **state)
{
    const double grey[] = { 128, 128, 128 };
    g_autoptr(VipsImage) picture = picture_plain(30, 20, 3, grey);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    g_autoptr(GDateTime) before = g_date_time_new_now_local();
    g_autofree char *earliest = g_date_time_format(before, "%Y%m%d%H%M%S.png");
    g_autofree char *name = filled(desk, "{date:%Y%m%d%H%M%S}.png", picture, &error);
    g_autoptr(GDateTime) after = g_date_time_new_now_local();
    g_autofree char *latest = g_date_time_format(after, "%Y%m%d%H%M%S.png");

    (void) state;
    assert_true(strcmp(earliest, name) <= 0 && strcmp(name, latest) <= 0);
}

static void without_exif_the_files_time_is_taken(void **state)
{
    const double grey[] = { 128, 128, 128 };
    g_autoptr(VipsImage) picture = picture_plain(30, 20, 3, grey);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    g_autofree char *name = filled(desk, "{taken:%Y-%m}.png", picture, &error);

    (void) state;
    assert_string_equal(name, "2024-05.png");
}

static void a_date_that_is_none_is_not_taken(void **state)
{
    static const char *const dates[] = { "0000:00:00 00:00:00", "2024:13:41 99:00:00",
                                         "../../../../etc/cron", "2024:05" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
        const double grey[] = { 128, 128, 128 };
        g_autoptr(VipsImage) picture = picture_plain(30, 20, 3, grey);
        g_autoptr(Desk) desk = desk_new();
        g_autoptr(Error) error = NULL;
        g_autofree char *field =
            g_strdup_printf("%s (%s, ASCII, 20 components, 20 bytes)", dates[i], dates[i]);
        vips_image_set_string(picture, "exif-ifd2-DateTimeOriginal", field);
        g_autofree char *name = filled(desk, "{taken:%Y}.png", picture, &error);
        assert_string_equal(name, "2024.png"); /* the file's */
    }
}

static void nothing_in_an_empty_place_leaves_no_slash(void **state)
{
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    desk->origin.dir = "";
    becomes(desk, "{dir}/{stem}.png", "beach.png");
    becomes(desk, "a/{dir}/{stem}.png", "a/beach.png");
    desk->origin.name = "beach";
    becomes(desk, "{stem}/{ext}/x.png", "beach/x.png");
}

static void names_keep_their_bytes(void **state)
{
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    desk->origin.name = "two\nlines \xff\xfe.jpg";
    becomes(desk, "{stem}.png", "two\nlines \xff\xfe.png");
    desk->origin.name = ".hidden";
    becomes(desk, "{stem}.png", ".hidden.png");
    desk->origin.name = "-rf *.jpg";
    becomes(desk, "{stem}.png", "-rf *.png");
}

static void titles_make_no_directories(void **state)
{
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    desk->origin.folder = "../a/b\n";
    becomes(desk, "{folder}/{stem}.png", ".._a_b_/beach.png");
}

static void a_name_never_leads_out(void **state)
{
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    desk->origin.dir = "..";
    becomes(desk, "{dir}/{stem}.png", "__/beach.png");
    desk->origin.dir = "a/../../b";
    becomes(desk, "{dir}/{stem}.png", "a/__/__/b/beach.png");
    desk->origin.dir = "/etc";
    becomes(desk, "{dir}/{stem}.png", "etc/beach.png");
    desk->origin.dir = "x";
    desk->origin.name = "..";
    becomes(desk, "{name}/x.png", "__/x.png");
    g_ptr_array_set_size(desk->names, 0);
    desk->origin.name = "beach";
    assert_int_equal(cannot_be(desk, "{dir}/{ext}", "an empty file name"), ERROR_PICTURE);
    desk->origin.dir = "";
    cannot_be(desk, "{dir}", "an empty file name");
    desk->origin.dir = "x";
}

/* The name that `text` becomes is `length` bytes long, begins with `count` letters n and ends with
 * `end`, after a number. */
static void is_shortened(Desk *desk, const char *text, size_t length, size_t count, const char *end)
{
    const double grey[] = { 128, 128, 128 };
    g_autoptr(VipsImage) plain = picture_plain(30, 20, 3, grey);
    g_autoptr(Error) error = NULL;
    g_autofree char *name = filled(desk, text, plain, &error);

    assert_non_null(name);
    assert_int_equal(strlen(name), length);
    assert_int_equal(strspn(name, "n"), count);
    assert_int_equal(name[count], '~');
    assert_true(g_str_has_suffix(name, end));
    assert_true(g_utf8_validate(name, -1, NULL));
}

static void a_name_too_long_is_made_from_a_part_of_the_pictures_name(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    g_autofree char *most = g_strnfill(251, 'n');
    g_autofree char *fits = g_strdup_printf("%s.png", most);
    g_autofree char *bare = g_strnfill(255, 'n');

    (void) state;
    desk->origin.name = fits;
    becomes(desk, "{stem}.png", fits);
    is_shortened(desk, "{stem}-{width}.png", 255, 239, "-30.png");
    is_shortened(desk, "{stem}-", 255, 241, "-.png"); /* with the extension that it gets */
    desk->origin.name = bare;
    is_shortened(desk, "{name}", 255, 242, ".png");
}

static void every_stem_of_a_name_too_long_is_shortened(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    g_autofree char *name = g_strnfill(250, 'n');

    (void) state;
    desk->origin.name = name;
    is_shortened(desk, "{stem}-{stem}.png", 255, 116, ".png");
    is_shortened(desk, "{stem}-{stem}-{hash}.png", 254, 83, ".png");
    is_shortened(desk, "{stem}{stem}{stem}{stem}-{width}.png", 255, 53, "-30.png");
}

static void a_formula_with_the_picture_s_name_keeps_pictures_apart(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    g_autofree char *begins = g_strnfill(109, 'n'), *most = g_strnfill(251, 'n');
    g_autofree char *word = g_strnfill(120, 'w'), *title = g_strnfill(120, 't');
    g_autofree char *cut = g_strdup_printf("%.100s.png", title);
    g_autofree char *constant = g_strdup_printf("{if(landscape, '%s', title)}.png", word);
    g_autofree char *whole = g_strdup_printf("%s.png", word);

    (void) state;
    for (int i = 1; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("%s%d.png", begins, i);
        desk->origin.name = name;
        becomes(desk, "{if(landscape, stem, stem)}.png", name);
        becomes(desk, "{default(title, stem)}.png", name);
    }
    desk->origin.name = most;
    is_shortened(desk, "{if(landscape, stem, stem)}-{width}.png", 255, 239, "-30.png");
    becomes(desk, constant, whole);
    with_title_becomes(title, "{default(title, 'none')}.png", cut); /* as {title} is */
    with_title_becomes(title, "{title}.png", cut);
}

static void a_name_is_cut_between_two_characters(void **state)
{
    const double grey[] = { 128, 128, 128 };
    g_autoptr(VipsImage) plain = picture_plain(30, 20, 3, grey);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    GString *source = g_string_new("n"); /* then each two bytes are one letter */

    (void) state;
    for (int i = 0; i < 123; i++)
        g_string_append(source, "\xc3\xbc");
    g_autofree char *wide = g_string_free(source, FALSE);
    desk->origin.name = wide;
    g_autofree char *name = filled(desk, "{stem}-large.png", plain, &error);
    assert_non_null(name);
    assert_int_equal(strlen(name), 254);
    assert_true(g_utf8_validate(name, -1, NULL));
}

static void a_name_that_no_shorter_picture_name_helps_is_refused(void **state)
{
    g_autoptr(Desk) desk = desk_new();
    g_autofree char *text = g_strnfill(250, 'n');
    g_autofree char *name = g_strdup_printf("%s-{stem}.png", text);

    (void) state;
    ErrorKind kind = cannot_be(desk, name, "too long");
    assert_int_equal(kind, ERROR_PICTURE); /* it will not be shorter the next time */
}

/* ---- the extension and the format ---- */

static void is_saved_as(const char *source, const char *suffix, const char *step, const char *name,
                        const char *loader)
{
    g_autoptr(VipsImage) photo = picture_photo(30, 20);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    const char *made = NULL;

    desk->origin.name = source;
    if (!desk_run(desk, picture_file(photo, suffix), step, &error))
        fail_msg("%s: %s", step, error->what);
    assert_string_equal(desk->names->pdata[0], name);
    g_autoptr(VipsImage) saved = desk_output(desk, 0);
    assert_int_equal(vips_image_get_string(saved, VIPS_META_LOADER, &made), 0);
    if (!g_str_has_prefix(made, loader))
        fail_msg("%s: loaded by %s, not %s", name, made, loader);
}

static void the_extension_says_the_format(void **state)
{
    (void) state;
    is_saved_as("a.jpg", ".jpg", "save { name = \"{stem}.jpg\" }", "a.jpg", "jpeg");
    is_saved_as("a.jpg", ".jpg", "save { name = \"{stem}.JPEG\" }", "a.JPEG", "jpeg");
    is_saved_as("a.jpg", ".jpg", "save { name = \"{stem}.png\" }", "a.png", "png");
    is_saved_as("a.jpg", ".jpg", "save { name = \"{stem}.webp\" }", "a.webp", "webp");
    is_saved_as("a.jpg", ".jpg", "save { name = \"{stem}.TIF\" }", "a.TIF", "tiff");
    is_saved_as("a.jpg", ".jpg", "save { name = \"{stem}.avif\" }", "a.avif", "heif");
    is_saved_as("a.PNG", ".png", "save { name = \"{name}\" }", "a.PNG", "png");
    is_saved_as("a.PNG", ".png", "save { name = \"x.{ext}\" }", "x.PNG", "png");
}

static void without_one_the_format_gives_the_extension(void **state)
{
    (void) state;
    is_saved_as("a.jpg", ".jpg", "save {}", "2024/may/a.jpg", "jpeg");
    is_saved_as("a.jpg", ".png", "save {}", "2024/may/a.png", "png"); /* a PNG called .jpg */
    is_saved_as("a.gif", ".gif", "save { name = \"{stem}\" }", "a.png", "png");
    is_saved_as("a.tif", ".tif", "save { name = \"{stem}\" }", "a.tif", "tiff");
    is_saved_as("a.avif", ".avif", "save { name = \"{stem}\" }", "a.avif", "heif");
    is_saved_as("a.jpg", ".jpg", "save { name = \"{stem}\" format = webp }", "a.webp", "webp");
    is_saved_as("a.jpg", ".jpg", "save { name = \"{name}\" format = webp }", "a.jpg.webp", "webp");
    is_saved_as("v1.2", ".jpg", "save { name = \"{name}\" }", "v1.2.jpg", "jpeg");
    is_saved_as("a.png.jpg", ".jpg", "save { name = \"{stem}\" }", "a.png.jpg", "jpeg");
    is_saved_as("a", ".jpg", "save { name = \"{stem}.{ext}\" }", "a.jpg", "jpeg");
}

static void contradictions_are_errors_of_the_profile(void **state)
{
    static const struct {
        const char *save, *because;
    } wrong[] = {
        { "save { name = \"{stem}.jpg\" format = png }", "ends in .jpg, but format = png" },
        { "save { name = \"{stem}.jpg\" lossless = yes }",
          "lossless is for webp, tiff, avif, jxl and jp2, not for" },
        { "save { name = \"{stm}.jpg\" }", "column 2: unknown value 'stm'" },
        { "scale {} save {}", "neither width" },
        { "scale { width = 200% } save {}", "enlarge = yes" },
        { "crop {} save {}", "nothing to cut" },
        { "crop { all = 50% } save {}", "all = 50%: 100% of the width is cut off" },
        { "crop { top = 60% bottom = 40% right = 9px } save {}",
          "top = 60%, bottom = 40%: 100% of the height is cut off" },
        { "save { quality = 0.85 }", "quality = 0.85: too small (did you mean 85?)" },
        { "crop { mode = trim left = 1px } save {}", "takes no margins" },
        { "watermark { file = \"/nonexistent.png\" } save {}", "/nonexistent.png" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
        g_autofree char *text = g_strdup_printf("profile \"p\" { %s }", wrong[i].save);
        g_autoptr(GPtrArray) profiles = profiles_read(text, errors);
        if (errors->len != 1)
            fail_msg("%s: %u errors", wrong[i].save, errors->len);
        const Error *error = errors->pdata[0];
        if (!strstr(error->what, wrong[i].because))
            fail_msg("%s: '%s' does not say '%s'", wrong[i].save, error->what, wrong[i].because);
        assert_int_equal(profiles->len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_found_when_the_profile_is_read),
        cmocka_unit_test(every_token_is_filled_in),
        cmocka_unit_test(no_value_chooses_a_directory),
        cmocka_unit_test(a_list_that_the_picture_does_not_say_is_named),
        cmocka_unit_test(every_stem_of_a_name_too_long_is_shortened),
        cmocka_unit_test(a_formula_with_the_picture_s_name_keeps_pictures_apart),
        cmocka_unit_test(a_date_is_today_s),
        cmocka_unit_test(without_exif_the_files_time_is_taken),
        cmocka_unit_test(a_date_that_is_none_is_not_taken),
        cmocka_unit_test(nothing_in_an_empty_place_leaves_no_slash),
        cmocka_unit_test(names_keep_their_bytes),
        cmocka_unit_test(titles_make_no_directories),
        cmocka_unit_test(a_name_never_leads_out),
        cmocka_unit_test(a_name_too_long_is_made_from_a_part_of_the_pictures_name),
        cmocka_unit_test(a_name_is_cut_between_two_characters),
        cmocka_unit_test(a_name_that_no_shorter_picture_name_helps_is_refused),
        cmocka_unit_test(what_a_picture_does_not_say_is_what_stands_behind_the_bar),
        cmocka_unit_test(a_text_takes_nothing_behind_the_bar_of_each_value),
        cmocka_unit_test(the_extension_says_the_format),
        cmocka_unit_test(without_one_the_format_gives_the_extension),
        cmocka_unit_test(contradictions_are_errors_of_the_profile),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_template", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("template", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
