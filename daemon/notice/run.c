/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notice/command.h"

bool deliver_run(const Delivery *delivery, DeliveryEnd *end)
{
    g_auto(GStrv) environment = command_environment(delivery->environment);
    const Command command = { .argv = delivery->to,
                              .environment = environment,
                              .input = delivery->json,
                              .is_confined = true,
                              .until_ms = delivery->until_ms,
                              .client = delivery->client };

    return command_run(&command, end);
}
