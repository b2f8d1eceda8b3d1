/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <time.h>
#include <unistd.h>

#include "notice/command.h"
#include "notice/message.h"

/* Where the systems put it; NULL: nowhere. */
static const char *find_sendmail(void)
{
    static const char *const places[] = { "/usr/sbin/sendmail", "/usr/lib/sendmail" };
    const char *given = g_getenv("HOTFOLDER_SENDMAIL");

    if (given && *given)
        return given;
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

bool deliver_mail(const Delivery *delivery, DeliveryEnd *end)
{
    const char *sendmail = find_sendmail();

    if (!sendmail) {
        end->what = g_strdup("this machine has no sendmail: neither /usr/sbin/sendmail nor "
                             "/usr/lib/sendmail");
        end->needs_person = true;
        return false;
    }
    g_autofree char *mail =
        message_write(delivery->to[0], delivery->subject, delivery->text, time(NULL));
    g_auto(GStrv) environment = command_environment(NULL);
    const char *argv[] = { sendmail, "-t", "-oi", NULL };
    const Command command = { .argv = argv,
                              .environment = environment,
                              .input = mail,
                              .until_ms = delivery->until_ms,
                              .client = delivery->client };
    return command_run(&command, end);
}
