/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/sheet_profiles.h"

#include <string.h>

/* ---- texts ---- */

/* As a value of the configuration, in quotes. */
static char *quoted(const char *text)
{
    GString *out = g_string_new("\"");

    for (const char *c = text; *c; c++) {
        if (strchr("\\\"$", *c))
            g_string_append_printf(out, "\\%c", *c);
        else if (g_ascii_iscntrl(*c))
            g_string_append_printf(out, "\\x%02x", (unsigned char) *c);
        else
            g_string_append_c(out, *c);
    }
    return g_string_free(g_string_append_c(out, '"'), FALSE);
}

/* The length of a value at the start of `text` that is only a name, maybe with a format: "{camera}"
 * or "{taken:%Y}"; 0: there is none. */
static size_t plain_value(const char *text)
{
    size_t name = strspn(text + 1, "abcdefghijklmnopqrstuvwxyz._"), end = 1 + name;

    if (!name)
        return 0;
    if (text[end] == ':')
        end += strcspn(text + end, "{}|\"");
    return text[end] == '}' ? end + 1 : 0;
}

char *sheet_lenient(const char *caption)
{
    GString *out = g_string_new(NULL);

    for (const char *c = caption; *c;) {
        bool doubled = (*c == '{' && c[1] == '{') || (*c == '}' && c[1] == '}');
        size_t length = doubled ? 2 : *c == '{' ? plain_value(c) : 0;

        if (!doubled && length)
            g_string_append_printf(out, "%.*s|}", (int) length - 1, c);
        else
            g_string_append_len(out, c, (gssize) MAX(length, 1));
        c += MAX(length, 1);
    }
    return g_string_free(out, FALSE);
}

/* ---- the steps of another profile ---- */

/* Behind a text in quotes that begins there. */
static const char *behind_quotes(const char *text)
{
    char quote = *text++;

    while (*text && *text != quote)
        text += *text == '\\' && text[1] ? 2 : 1;
    return *text ? text + 1 : text;
}

/* Behind the braces that begin there; the text is that of a profile without errors. */
static const char *behind_braces(const char *text)
{
    int depth = 0;

    do {
        if (*text == '"' || *text == '\'') {
            text = behind_quotes(text);
            continue;
        }
        depth += (*text == '{') - (*text == '}');
        text++;
    } while (*text && depth);
    return text;
}

/* Behind a setting or a step that begins at a name. */
static const char *behind_statement(const char *text)
{
    const char *sign = text + strcspn(text, "={");

    if (*sign == '{')
        return behind_braces(sign);
    sign += *sign == '=' ? 1 : 0;
    sign += strspn(sign, " \t\n");
    if (*sign == '"' || *sign == '\'')
        return behind_quotes(sign);
    return sign + strcspn(sign, " \t\n};");
}

/* What saves, and which pictures of a file are made: a cell shows the first. */
static bool is_left_out(const char *name, size_t length)
{
    static const char *const words[] = { "save", "branch", "pages" };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (length == strlen(words[i]) && !strncmp(name, words[i], length))
            return true;
    return false;
}

char *sheet_steps_of(const ProfileText *profile)
{
    const char *text = profile->text + strlen("profile");
    GString *steps = g_string_new(NULL);

    text += strspn(text, " \t\n");
    if (*text == '"' || *text == '\'')
        text = behind_quotes(text);
    text += strcspn(text, "{");
    for (text += *text ? 1 : 0; *text && *text != '}';) {
        size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789-");
        const char *end = name ? behind_statement(text) : text + 1;

        if (!name || !is_left_out(text, name))
            g_string_append_len(steps, text, end - text);
        text = end;
    }
    return g_string_free(steps, FALSE);
}

/* ---- cells ---- */

/* The step that writes the caption below the picture; "" for an empty one. */
static char *caption_step(const SheetLayout *layout, const char *caption)
{
    g_autofree char *lenient = sheet_lenient(caption), *text = quoted(lenient);

    if (!*caption)
        return g_strdup("");
    return g_strdup_printf("    text { text = %s  size = %dpx  colour = \"#202020\"  place = top\n"
                           "           margin = %dpx  width = %dpx  align = centre }\n",
                           text, layout->letters, layout->picture_height + layout->letters / 3,
                           layout->cell_width);
}

