/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* routes.h - what can be asked: one table. daemon/control/openapi.json describes the same, with the
 * fields of each answer, for programs; a test compares them. */
#pragma once

#include "daemon/control/answer.h"
#include "daemon/control/request.h"
#include "daemon/control/view.h"

typedef enum RoutePermission {
    ROUTE_READ,  /* who can connect: the socket is for the service's group */
    ROUTE_STEER, /* root, the service's user, members of the group `operators`, and the page where
                    `http` says so */
} RoutePermission;

typedef struct Route {
    const char *method, *path;
    RoutePermission permission;
    bool slow; /* it may touch a folder's disk: it gets a thread of its own (slow.h) */
    const Parameter *parameters; /* of the query of GET, of the body of POST; NULL: none */
    void (*answer)(const ControlView *view, const Request *request, Answer *answer);
    const char *help;
} Route;

/* A row without a path ends it. */
extern const Route control_routes[];

/* The route; NULL with an answer that refuses, and *allow the method that this path accepts, if
 * there is one. */
const Route *routes_find(const Route *routes, const char *method, const char *path, Answer *refusal,
                         const char **allow);
