/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Phatch's users type, in phatch_actions. */
#include <stdint.h>
#include <string.h>

#include "actions/phatch.h"
#include "base/text.h"

/* ---- spelling ---- */

/* As all spellings of a word are compared; newly allocated. */
static char *plain(const char *word)
{
    static const char *const rows[][2] = {
        { "colour", "color" }, { "grey", "gray" },  { "centre", "center" },
        { "ise", "ize" },      { "hresh", "resh" }, /* Treshold, as Phatch has it */
    };
    g_autofree char *low = g_ascii_strdown(word, -1);
    GString *out = g_string_new(low);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_string_replace(out, rows[i][0], rows[i][1], 0);
    return g_string_free(out, FALSE);
}

/* The same without what stands between letters and digits. */
static char *joined(const char *name)
{
    char *out = plain(name);
    char *to = out;

    for (const char *from = out; *from; from++)
        if (g_ascii_isalnum(*from))
            *to++ = *from;
    *to = '\0';
    return out;
}

/* Its words, each plain; newly allocated. */
static GStrv words_of(const char *name)
{
    g_autofree char *spelt = plain(name);
    g_auto(GStrv) all = g_strsplit_set(spelt, " _-:", -1);
    GPtrArray *words = g_ptr_array_new();

    for (char **word = all; *word; word++)
        if (**word)
            g_ptr_array_add(words, g_strdup(*word));
    g_ptr_array_add(words, NULL);
    return (GStrv) g_ptr_array_free(words, FALSE);
}

/* Whether `words` begin with those of `part`; the first one whole, and others by their first
 * letters. */
static bool begin_with(char **words, char **part)
{
    for (guint i = 0; part[i]; i++)
        if (!words[i] ||
            (i ? !g_str_has_prefix(words[i], part[i]) : strcmp(words[i], part[i]) != 0))
            return false;
    return true;
}

/* ---- actions ---- */

/* Whether it is the name of the action; `kind`: what stands behind its colon. */
static bool is_called(const PhatchAction *action, bool kind, const char *word)
{
    const char *name = kind ? strchr(action->name, ':') : action->name;
    g_autofree char *whole = joined(name ? name : ""), *meant = joined(word);

    return *meant && !strcmp(whole, meant);
}

static const PhatchAction *find(bool kind, const char *word)
{
    for (const PhatchAction *action = phatch_actions; action->name; action++)
        if (is_called(action, kind, word))
            return action;
    return NULL;
}

/* "Shadow" is not "Imagemagick: Shadow". */
const PhatchAction *phatch_find(const char *word)
{
    const PhatchAction *action = find(false, word);

    return action ? action : find(true, word);
}

/* ---- settings ---- */

static bool has_in_name(const PhatchSetting *setting, char **meant)
{
    g_auto(GStrv) words = words_of(setting->name);

    for (char **word = words; *word; word++)
        if (begin_with(word, meant))
            return true;
    return false;
}

/* A value has a capital letter, or is one of ours. */
static bool is_value(const char *text)
{
    return (g_ascii_isupper(*text) || *text == '`') && !g_str_has_prefix(text, "Phatch");
}

/* The values in a remark stand in words that have neither backquotes nor commas. */
static bool has_in_remark(const PhatchSetting *setting, char **meant)
{
    g_auto(GStrv) texts = g_strsplit(setting->remark ? setting->remark : "", " ", -1);
    g_autofree char *bare =
        g_strdelimit(g_strdup(setting->remark ? setting->remark : ""), "`,;.\"()", '\x01');
    g_auto(GStrv) words = g_strsplit(bare, " ", -1);
    bool found = false;

    for (char **word = words; *word; word++) {
        g_auto(GStrv) parts = g_strsplit(*word, "\x01", -1);
        g_autofree char *text = g_strjoinv("", parts), *spelt = plain(text);
        g_free(*word);
        *word = g_steal_pointer(&spelt);
    }
    for (guint i = 0; texts[i] && !found; i++)
        found = is_value(texts[i]) && begin_with(words + i, meant);
    return found;
}

GArray *phatch_settings(const char *word)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(PhatchPlace));
    const char *colon = strchr(word, ':');
    g_autofree char *before = g_strndup(word, colon ? (size_t) (colon - word) : 0);
    const PhatchAction *only = phatch_find(before);
    g_auto(GStrv) meant = words_of(only ? colon : word);

    for (const PhatchAction *action = phatch_actions; *meant && action->name; action++)
        for (const PhatchSetting *s = action->settings; s && s->name; s++)
            if ((!only || action == only) && (has_in_name(s, meant) || has_in_remark(s, meant))) {
                const PhatchPlace place = { action, s };
                g_array_append_val(found, place);
            }
    return found;
}

const char *phatch_closest(const char *word)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (const PhatchAction *action = phatch_actions; action->name; action++) {
        const char *kind = strchr(action->name, ':');
        g_ptr_array_add(names, (void *) (uintptr_t) action->name);
        if (kind)
            g_ptr_array_add(names, (void *) (uintptr_t) (kind + strlen(": ")));
        for (const PhatchSetting *s = action->settings; s && s->name; s++)
            g_ptr_array_add(names, (void *) (uintptr_t) s->name);
    }
    g_ptr_array_add(names, NULL);
    return text_closest(word, (const char *const *) names->pdata);
}
