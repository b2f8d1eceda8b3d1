/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as a formula: it is refused with a column, or comes to a value of the type that it has,
 * or to an error of the picture. The input is the formula. */
#include <stdlib.h>

#include "actions/formula.h"
#include "actions/value_format.h"
#include "tests/fuzz/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Image *some_picture(void)
{
    static const SourceNames origin = {
        "web", "inbox", "a/b", "DSC_0123.jpg", 1714566659, { INT64_MAX, 1, INT64_MAX, 0 }
    };
    static Image *image;
    g_autoptr(Error) error = NULL;

    if (image)
        return image;
    if (!libvips_start("fuzz_formula", &error))
        abort();
    image = image_open(picture_open(), NULL, &origin, NULL, &error);
    if (!image)
        abort();
    return image;
}

static void judge_error(const Error *error, ErrorKind kind)
{
    if (!error || error->kind != kind || !error->what || !*error->what ||
        !g_utf8_validate(error->what, -1, NULL))
        abort();
}

/* Twice the same, but for what a clock says. */
static void judge_result(const Formula *formula, const FactSource *source, const Value *value)
{
    g_auto(Value) again = { .missing = true };
    g_autoptr(Error) error = NULL;

    if (value->missing ? !formula_may_be_missing(formula) : value->type != formula_type(formula))
        abort();
    if (formula_scope(formula) == FACT_OF_STEP)
        return;
    g_autofree char *text = value_format_apply(NULL, value);
    if (!formula_evaluate(formula, source, &again, &error))
        abort();
    g_autofree char *same = value_format_apply(NULL, &again);
    if (strcmp(text, same) != 0)
        abort();
}

static void judge(const Formula *formula)
{
    Image *image = some_picture();
    const Shape shape = image_shape(image);
    const FactSource source = { .image = image, .shape = &shape, .step = 3, .row = "width" };
    g_auto(Value) value = { .missing = true };
    g_autoptr(Error) error = NULL;

    if (formula_evaluate(formula, &source, &value, &error))
        judge_result(formula, &source, &value);
    else
        judge_error(error, ERROR_PICTURE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *) data, size);
    g_autoptr(Error) error = NULL;
    const char *end = NULL;
    g_autoptr(Formula) formula = formula_new(text, 1, &end, &error);

    if (!formula) {
        judge_error(error, ERROR_CONFIG);
        if (!g_str_has_prefix(error->what, "column "))
            abort();
        return 0;
    }
    if (error || end < text || end > text + strlen(text) || (*end && !strchr(":|}", *end)))
        abort();
    judge(formula);
    return 0;
}
