/* paths.h - where our own parts lie, installed or in a build tree.
 *
 * A build tree has every program in bin/ and the shipped profiles in profiles/ beside it; a program
 * started from there uses those. */
#pragma once

/* Path of hotfolder-worker, newly allocated: $HOTFOLDER_WORKER, if it is set. */
char *places_worker(void);

/* Directory of the shipped profiles, newly allocated. */
char *places_profiles(void);