/* The end of each profile of cells. */
static char *cell_end(const SheetLayout *layout, const char *caption)
{
    g_autofree char *step = caption_step(layout, caption);

    return g_strdup_printf(
        "    canvas { width = %dpx  height = %dpx  place = top  background = \"#ffffff\" }\n"
        "%s"
        "    save { name = \"{seq}.ppm\"  format = ppm  metadata = none }\n"
        "}\n",
        layout->cell_width, layout->cell_height, step);
}

/* A profile may end in CMYK, which is not scaled. */
char *sheet_profile_of_cells(const SheetLayout *layout, const char *caption,
                             const ProfileText *prepare)
{
    g_autofree char *end = cell_end(layout, caption);
    g_autofree char *steps = prepare ? sheet_steps_of(prepare) : g_strdup("");
    bool inks = strstr(steps, "icc");

    return g_strdup_printf(
        "profile \"%s\" {\n%s\n%s"
        "    scale { width = %dpx  height = %dpx  sharpen = light }\n"
        "    icc { to = srgb }\n"
        "    convert { to = rgb  depth = 8  alpha = drop }\n"
        "    canvas { width = %dpx  height = %dpx  background = \"#ffffff\" }\n%s",
        SHEET_PROFILE, steps, inks ? "    icc { to = srgb }\n" : "", layout->cell_width,
        layout->picture_height, layout->cell_width, layout->picture_height, end);
}

char *sheet_profile_of_failed(const SheetLayout *layout, const char *caption, const char *why)
{
    g_autofree char *end = cell_end(layout, caption), *words = quoted(why);

    return g_strdup_printf(
        "profile \"%s\" {\n"
        "    scale { width = %dpx  height = %dpx  keep = no  enlarge = yes }\n"
        "    convert { to = rgb }\n"
        "    text { text = %s  size = %dpx  colour = \"#a00000\"  place = centre\n"
        "           width = %dpx  align = centre }\n%s",
        SHEET_PROFILE, layout->cell_width, layout->picture_height, words, layout->letters,
        layout->cell_width, end);
}

/* ---- pages ---- */

/* The files of pages are numbered in their order: {seq} is the page's. */
static char *header_text(const char *header, unsigned pages)
{
    g_autofree char *many = g_strdup_printf("%u", pages);
    g_auto(GStrv) before = g_strsplit(header, "{pages}", -1);
    g_autofree char *counted = g_strjoinv(many, before);
    g_auto(GStrv) parts = g_strsplit(counted, "{page}", -1);
    g_autofree char *numbered = g_strjoinv("{seq}", parts);

    return sheet_lenient(numbered);
}

/* What stands between the braces at `brace`, up to a format or an alternative. Newly allocated. */
static char *value_at(const char *brace)
{
    return g_strndup(brace + 1, strcspn(brace + 1, "}:|"));
}

bool sheet_check_header(const char *header, Error **err)
{
    for (const char *brace = strchr(header, '{'); brace; brace = strchr(brace + 1, '{')) {
        g_autofree char *value = value_at(brace);
        if (brace[1] == '{')
            brace++; /* it stands for one brace */
        else if (strcmp(value, "page") && strcmp(value, "pages") && strcmp(value, "date"))
            return error_set(err, ERROR_CONFIG, "write {page}, {pages} or {date:%d.%m.%Y}",
                             "--header: unknown value '%s'", value);
    }
    return true;
}

static char *header_step(const SheetLayout *layout, const char *header, unsigned pages)
{
    g_autofree char *filled = header_text(header, pages), *text = quoted(filled);

    if (!layout->header_letters)
        return g_strdup("");
    return g_strdup_printf("    text { text = %s  size = %dpx  colour = \"#000000\"  place = top\n"
                           "           margin = %dpx  width = %dpx  align = centre }\n",
                           text, layout->header_letters, layout->margin,
                           layout->width - 2 * layout->margin);
}

char *sheet_profile_of_pages(const SheetLayout *layout, const char *header, unsigned pages,
                             const char *format)
{
    g_autofree char *step = header_step(layout, header, pages);
    const char *quality = !strcmp(format, "jpeg") ? "  quality = 92" : "";

    return g_strdup_printf("profile \"%s\" {\n%s"
                           "    save { name = \"{stem}\"  format = %s%s  dpi = %d }\n"
                           "}\n",
                           SHEET_PROFILE, step, format, quality, layout->dpi);
}
