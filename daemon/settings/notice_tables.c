/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of notices, and of the page. */
#include "daemon/settings/tables.h"

static const Choice kinds[] = {
    { "failed", NOTICE_FAILED, "pictures failed" },
    { "held", NOTICE_HELD,
      "a folder is held or unavailable, or what is done cannot be recorded any more" },
    { "resumed", NOTICE_RESUMED, "it works again" },
    { "done", NOTICE_DONE, "pictures are done" },
    { "idle", NOTICE_IDLE,
      "pictures of a folder ended, and for `idle` none is queued or in progress" },
    { "card", NOTICE_CARD, "a card is safe to format or not, is held, or was interrupted" },
    { NULL, 0, NULL },
};

const char *notice_kind_word(NoticeKind kind)
{
    return kinds[kind].word; /* the rows are in the order of the enum */
}

static const char *const ways[] = {
    [NOTICE_RUN] = "run", [NOTICE_MAIL] = "mail", [NOTICE_POST] = "post"
};

const char *notice_way_word(NoticeWay way)
{
    return ways[way];
}

#define DAY_MS (24 * 3600000.0)

const Param notify_settings[] = {
    WORDS(NotifySettings, on, .choices = kinds, .help = "what it is about"),
    LIST(NotifySettings, folders, .def = "",
         .help = "the names of the folders that it is about; without it, all, also those that come "
                 "later; cards belong to no folder"),
    DURATION(NotifySettings, every, .def = "10min", .min = 0, .max = DAY_MS,
             .help = "the time between two notices by the same way, at the least: what happens in "
                     "between is in the next one"),
    DURATION(NotifySettings, idle, .def = "30s", .min = 1000, .max = DAY_MS,
             .help = "how long nothing has to be queued or in progress in a folder before it is "
                     "idle"),
    COMMAND(NotifySettings, run, .def = "",
            .help = "the whole path of a program that is run for each notice, and its arguments; "
                    "no shell reads them"),
    TEXT(NotifySettings, mail, .def = "",
         .help = "the address that gets a mail, as \"desk@example.org\"; several with commas "
                 "between"),
    TEXT(NotifySettings, post, .def = "",
         .help = "the http or https URL to which each notice is posted as JSON"),
    { 0 },
};

const Param http_settings[] = {
    TEXT(HttpSettings, listen, .def = "127.0.0.1:8480",
         .help = "the address and port where the page, the interface and /metrics are, as "
                 "\"192.168.1.5:8480\" or \"[::1]:8480\"; an address that other machines reach "
                 "needs token_file"),
    TEXT(HttpSettings, token_file, .def = "",
         .help = "the whole path of a file that has the token, one line of at least 16 "
                 "characters, without which the page shows nothing; the user hotfolder-page reads "
                 "it"),
    LIST(HttpSettings, hosts, .def = "",
         .help = "names by which browsers may call the page, beside addresses and localhost"),
    BOOL(HttpSettings, steer, .def = "yes",
         .help = "whether the page may reload, pause, retry and undo, as `operators` may"),
    { 0 },
};
