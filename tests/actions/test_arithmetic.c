/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random formulas come to what their trees do: a tree is computed here without a parser, and
 * written down with no more parentheses than the rules of precedence ask for, and some more. */
#include <math.h>

#include "actions/formula.h"
#include "tests/actions/check.h"
#include "tests/actions/pictures.h"

enum { WIDTH = 30, HEIGHT = 20, FORMULAS = 20000, DEPTH = 4, CHILDREN = 3 };

/* How strongly a piece of a formula holds together, as the manual says it. */
typedef enum Tie {
    TIE_OR = 1,
    TIE_AND,
    TIE_NOT,
    TIE_COMPARISON,
    TIE_SUM,
    TIE_PRODUCT,
    TIE_SIGN,
    TIE_ALONE
} Tie;

/* What a piece of a formula is, and what it has to come to. */
typedef struct Piece {
    GString *text;
    Tie tie;
    double value;
    bool fails;    /* it has no value */
    bool constant; /* no picture decides it */
    bool refused;  /* no profile may have it: something constant in it has no value */
} Piece;

static Piece random_piece(GRand *chance, bool truth, int depth);

static void piece_clear(Piece *piece)
{
    g_string_free(piece->text, TRUE);
}

/* ---- writing ---- */

static const char *blank(GRand *chance)
{
    static const char *const blanks[] = { "", " ", "  " };

    return blanks[g_rand_int_range(chance, 0, G_N_ELEMENTS(blanks))];
}

/* Where it would not hold together by itself, or by chance. */
static void enclose(Piece *piece, GRand *chance, Tie least)
{
    if (piece->tie >= least && g_rand_int_range(chance, 0, 8))
        return;
    g_string_prepend(piece->text, g_rand_boolean(chance) ? "( " : "(");
    g_string_append(piece->text, ")");
    piece->tie = TIE_ALONE;
}

/* ---- a piece of others ---- */

/* Its value, where it has one. */
static void settle(Piece *piece, double value, bool fails)
{
    piece->value = value + 0.0; /* no -0 */
    piece->fails = fails || !isfinite(piece->value);
    piece->refused = piece->refused || (piece->constant && piece->fails);
}

static Piece piece_of(const Piece *children, unsigned count)
{
    Piece piece = { .text = g_string_new(NULL), .tie = TIE_ALONE, .constant = true };

    for (unsigned i = 0; i < count; i++) {
        piece.constant = piece.constant && children[i].constant;
        piece.refused = piece.refused || children[i].refused;
    }
    return piece;
}

static double compute(const char *sign, double a, double b)
{
    switch (*sign) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return a * b;
    case '/':
        return a / b;
    case '%':
        return fmod(a, b);
    case '<':
        return sign[1] ? a <= b : a < b;
    case '>':
        return sign[1] ? a >= b : a > b;
    case '=':
        return a == b;
    default:
        return a != b;
    }
}

typedef struct Sign {
    const char *sign;
    Tie tie;
    bool of_truths; /* it may stand between two yes or no */
} Sign;

static Piece between(GRand *chance, const Sign *sign, bool truths, int depth)
{
    Piece sides[] = { random_piece(chance, truths, depth), random_piece(chance, truths, depth) };
    Piece piece = piece_of(sides, 2);
    bool divides = *sign->sign == '/' || *sign->sign == '%';

    enclose(&sides[0], chance, sign->tie);
    enclose(&sides[1], chance, sign->tie + 1);
    g_string_printf(piece.text, "%s%s%s%s%s", sides[0].text->str, blank(chance), sign->sign,
                    blank(chance), sides[1].text->str);
    piece.tie = sign->tie;
    piece.refused = piece.refused || (divides && sides[1].constant && sides[1].value == 0);
    settle(&piece, compute(sign->sign, sides[0].value, sides[1].value),
           sides[0].fails || sides[1].fails || (divides && sides[1].value == 0));
    piece_clear(&sides[0]);
    piece_clear(&sides[1]);
    return piece;
}

/* The second side counts only where the first one leaves it open. */
static Piece joined(GRand *chance, bool both, int depth)
{
    Piece sides[] = { random_piece(chance, true, depth), random_piece(chance, true, depth) };
    Piece piece = piece_of(sides, 2);
    Tie tie = both ? TIE_AND : TIE_OR;
    bool open = !sides[0].fails && (sides[0].value != 0) == both;

    enclose(&sides[0], chance, tie);
    enclose(&sides[1], chance, tie + 1);
    g_string_printf(piece.text, "%s %s %s", sides[0].text->str, both ? "and" : "OR",
                    sides[1].text->str);
    piece.tie = tie;
    settle(&piece, open ? sides[1].value : sides[0].value,
           sides[0].fails || (open && sides[1].fails));
    piece_clear(&sides[0]);
    piece_clear(&sides[1]);
    return piece;
}

