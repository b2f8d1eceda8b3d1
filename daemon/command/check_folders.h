/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check_folders.h - whether a user may use the folders of a configuration, and read the files that
 * it names: the service's user when root asks, who may do everything, else the one who runs the
 * command. What is wrong becomes a finding (findings.h). Main thread. */
#pragma once

#include <sys/types.h>

#include "daemon/settings/snapshot.h"

#define SERVICE_USER "hotfolder" /* as units/ say */

typedef struct CheckUser {
    uid_t id; /* 0: the checks run as the current user */
    gid_t group;
} CheckUser;

/* The user of the system's services, whose other groups the process takes over; id is 0 where there
 * is no such user. */
CheckUser check_service_user(void);

/* Does the work as this user. False after a message that it cannot. */
bool check_act_as(const CheckUser *user, void (*work)(void *data), void *data);

/* The same as this user where the folder is within reach, as root otherwise. */
bool check_act(const Folder *folder, const CheckUser *user, void (*work)(void *data), void *data);

/* Whether this folder can be used. */
bool check_folder_as(const Settings *settings, const Folder *folder, const CheckUser *user);

/* How many folders cannot be used. */
unsigned check_folders(const Settings *settings, const CheckUser *user);

/* How many of the files that the configuration names the user may not read; of another user than
 * the service's none, as reading them was the check. */
unsigned check_files(const Settings *settings, const CheckUser *user);
