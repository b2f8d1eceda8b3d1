/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "config/param_internal.h"

enum { CHOICES_MAX = 64 }; /* words that a guess considers */

/* A row whose max is 0 has no upper end, unless its min is below 0. */
const char *param_value_range(const Param *param, double number)
{
    if (number < param->min)
        return "too small";
    if (number > param->max && (param->max != 0 || param->min < 0))
        return "too large";
    return NULL;
}

static bool is_percentage(const Param *param)
{
    return param->unit && !strcmp(param->unit, "%");
}

/* Other programs take opacities from 0 to 1. */
static bool may_be_fraction(double number, const char *unit)
{
    return !*unit && number > 0 && number < 1;
}

/* "3:2" is 1.5, where that is how many times one side is as long as the other. */
static bool read_proportion(const Param *param, const char **rest, double *number)
{
    double other = 0;

    if (!param_is_proportion(param) || **rest != ':' ||
        !units_read_number(*rest + 1, &other, rest) || other <= 0)
        return false;
    *number /= other;
    return true;
}

static const char *read_real(const Param *param, const char *text, double *number)
{
    const char *rest = NULL;

    if (!units_read_number(text, number, &rest))
        return "not a number";
    if (read_proportion(param, &rest, number) && !*rest)
        return param_value_range(param, *number);
    if (*rest && (!param->unit || strcmp(rest, param->unit) != 0))
        return param->unit ? "unknown unit" : "not a plain number";
    if (is_percentage(param) && may_be_fraction(*number, rest))
        return "without % it may be a fraction or a percentage";
    return param_value_range(param, *number);
}

static const char *read_int(const Param *param, const char *text, int *whole)
{
    double number = 0;
    const char *problem = read_real(param, text, &number);

    if (problem)
        return problem;
    if (number != floor(number))
        return "not a whole number";
    if (number > INT_MAX || number < INT_MIN)
        return number > 0 ? "too large" : "too small";
    *whole = (int) number;
    return NULL;
}

/* The range is one of pixels and of %. */
static const char *length_out_of_range(const Param *param, Length length)
{
    if (length_is_physical(length))
        return length.amount > 0 || param->min <= 0 ? NULL : "too small";
    return param_value_range(param, length.amount);
}

static const char *read_length(const Param *param, const char *text, Length *length)
{
    const char *problem = length_read(text, param->min, length);

    return problem ? problem : length_out_of_range(param, *length);
}

const Choice *param_choice(const Param *param, unsigned i)
{
    unsigned nine = param->type == PARAM_PLACE && !param->only_lengths ? PLACE_WORDS : 0;
    const Choice *choice = i < nine ? &place_words[i] : param->choices;

    if (i >= nine && choice)
        choice += i - nine;
    return choice && choice->word ? choice : NULL;
}

static const char *read_choice(const Param *param, const char *text, int *value)
{
    const Choice *choice = NULL;

    for (unsigned i = 0; (choice = param_choice(param, i)); i++)
        if (text_is_word(choice->word, text)) {
            *value = choice->value;
            return NULL;
        }
    return "no such choice";
}

/* A word, or else two lengths. */
static const char *read_place(const Param *param, const char *text, Place *place)
{
    const char *problem = NULL;

    *place = (Place){ 0 };
    if (!read_choice(param, text, &place->word))
        return NULL;
    problem = place_read(text, place);
    if (!problem)
        problem = length_out_of_range(param, place->x);
    return problem ? problem : length_out_of_range(param, place->y);
}

static const char *read_area(const Param *param, const char *text, Area *area)
{
    const char *problem = area_read(text, param->or_margin, area);
    const Length *const sides[] = { &area->x, &area->y, &area->width, &area->height };

    for (size_t i = 0; !problem && i < G_N_ELEMENTS(sides); i++)
        problem = length_out_of_range(param, *sides[i]);
    return problem;
}

static const char *read_word(const Param *param, const char *text, unsigned *bit)
{
    int value = 0;
    const char *problem = read_choice(param, text, &value);

    *bit = problem ? 0 : 1U << value;
    return problem;
}