static Piece before(GRand *chance, bool truth, int depth)
{
    Piece of = random_piece(chance, truth, depth), piece = piece_of(&of, 1);

    piece.tie = truth ? TIE_NOT : TIE_SIGN;
    enclose(&of, chance, piece.tie);
    g_string_printf(piece.text, "%s%s", truth ? "not " : "-", of.text->str);
    settle(&piece, truth ? of.value == 0 : -of.value, of.fails);
    piece_clear(&of);
    return piece;
}

static Piece chosen(GRand *chance, bool truth, int depth)
{
    Piece of[] = { random_piece(chance, true, depth), random_piece(chance, truth, depth),
                   random_piece(chance, truth, depth) };
    Piece piece = piece_of(of, CHILDREN);
    const Piece *taken = &of[of[0].value != 0 ? 1 : 2];

    g_string_printf(piece.text, "if(%s,%s%s,%s%s)", of[0].text->str, blank(chance), of[1].text->str,
                    blank(chance), of[2].text->str);
    settle(&piece, taken->value, of[0].fails || taken->fails);
    for (int i = 0; i < CHILDREN; i++)
        piece_clear(&of[i]);
    return piece;
}

/* ---- functions ---- */

static double least_of(const double *values)
{
    return fmin(fmin(values[0], values[1]), values[2]);
}

static double most_of(const double *values)
{
    return fmax(fmax(values[0], values[1]), values[2]);
}

static double within(const double *values)
{
    return values[1] > values[2] ? NAN : fmin(fmax(values[0], values[1]), values[2]);
}

static double size_of(const double *values)
{
    return values[0] < 0 ? -values[0] : values[0];
}

static double nearest(const double *values)
{
    double whole = trunc(values[0]), rest = values[0] - whole;

    return whole + (rest >= 0.5) - (rest <= -0.5);
}

static double below(const double *values)
{
    return trunc(values[0]) - (trunc(values[0]) > values[0]);
}

static double above(const double *values)
{
    return trunc(values[0]) + (trunc(values[0]) < values[0]);
}

static double root_of(const double *values)
{
    return sqrt(values[0]); /* NaN below 0 */
}

static const struct {
    const char *name;
    unsigned takes;
    double (*compute)(const double *values);
} functions[] = { { "min", 3, least_of }, { "max", 3, most_of },   { "clamp", 3, within },
                  { "abs", 1, size_of },  { "round", 1, nearest }, { "floor", 1, below },
                  { "ceil", 1, above },   { "Sqrt", 1, root_of } };

static Piece called(GRand *chance, int depth)
{
    int i = g_rand_int_range(chance, 0, G_N_ELEMENTS(functions));
    unsigned takes = functions[i].takes;
    double values[CHILDREN] = { 0 };
    Piece of[CHILDREN] = { 0 };
    bool fails = false;

    for (unsigned n = 0; n < takes; n++) {
        of[n] = random_piece(chance, false, depth);
        values[n] = of[n].value;
        fails = fails || of[n].fails;
    }
    Piece piece = piece_of(of, takes);
    g_string_printf(piece.text, "%s(", functions[i].name);
    for (unsigned n = 0; n < takes; n++) {
        g_string_append_printf(piece.text, "%s%s", n ? ", " : "", of[n].text->str);
        piece_clear(&of[n]);
    }
    g_string_append_c(piece.text, ')');
    settle(&piece, functions[i].compute(values), fails);
    return piece;
}

/* ---- the smallest pieces ---- */

static const struct {
    const char *text;
    bool truth, constant;
    double value;
} leaves[] = {
    { "0", false, true, 0 },
    { "1", false, true, 1 },
    { "2", false, true, 2 },
    { "7", false, true, 7 },
    { "0.5", false, true, 0.5 },
    { ".1", false, true, 0.1 },
    { "1e3", false, true, 1000 },
    { "1e300", false, true, 1e300 },
    { "width", false, false, WIDTH },
    { "height", false, false, HEIGHT },
    { "shorter", false, false, HEIGHT },
    { "pixels", false, false, WIDTH *HEIGHT },
    { "aspect", false, false, (double) WIDTH / HEIGHT },
    { "landscape", true, false, 1 },
    { "portrait", true, false, 0 },
    { "square", true, false, 0 },
    { "'a' == 'a'", true, true, 1 },
    { "'a' != 'a'", true, true, 0 },
};

