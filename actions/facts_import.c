/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an import says of a file, and a medium of itself. */
#include <string.h>

#include "actions/facts_readers.h"
#include "actions/imported.h"
#include "base/text.h"

enum { WORDS_MAX = 100 }; /* bytes of a card's label, or of an assignment, in a name */

/* ---- a file ---- */

bool fact_read_day(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    const ImportWords *words = image_import(source->image);

    if (!fact_read_taken(fact, source, value, err))
        return false;
    if (value->missing)
        return true;
    GDateTime *day = imported_day(value->date, words ? words->day_starts : 0);
    g_date_time_unref(value->date);
    return fact_set_date(value, day);
}

/* What is none, or empty, is missing. */
static bool set_words(Value *value, const char *words)
{
    size_t length = words ? strlen(words) : 0;

    return !length ||
           fact_set_text_of(value, words, length > WORDS_MAX ? text_cut(words, WORDS_MAX) : length);
}

bool fact_read_card(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                    Error **err G_GNUC_UNUSED)
{
    const ImportWords *words = image_import(source->image);

    return set_words(value, words ? words->card : NULL);
}

bool fact_read_assignment(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                          Error **err G_GNUC_UNUSED)
{
    const ImportWords *words = image_import(source->image);

    return set_words(value, words ? words->assignment : NULL);
}

bool fact_read_seq_card(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                        Error **err G_GNUC_UNUSED)
{
    const ImportWords *words = image_import(source->image);

    return !words || words->number < 1 || fact_set_number(value, (double) words->number);
}

/* ---- a medium ---- */

bool fact_read_label(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err G_GNUC_UNUSED)
{
    return fact_set_text(value, g_strdup(source->medium->label));
}

bool fact_read_uuid(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                    Error **err G_GNUC_UNUSED)
{
    return fact_set_text(value, g_strdup(source->medium->uuid));
}

bool fact_read_maker(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err G_GNUC_UNUSED)
{
    return fact_set_text(value, g_strdup(source->medium->maker));
}

bool fact_read_medium_size(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                           Error **err G_GNUC_UNUSED)
{
    return fact_set_number(value, (double) source->medium->size);
}

bool fact_read_removable(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                         Error **err G_GNUC_UNUSED)
{
    return fact_set_truth(value, source->medium->removable);
}
