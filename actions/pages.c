/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/pages.h"

enum { FIRST, REJECT };

static const Choice choices[] = {
    { "first", FIRST, "the first one is the picture; the result notes how many there are" },
    { "reject", REJECT, "the file fails" },
    { 0 },
};

const Param page_params[] = {
    CHOICE(PageSettings, pages, .def = "first", .choices = choices,
           .help = "what is done with a file of several pictures: frames of an animation, pages of "
                   "a scan; reduced copies and masks in a TIFF do not count"),
    { 0 },
};

bool pages_check(Image *image, const PageSettings *settings, Error **err)
{
    const char *word = NULL;
    int pages = image_pages(image, &word);

    if (pages <= 1)
        return true;
    if (settings->pages == REJECT)
        return error_set(err, ERROR_PICTURE, "split the file, or set pages = first in the profile",
                         "it has %d %ss, and its profile takes single pictures only (pages = "
                         "reject)",
                         pages, word);
    image_note(image, "1 of %d %ss", pages, word);
    return true;
}
