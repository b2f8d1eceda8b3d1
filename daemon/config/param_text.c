/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What values a setting takes, in words, from its row. */
#include "base/units.h"
#include "config/param_internal.h"

/* A number of the row's range as it is written: "0.1", "2s", "20MB". Newly allocated. */
static char *number_text(const Param *param, double number)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    if (param->type == PARAM_DURATION)
        return units_duration_text((int64_t) number);
    if (param->type == PARAM_BYTES)
        return units_bytes_text((int64_t) number);
    return g_strdup(g_ascii_formatd(buffer, sizeof(buffer), "%.9g", number));
}

/* With a space before it; "" for a plain number. Newly allocated. */
static char *unit_text(const Param *param)
{
    if (param->type == PARAM_LENGTH)
        return g_strdup_printf(" px, mm, cm, in or %% of %s", length_of_text(param->of));
    if (param_is_proportion(param))
        return g_strdup(", as 1.5 or 3:2");
    return param->unit ? g_strdup_printf(" %s", param->unit) : g_strdup("");
}

/* "0.1 to 10 px", newly allocated. */
static char *range_text(const Param *param)
{
    g_autofree char *least = number_text(param, param->min);
    g_autofree char *most = number_text(param, param->max);
    bool open_end = param->max == 0 && param->min >= 0;
    g_autofree char *unit = unit_text(param);
    g_autofree char *range = NULL;

    if (open_end)
        range = g_strdup_printf("%s%s or more", least, unit);
    else
        range = g_strdup_printf("%s to %s%s", least, most, unit);
    return param->zero ? g_strdup_printf("%s, or %s", range, param->zero) : g_steal_pointer(&range);
}

static char *choices_text(const Param *param)
{
    GString *out = g_string_new(NULL);

    for (unsigned i = 0; param_choice(param, i); i++)
        g_string_append_printf(out, "%s%s", i ? ", " : "", param_choice(param, i)->word);
    return g_string_free(out, FALSE);
}

static char *words_text(const Param *param)
{
    g_autofree char *words = choices_text(param);

    return g_strdup_printf("{ ... } of %s", words);
}

static char *place_text(const Param *param)
{
    g_autofree char *words = choices_text(param);

    return g_strdup_printf("%s%s\"x y\" in px, mm, cm, in or %% of the width and the height", words,
                           *words ? ", or " : "");
}

static char *area_text(const Param *param)
{
    return g_strdup_printf(
        "%s%s%s\"x y width height\" in px, mm, cm, in or %% of the width and the "
        "height",
        param->zero ? param->zero : "", param->zero ? ", or " : "",
        param->or_margin ? "one length from each edge, or " : "");
}

static char *colour_text(const Param *param)
{
    g_autofree char *words = choices_text(param);

    if (param->only_opaque)
        return g_strdup_printf("%s%s\"#rrggbb\"", words, *words ? " or " : "");
    return g_strdup_printf("%s%s\"#rrggbb\"%s \"#rrggbbaa\"%s%s", words, *words ? ", " : "",
                           param->zero ? "," : " or", param->zero ? " or " : "",
                           param->zero ? param->zero : "");
}

static char *asset_text(const Param *param, const char *what)
{
    g_autofree char *words = param->choices ? choices_text(param) : NULL;

    return g_strdup_printf("%s%sthe whole path of a %s, from /%s%s", words ? words : "",
                           words ? ", or " : "", what, param->zero ? ", or " : "",
                           param->zero ? param->zero : "");
}

char *param_allowed_text(const Param *param)
{
    switch (param->type) {
    case PARAM_BOOL:
        return g_strdup("yes or no");
    case PARAM_INT:
    case PARAM_REAL:
    case PARAM_LENGTH:
    case PARAM_DURATION:
    case PARAM_BYTES:
        return range_text(param);
    case PARAM_CHOICE:
        return choices_text(param);
    case PARAM_PLACE:
        return place_text(param);
    case PARAM_AREA:
        return area_text(param);
    case PARAM_COLOUR:
        return colour_text(param);
    case PARAM_FILE:
        return g_strdup("the whole path of a file, from /");
    case PARAM_PICTURE:
    case PARAM_MASK:
        return asset_text(param, "picture");
    case PARAM_TILES:
        return asset_text(param, "picture, or of a directory of pictures");
    case PARAM_TRACK:
        return asset_text(param, "GPX file, or of a directory of them");
    case PARAM_ICC:
        return asset_text(param, "colour profile");
    case PARAM_XMP:
        return asset_text(param, "file of XMP");
    case PARAM_PATH:
        return asset_text(param, "directory");
    case PARAM_PATHS:
        return g_strdup("{ \"/path\", ... }, whole paths of directories, from /");
    case PARAM_CLOCK:
        return g_strdup("00:00 to 23:59");
    case PARAM_TEXT:
        return g_strdup("text in quotes");
    case PARAM_TEXTS:
        return g_strdup("text in quotes, or { \"text\", ... }");
    case PARAM_GLOBS:
        return g_strdup("{ \"pattern\", ... }");
    case PARAM_COMMAND:
        return g_strdup("{ \"/path/of/a/program\", \"argument\", ... }");
    case PARAM_WORDS:
    case PARAM_RANKING:
        return words_text(param);
    case PARAM_END:
        break;
    }
    g_assert_not_reached();
}
