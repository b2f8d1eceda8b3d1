/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/decoder_words.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define COPY   "copy or export it again from where it came"
#define EXPORT "export it as JPEG, PNG or TIFF"

/* ---- known reasons ---- */

typedef struct Reason {
    const char *part;  /* of a line */
    const char *words; /* may end in %s, for the line */
    const char *fix;
} Reason;

static const Reason reasons[] = {
    { "does not include any supported brands",
      "it is an AVIF or HEIC of a kind that hotfolder does not read, as a sequence of pictures",
      "export one picture of it as JPEG or AVIF" },
    { "No 'meta' box", "the picture is damaged: the part that describes it is missing", COPY },
    { "has no compressed data", "the picture is damaged: the data of its pixels is missing", COPY },
    { "references a non-existing", "the picture is damaged: a part that it refers to is missing",
      COPY },
    { "bad image dimensions on decode",
      "the picture is damaged: its data is of another size than it says", COPY },
    { "exceeds the maximum image size", "it is larger than hotfolder reads: %s",
      "export it as JPEG, PNG or TIFF" },
    { "CRC error", "the PNG is damaged: a part of it does not fit its check sum: %s", COPY },
    { "no frames in GIF", "the GIF is damaged: there is no picture in it", COPY },
    { "Unsupported JPEG process", "it is a JPEG of a kind that hotfolder does not read: %s",
      EXPORT },
    { "Unsupported JPEG data precision", "it is a JPEG of a kind that hotfolder does not read: %s",
      EXPORT },
    { "DNL not supported", "it is a JPEG of a kind that hotfolder does not read: %s", EXPORT },
    { "Premature end of JPEG file", "the JPEG is damaged: it ends before its pixels begin", COPY },
    { "components differ in geometry",
      "it is a JPEG 2000 with channels of different sizes, which hotfolder does not read", EXPORT },
};

static const Reason *reason_of(const char *line)
{
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (strstr(line, reasons[i].part))
            return &reasons[i];
    return NULL;
}

/* ---- lines ---- */

/* Remarks about what another line is the cause of, or of no consequence. */
static bool is_remark(const char *line)
{
    static const char *const remarks[] = { "source: bad seek to ", "unable to write to target",
                                           "extraneous bytes before marker",
                                           "unknown JFIF revision number" };

    for (size_t i = 0; i < G_N_ELEMENTS(remarks); i++)
        if (strstr(line, remarks[i]))
            return true;
    return false;
}

/* Behind "VipsJpeg: " and "heif: Invalid input: ", which name functions of programs. */
static const char *without_program(const char *line)
{
    static const char *const prefixes[] = { "VipsJpeg: ",
                                            "heif: ",
                                            "tiff: ",
                                            "bmp: ",
                                            "png: ",
                                            "heifload_source: ",
                                            "webp: ",
                                            "gifload_source: ",
                                            "gif: ",
                                            "jp2kload_source: ",
                                            "svgload: ",
                                            "jxlload_source: ",
                                            "Invalid input: ",
                                            "Unspecified: ",
                                            "Memory allocation error: ",
                                            "Security limit exceeded: ",
                                            "Unsupported feature: " };

    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(line, prefixes[i])) {
            line += strlen(prefixes[i]);
            i = (size_t) -1; /* another one may follow */
        }
    return line;
}

/* Without libheif's " (2.101)". */
static char *without_number(const char *line)
{
    const char *open = strrchr(line, '(');
    bool numbers = open && open[1] && strspn(open + 1, "0123456789.)") == strlen(open + 1);
    char *plain = numbers ? g_strndup(line, (size_t) (open - line)) : g_strdup(line);

    return g_strchomp(plain);
}

static void add_line(GString *all, const char *line)
{
    g_autofree char *plain = without_number(without_program(line));

    if (*plain && !strstr(all->str, plain))
        g_string_append_printf(all, "%s%s", all->len ? "; " : "", plain);
}

static char *join(char *const *lines, bool remarks)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (char *const *line = lines; *line; line++)
        if (remarks || !is_remark(*line))
            add_line(all, *line);
    return g_utf8_make_valid(all->str, (gssize) all->len);
}

char *decoder_words(const char *message, const char **fix)
{
    g_auto(GStrv) lines = g_strsplit(message, "\n", -1);

    for (char **line = lines; *line; line++) {
        const Reason *reason = reason_of(g_strstrip(*line));
        if (!reason)
            continue;
        *fix = reason->fix;
        g_autofree char *plain = without_number(without_program(*line));
        g_autofree char *valid = g_utf8_make_valid(plain, -1);
        return g_str_has_suffix(reason->words, "%s")
                   ? g_strdup_printf("%.*s%s", (int) strlen(reason->words) - 2, reason->words,
                                     valid)
                   : g_strdup(reason->words);
    }
    g_autofree char *words = join(lines, false);
    return *words ? g_steal_pointer(&words) : join(lines, true);
}