/* The numbers of a colour's name: the sixteen that CSS has had from the first (CSS Color, 6.1). */
static const char *numbers_of(const char *name)
{
    static const char *const colours[][2] = {
        { "black", "#000000" },  { "silver", "#c0c0c0" }, { "gray", "#808080" },
        { "grey", "#808080" },   { "white", "#ffffff" },  { "maroon", "#800000" },
        { "red", "#ff0000" },    { "purple", "#800080" }, { "fuchsia", "#ff00ff" },
        { "green", "#008000" },  { "lime", "#00ff00" },   { "olive", "#808000" },
        { "yellow", "#ffff00" }, { "navy", "#000080" },   { "blue", "#0000ff" },
        { "teal", "#008080" },   { "aqua", "#00ffff" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(colours); i++)
        if (!strcmp(name, colours[i][0]))
            return colours[i][1];
    return name;
}

/* A word, or else numbers, or their name. */
static const char *read_colour(const Param *param, const char *value, Colour *colour)
{
    double parts[4] = { 0, 0, 0, 255 };
    const char *text = numbers_of(value);
    size_t length = strlen(text);

    *colour = (Colour){ 0 };
    if (!read_choice(param, value, &colour->word))
        return NULL;
    if (*text != '#' || (length != 7 && length != 9) ||
        strspn(text + 1, "0123456789abcdefABCDEF") != length - 1)
        return "not a colour";
    for (size_t i = 0; i < length / 2; i++)
        parts[i] =
            g_ascii_xdigit_value(text[1 + 2 * i]) * 16 + g_ascii_xdigit_value(text[2 + 2 * i]);
    *colour = (Colour){ .r = parts[0], .g = parts[1], .b = parts[2], .a = parts[3] };
    return colour->a < 255 && param->only_opaque ? "this colour has no alpha, the last two digits"
                                                 : NULL;
}

static const char *path_problem(const char *text)
{
    if (*text == '~')
        return "~ is not understood";
    if (*text == '$')
        return "environment variables are not expanded";
    if (*text != '/')
        return "not an absolute path";
    if (strstr(text, "/../") || g_str_has_suffix(text, "/.."))
        return "contains '..'";
    return NULL;
}

/* A word, or else a path. */
static const char *read_path(const Param *param, const char *text, char **path)
{
    int value = 0;
    bool is_word = param->choices && !read_choice(param, text, &value);
    const char *problem = is_word ? NULL : path_problem(text);

    if (!problem)
        *path = is_word ? g_strdup(text) : g_canonicalize_filename(text, "/");
    return problem;
}

/* The word as its row has it, of an American one too. */
static const char *read_rank(const Param *param, const char *text, char **word)
{
    int value = 0;
    const char *problem = read_choice(param, text, &value);

    for (unsigned i = 0; !problem && param_choice(param, i); i++)
        if (param_choice(param, i)->value == value && !*word)
            *word = g_strdup(param_choice(param, i)->word);
    return problem;
}

/* "04:00" or "4:00". */
static const char *read_clock(const char *text, int *minutes)
{
    enum { HOURS = 24, MINUTES = 60 };
    size_t digits = strspn(text, "0123456789");
    bool is_whole = (digits == 1 || digits == 2) && text[digits] == ':' &&
                    strlen(text + digits + 1) == 2 && strspn(text + digits + 1, "0123456789") == 2;
    int64_t hour = is_whole ? g_ascii_strtoll(text, NULL, 10) : 0;
    int64_t minute = is_whole ? g_ascii_strtoll(text + digits + 1, NULL, 10) : 0;

    if (!is_whole || hour >= HOURS || minute >= MINUTES)
        return "no time of a day";
    *minutes = (int) (hour * MINUTES + minute);
    return NULL;
}

static const char *read_named(const char *text, bool may_be_directory, char **path)
{
    const char *problem = path_problem(text);
    struct stat st;

    if (problem)
        return problem;
    if (stat(text, &st) != 0)
        return errno == EACCES ? "permission denied" : "no such file";
    if (!S_ISREG(st.st_mode) && !(may_be_directory && S_ISDIR(st.st_mode)))
        return may_be_directory ? "neither a file nor a directory" : "not a regular file";
    if (access(text, S_ISDIR(st.st_mode) ? R_OK | X_OK : R_OK) != 0)
        return "cannot be read";
    *path = g_strdup(text);
    return NULL;
}

static const char *read_file(const char *text, char **path)
{
    return read_named(text, false, path);
}

/* A word stands for what we bring ourselves. */
static const char *read_asset(const Param *param, const char *text, char **path)
{
    int value = 0;

    if (!param->choices || read_choice(param, text, &value))
        return read_named(text, param->type == PARAM_TILES || param->type == PARAM_TRACK, path);
    const Choice *choice = param->choices; /* the first of those that mean the same */
    while (choice->value != value)
        choice++;
    *path = g_strdup(choice->word);
    return NULL;
}

static const char *read_text(const char *text, char **copy)
{
    if (!g_utf8_validate(text, -1, NULL))
        return "not UTF-8";
    *copy = g_strdup(text);
    return NULL;
}

static const char *read_pattern(const char *text, char **copy)
{
    if (!*text)
        return "empty pattern";
    *copy = g_strdup(text);
    return NULL;
}

static const char *read_amount(const Param *param, const char *text, int64_t *amount)
{
    const char *problem = param->type == PARAM_BYTES ? units_read_bytes(text, amount)
                                                     : units_read_duration(text, amount);

    return problem ? problem : param_value_range(param, (double) *amount);
}

static const char *read_bool(const char *text, bool *yes)
{
    *yes = !strcmp(text, "yes");
    return *yes || !strcmp(text, "no") ? NULL : "neither yes nor no";
}

const char *param_value_read(const Param *param, const char *text, ParamValue *value)
{
    switch (param->type) {
    case PARAM_BOOL:
        return read_bool(text, &value->yes);
    case PARAM_INT:
        return read_int(param, text, &value->whole);
    case PARAM_REAL:
        return read_real(param, text, &value->real);
    case PARAM_LENGTH:
        return read_length(param, text, &value->length);
    case PARAM_CHOICE:
        return read_choice(param, text, &value->whole);
    case PARAM_PLACE:
        return read_place(param, text, &value->place);
    case PARAM_AREA:
        return read_area(param, text, &value->area);
    case PARAM_COLOUR:
        return read_colour(param, text, &value->colour);
    case PARAM_FILE:
        return read_file(text, &value->text);
    case PARAM_PICTURE:
    case PARAM_MASK:
    case PARAM_TILES:
    case PARAM_TRACK:
    case PARAM_ICC:
    case PARAM_XMP:
        return read_asset(param, text, &value->text);
    case PARAM_PATH:
    case PARAM_PATHS:
        return read_path(param, text, &value->text);
    case PARAM_RANKING:
        return read_rank(param, text, &value->text);
    case PARAM_CLOCK:
        return read_clock(text, &value->whole);
    case PARAM_TEXT:
    case PARAM_TEXTS:
        return read_text(text, &value->text);
    case PARAM_DURATION:
    case PARAM_BYTES:
        return read_amount(param, text, &value->amount);
    case PARAM_GLOBS:
        return read_pattern(text, &value->text);
    case PARAM_COMMAND: /* what the first one must be, its own check says */
        value->text = g_strdup(text);
        return NULL;
    case PARAM_WORDS:
        return read_word(param, text, &value->bits);
    case PARAM_END:
        break;
    }
    g_assert_not_reached();
}

/* ---- what was meant ---- */

static const char *closest_choice(const Param *param, const char *text)
{
    const char *words[CHOICES_MAX + 1] = { NULL };

    for (unsigned i = 0; i < CHOICES_MAX && param_choice(param, i); i++)
        words[i] = param_choice(param, i)->word;
    return text_closest(text, words);
}

/* What a fraction was most likely meant to be: 80 or 80%, newly allocated. NULL where `text` is
 * none or the setting counts something else. */
static char *percentage(const Param *param, const char *text)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    const char *rest = NULL;
    double number = 0;
    bool percent = (param->type == PARAM_LENGTH && param->min >= 1) || is_percentage(param);
    bool quality = !strcmp(param->name, "quality"); /* which other programs take as a fraction */

    if ((!percent && !quality) || !units_read_number(text, &number, &rest) ||
        !may_be_fraction(number, rest))
        return NULL;
    return g_strconcat(g_ascii_formatd(buffer, sizeof(buffer), "%.9g", number * 100),
                       percent ? "%" : "", NULL);
}

char *param_value_guess(const Param *param, const char *text)
{
    if (param_choice(param, 0))
        return g_strdup(closest_choice(param, text));
    g_autofree char *meant = percentage(param, text);
    return meant && !param_try(param, meant, NULL) ? g_steal_pointer(&meant) : NULL;
}
