/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/action.h"

#include "base/text.h"

const Action *action_find(const char *name)
{
    for (const Action *const *a = actions; *a; a++)
        if (text_is_word((*a)->name, name))
            return *a;
    return NULL;
}

const Action *action_of_alias(const char *word)
{
    for (const Action *const *a = actions; *a; a++)
        if (text_has_word((*a)->aliases, word))
            return *a;
    return NULL;
}

const Action *action_of_word(const char *word)
{
    for (const Action *const *a = actions; *a; a++)
        if (text_has_word((*a)->name, word))
            return *a;
    return action_of_alias(word);
}