static Piece leaf(GRand *chance, bool truth)
{
    int i = 0;

    do
        i = g_rand_int_range(chance, 0, G_N_ELEMENTS(leaves));
    while (leaves[i].truth != truth);
    return (Piece){ .text = g_string_new(leaves[i].text),
                    .tie = truth && leaves[i].constant ? TIE_COMPARISON : TIE_ALONE,
                    .value = leaves[i].value,
                    .constant = leaves[i].constant };
}

static Piece random_number(GRand *chance, int depth)
{
    static const Sign signs[] = { { "+", TIE_SUM, false },
                                  { "-", TIE_SUM, false },
                                  { "*", TIE_PRODUCT, false },
                                  { "/", TIE_PRODUCT, false },
                                  { "%", TIE_PRODUCT, false } };

    switch (g_rand_int_range(chance, 0, 8)) {
    case 0:
        return before(chance, false, depth);
    case 1:
        return called(chance, depth);
    case 2:
        return chosen(chance, false, depth);
    default:
        return between(chance, &signs[g_rand_int_range(chance, 0, G_N_ELEMENTS(signs))], false,
                       depth);
    }
}

static Piece random_truth(GRand *chance, int depth)
{
    static const Sign signs[] = {
        { "==", TIE_COMPARISON, true }, { "!=", TIE_COMPARISON, true },
        { "<", TIE_COMPARISON, false }, { "<=", TIE_COMPARISON, false },
        { ">", TIE_COMPARISON, false }, { ">=", TIE_COMPARISON, false },
    };
    const Sign *sign = &signs[g_rand_int_range(chance, 0, G_N_ELEMENTS(signs))];

    switch (g_rand_int_range(chance, 0, 6)) {
    case 0:
        return before(chance, true, depth);
    case 1:
        return joined(chance, true, depth);
    case 2:
        return joined(chance, false, depth);
    case 3:
        return chosen(chance, true, depth);
    default:
        return between(chance, sign, sign->of_truths && g_rand_boolean(chance), depth);
    }
}

static Piece random_piece(GRand *chance, bool truth, int depth)
{
    if (depth == 0 || !g_rand_int_range(chance, 0, 5))
        return leaf(chance, truth);
    return truth ? random_truth(chance, depth - 1) : random_number(chance, depth - 1);
}

/* ---- the test ---- */

static Image *plain_picture(void)
{
    static const SourceNames names = { "", "", "", "a.jpg", 0, { 0 } };
    const double colour[] = { 1, 2, 3 };
    g_autoptr(VipsImage) plain = picture_plain(WIDTH, HEIGHT, 3, colour);
    g_autoptr(Error) error = NULL;
    Image *image = image_open(picture_file(plain, ".png"), NULL, &names, NULL, &error);

    if (!image)
        fail_msg("%s", error->what);
    return image;
}

static void check_value(const Formula *formula, const Piece *piece, const FactSource *source)
{
    g_auto(Value) value = { .missing = true };
    g_autoptr(Error) error = NULL;

    if (formula_evaluate(formula, source, &value, &error) == piece->fails)
        fail_msg("%s: %s", piece->text->str, error ? error->what : "it has a value");
    if (!piece->fails && value.number != piece->value)
        fail_msg("%s is %.17g, not %.17g", piece->text->str, value.number, piece->value);
}

/* What it came to: nothing, an error, a value. */
static unsigned check_piece(const Piece *piece, const FactSource *source)
{
    g_autoptr(Error) error = NULL;
    const char *end = NULL;
    g_autoptr(Formula) formula = formula_new(piece->text->str, 1, &end, &error);

    if (!formula != piece->refused || (formula && *end))
        fail_msg("%s: %s", piece->text->str, error ? error->what : "it should not be taken");
    if (formula)
        check_value(formula, piece, source);
    return formula ? 1 + !piece->fails : 0;
}

static void random_formulas_come_to_what_their_trees_do(void **state)
{
    g_autoptr(Image) image = plain_picture();
    const Shape shape = image_shape(image);
    const FactSource source = { .image = image, .shape = &shape, .row = "width" };
    unsigned came_to[3] = { 0 };

    (void) state;
    for (unsigned seed = 0; seed < FORMULAS; seed++) {
        GRand *chance = g_rand_new_with_seed(seed);
        Piece piece = random_piece(chance, seed % 2, DEPTH);
        came_to[check_piece(&piece, &source)]++;
        piece_clear(&piece);
        g_rand_free(chance);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(came_to); i++)
        assert_true(came_to[i] > FORMULAS / 50); /* none of the three is left out */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_formulas_come_to_what_their_trees_do),
    };

    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_arithmetic", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("arithmetic", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
