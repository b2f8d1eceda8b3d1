/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/pages.h"

const Choice page_choices[] = {
    { "first", PAGES_FIRST, "the first one is the picture; the result notes how many there are" },
    { "reject", PAGES_REJECT, "the file fails" },
    { 0 },
};

bool pages_check(Image *image, int pages, Error **err)
{
    const char *word = NULL;
    int count = image_pages(image, &word);

    if (count <= 1)
        return true;
    if (pages == PAGES_REJECT)
        return error_set(err, ERROR_PICTURE, "split the file, or set pages = first in the profile",
                         "it has %d %ss, and its profile takes single pictures only (pages = "
                         "reject)",
                         count, word);
    image_note(image, "1 of %d %ss", count, word);
    return true;
}
