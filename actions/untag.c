/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* untag - remove what a picture says of itself: all, what a word names, or tags by their names. */
#include <fnmatch.h>
#include <string.h>

#include "actions/action.h"
#include "actions/facts_raw.h"
#include "actions/metadata_edit.h"
#include "actions/metadata_groups.h"
#include "base/text.h"

typedef struct Untag {
    Texts what;
} Untag;

static const Param params[] = {
    LIST(Untag, what, .fixed = "the profile says what goes",
         .help = "all; gps: the place; device: camera, lens, their numbers and their owner; "
                 "thumbnail: small pictures; maker: a maker's notes; history: what programs did; "
                 "exif, iptc, xmp: the whole block; or names as those of tag, in which * and ? "
                 "stand for any letters: \"xmp.crs.*\". The orientation and the colour profile "
                 "stay"),
    { 0 },
};

static bool is_glob(const char *word)
{
    return strpbrk(word, "*?[");
}

static bool unknown(const char *word, Error **err)
{
    g_autofree const char **words = metadata_group_words();
    g_autofree char *all = g_strjoinv(", ", (char **) (void *) words);
    const char *meant = text_closest(word, words);
    g_autofree char *fix =
        meant ? g_strdup_printf("did you mean %s?", meant)
              : g_strdup_printf("write one of %s, or the name of a tag as `tag` has it", all);

    return error_set(err, ERROR_CONFIG, fix, "what = \"%s\": there is no such part", word);
}

/* Globs of tags begin with their block, or the writer meant a friendly name. */
static bool check_word(const char *word, Error **err)
{
    g_autoptr(Error) no_tag = NULL;

    if (metadata_group_find(word) || (is_glob(word) && fact_is_raw(word)))
        return true;
    if (is_glob(word))
        return error_set(err, ERROR_CONFIG, "begin it with exif. iptc. or xmp.",
                         "what = %s: it names no block", word);
    if (fact_is_raw(word))
        return metadata_tag_find(word, err);
    return metadata_tag_find(word, &no_tag) || unknown(word, err);
}

static bool check(const void *settings, Error **err)
{
    const Untag *s = settings;

    if (!s->what.items)
        return error_set(err, ERROR_CONFIG, "write what goes, as in what = gps", "what is empty");
    for (char **word = s->what.items; *word; word++)
        if (!check_word(*word, err))
            return false;
    return true;
}

static bool apply(const void *settings, Image *image, Error **err)
{
    const Untag *s = settings;
    Metadata *metadata = image_metadata(image, err), *edited = NULL;
    g_autoptr(MetadataEdit) edit = metadata ? metadata_edit_new(metadata) : NULL;

    for (char **word = s->what.items; edit && word && *word; word++) {
        const MetadataGroup *group = metadata_group_find(*word);
        if (group)
            group->remove(edit);
        else if (is_glob(*word))
            metadata_remove_glob(edit, *word);
        else
            metadata_edit_remove(edit, metadata_tag_find(*word, NULL));
    }
    edited = edit ? metadata_edit_end(edit, err) : NULL;
    if (edited)
        image_set_metadata(image, edited);
    return edited;
}

const Action action_untag = {
    .name = "untag",
    .group = "metadata",
    .summary = "remove what the picture says of itself: all of it, the place, or single tags",
    .aliases = "delete-tags remove-tags strip strip-metadata remove-gps anonymize anonymise",
    .example = "untag { what = { gps, device } }",
    .params = params,
    .size = sizeof(Untag),
    .flags = ACTION_METADATA | ACTION_LEAVES | ACTION_INKS,
    .check = check,
    .apply = apply,
};
