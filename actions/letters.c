/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/letters.h"

#include <fontconfig/fontconfig.h>
#include <pango/pango.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FcPattern, FcPatternDestroy)

bool letters_are_blank(const char *words)
{
    while (*words && !g_unichar_isgraph(g_utf8_get_char(words)))
        words = g_utf8_find_next_char(words, NULL);
    return !*words;
}

bool letters_are_few(const char *words, Error **err)
{
    glong count = g_utf8_strlen(words, -1);

    return count <= LETTERS_MAX ||
           error_set(err, ERROR_PICTURE, "shorten it, or leave that value out of the text",
                     "%ld letters are more than the %d that a text may have", count, LETTERS_MAX);
}

bool letters_are_markup(const char *words, ErrorKind kind, Error **err)
{
    g_autoptr(GError) wrong = NULL;

    return pango_parse_markup(words, -1, 0, NULL, NULL, NULL, &wrong) ||
           error_set(err, kind, "correct it, or write markup = no", "its markup is wrong: %s",
                     wrong->message);
}

/* As Pango reads it: the family, and behind it its style and size. Newly allocated. */
static char *sized_font(const char *font, double size)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    return g_strdup_printf("%s %spx", font,
                           g_ascii_formatd(digits, sizeof(digits), "%.2f", MAX(1, size)));
}

/* ---- fonts ---- */

/* Fontconfig's own comparison of families. */
static bool is_family(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, " ");
        b += strspn(b, " ");
        if (g_ascii_tolower(*a) != g_ascii_tolower(*b))
            return false;
        if (!*a)
            return true;
    }
}

static FcPattern *pattern_of(const char *family)
{
    return FcPatternBuild(NULL, FC_FAMILY, FcTypeString, family, NULL);
}

/* The font nearest to a pattern; NULL: no font can be read. */
static FcPattern *nearest(FcPattern *pattern)
{
    FcResult result = FcResultMatch;

    FcDefaultSubstitute(pattern);
    return FcFontMatch(NULL, pattern, &result);
}

/* A font may have several names: one of a language, and one of its style. */
static bool is_installed(const char *family)
{
    g_autoptr(FcPattern) pattern = pattern_of(family);
    g_autoptr(FcPattern) font = nearest(pattern);
    FcChar8 *name = NULL;

    for (int i = 0; font && FcPatternGetString(font, FC_FAMILY, i, &name) == FcResultMatch; i++)
        if (is_family((const char *) name, family))
            return true;
    return false;
}

/* Those of CSS: any font will do. */
static bool is_generic(const char *family)
{
    static const char *const names[] = { "sans",    "sans-serif", "serif",     "mono",  "monospace",
                                         "cursive", "fantasy",    "system-ui", "emoji", "math" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (is_family(family, names[i]))
            return true;
    return false;
}

/* What Fontconfig's files say for it: families before it are preferred to it; those behind it count
 * as it, or, where their binding is weak, are used where it is not there. */
static bool has_alias(const char *family)
{
    g_autoptr(FcPattern) pattern = pattern_of(family);
    FcValueBinding binding = FcValueBindingWeak;
    FcValue value = { 0 };
    bool behind = false;

    FcConfigSubstitute(NULL, pattern, FcMatchPattern);
    for (int i = 0;
         FcPatternGetWithBinding(pattern, FC_FAMILY, i, &value, &binding) == FcResultMatch; i++) {
        const char *name = (const char *) value.u.s;
        if (is_family(name, family))
            behind = true;
        else if ((!behind || binding != FcValueBindingWeak) && is_installed(name))
            return true;
    }
    return false;
}

/* The family that is drawn instead; newly allocated. NULL: no font can be read. */
static char *stand_in(const char *family)
{
    g_autoptr(FcPattern) pattern = pattern_of(family);
    FcChar8 *name = NULL;

    FcConfigSubstitute(NULL, pattern, FcMatchPattern);
    g_autoptr(FcPattern) font = nearest(pattern);
    return font && FcPatternGetString(font, FC_FAMILY, 0, &name) == FcResultMatch
               ? g_strdup((const char *) name)
               : NULL;
}

bool letters_have_font(const char *font, Error **err)
{
    g_autofree char *sized = sized_font(font, 1), *other = NULL;
    g_autoptr(PangoFontDescription) described = pango_font_description_from_string(sized);
    const char *named = pango_font_description_get_family(described);
    g_auto(GStrv) families = g_strsplit(named ? named : "", ",", -1);

    for (char **family = families; *family; family++) {
        g_strstrip(*family);
        if (is_generic(*family) || is_installed(*family) || has_alias(*family))
            return true;
    }
    other = *families ? stand_in(*families) : NULL;
    return !other || error_set(err, ERROR_CONFIG, "`fc-list : family` lists those that are",
                               "the font \"%s\" is not installed: %s is used", named, other);
}

void letters_note_font(const char *font, Image *photo)
{
    g_autoptr(Error) lacks = NULL;

    if (!letters_have_font(font, &lacks))
        image_note(photo, "%s", lacks->what);
}

/* ---- drawing ---- */

VipsImage *letters_cover(const char *words, const char *font, double size,
                         const LettersLines *lines)
{
    g_autofree char *escaped = lines->markup ? g_strdup(words) : g_markup_escape_text(words, -1);
    g_autofree char *sized = sized_font(font, size);
    VipsImage *out = NULL;

    return vips_text(&out, escaped, "font", sized, "width", lines->width, "align", lines->align,
                     "wrap", VIPS_TEXT_WRAP_WORD_CHAR, NULL)
               ? NULL
               : out;
}
