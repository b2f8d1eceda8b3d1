/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/import_name.h"

#include <string.h>

#include "actions/template_internal.h"
#include "base/text.h"

enum { SHOWN = 120 }; /* characters of a setting that a message quotes */

/* ---- its name ---- */

static bool refuse(const char *row, const char *text, const char *fix, const char *what,
                   Error **err)
{
    g_autofree char *shown = text_value(text, SHOWN);

    return error_set(err, ERROR_CONFIG, fix, "%s = \"%s\", %s", row, *text ? shown : "", what);
}

/* The last value, as it is. */
static bool ends_in_extension(const Template *template)
{
    guint count = template->parts->len;
    const Part *last = template_part(template, count - 1);
    const Part *before = count > 1 ? template_part(template, count - 2) : NULL;
    const Fact *fact = last->text || last->format ? NULL : formula_fact(last->formula);

    if (!fact || !(fact->flags & FACT_HAS_EXTENSION))
        return false;
    return fact->flags & FACT_HAS_STEM ||
           (before && before->text && g_str_has_suffix(before->text, "."));
}

/* A date that nothing stands for; NULL: there is none. Also behind a |. */
static const Fact *lone_date(const Template *template)
{
    const Fact *found = NULL;

    for (guint i = 0; i < template->parts->len && !found; i++) {
        const Part *part = template_part(template, i);
        const Fact *fact = part->formula ? formula_fact(part->formula) : NULL;
        if (part->otherwise)
            found = lone_date(part->otherwise);
        else if (fact && fact->type == VALUE_DATE && fact->flags & FACT_MAY_BE_MISSING)
            found = fact;
    }
    return found;
}

/* What an import writes beside the copies, at the top of a destination. */
static const char *const own[] = { "ascmhl", "_cards" };

/* Whether a path has the name of one of these as its first part: also where only the case differs,
 * which many disks do not know. */
static bool is_own(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
        size_t length = strlen(own[i]);
        if (!g_ascii_strncasecmp(path, own[i], length) && (!path[length] || path[length] == '/'))
            return true;
    }
    return false;
}

static bool begins_in_own(const Template *template)
{
    const Part *first = template->parts->len ? template_part(template, 0) : NULL;

    return first && first->text && strchr(first->text, '/') && is_own(first->text);
}

static bool check(const Template *template, const char *text, Error **err)
{
    const Fact *date = lone_date(template);

    if (begins_in_own(template))
        return refuse("name", text, "begin it with another directory, as in photos/{stem}.{ext}",
                      "an import writes its own lists and reports into that directory", err);
    if (!ends_in_extension(template))
        return refuse("name", text, "end it with .{ext}, as in {day:%Y-%m-%d|undated}/{stem}.{ext}",
                      "it does not end in .{ext}: each file of a shot keeps its own extension",
                      err);
    if (template_scope(template) == FACT_OF_STEP)
        return refuse("name", text, "leave random() out",
                      "a repeated import would give other names", err);
    if (!date)
        return true;
    g_autofree char *fix = g_strdup_printf("write {%s|undated}, or with a format {%s:%%Y-%%m-%%d|"
                                           "undated}",
                                           date->name, date->name);
    g_autofree char *what = g_strdup_printf("{%s} has no |: a file may say no date", date->name);
    return refuse("name", text, fix, what, err);
}

Template *import_name_new(const char *text, Error **err)
{
    g_autoptr(Template) template =
        template_new_of(FACTS_OF_IMPORTS, TEMPLATE_PATH, "name", text, err);

    return template && check(template, text, err) ? g_steal_pointer(&template) : NULL;
}

/* The name has the extension of its file, as the template ends; without one, the point of .{ext}.
 */
static void cut_extension(char *path, const char *extension)
{
    const char *cut = *extension ? extension : ".";

    if (g_str_has_suffix(path, cut))
        path[strlen(path) - strlen(cut)] = '\0';
}

char *import_name_of(const Template *template, Image *image, Error **err)
{
    const char *extension = fact_extension_of(image_source_names(image)->name);
    size_t room = IMPORT_NAME_ROOM;
    char *path = template_expand(template, image, room - MIN(strlen(extension), room), err);

    if (!path)
        return NULL;
    cut_extension(path, extension);
    g_autofree char *made = path;
    return g_strconcat(is_own(made) ? "_" : "", made,
                       *made && !g_str_has_suffix(made, "/") ? NULL : "unknown", NULL);
}

/* ---- its media ---- */

Formula *import_when_new(const char *text, Error **err)
{
    const char *at = text + strspn(text, " "), *end = NULL;
    bool braced = *at == '{';
    g_autoptr(Formula) formula =
        formula_new_of(FACTS_OF_MEDIA, at + braced, value_column(text, 1, at + braced), &end, err);

    if (!formula) {
        g_autofree char *what = g_steal_pointer(&(*err)->what);
        g_autofree char *shown = text_value(text, SHOWN);
        (*err)->what = g_strdup_printf("when = \"%s\", %s", *text ? shown : "", what);
        return NULL;
    }
    end += braced && *end == '}';
    if (end[strspn(end, " ")] || (braced && end[-1] != '}')) {
        refuse("when", text, "write one formula in braces, as in {matches(label, 'EOS*')}",
               "something stands behind the formula", err);
        return NULL;
    }
    if (formula_type(formula) != VALUE_TRUTH || formula_scope(formula) == FACT_OF_STEP) {
        refuse("when", text, "compare it with something, as in {matches(label, 'EOS*')}",
               "it does not say yes or no", err);
        return NULL;
    }
    return g_steal_pointer(&formula);
}

bool import_when_fits(const Formula *formula, const MediumWords *medium, bool *fits, Error **err)
{
    const FactSource source = { .medium = medium };
    g_auto(Value) value = { .missing = true };

    if (!formula_evaluate(formula, &source, &value, err)) {
        (*err)->kind = ERROR_CONFIG;
        return false;
    }
    *fits = value.number != 0;
    return true;
}
