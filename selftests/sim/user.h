/* SPDX-License-Identifier: MIT */
/* What users, administrators and accidents do to UEs. */
#ifndef SIM_USER_H
#define SIM_USER_H

#include <stddef.h>

struct world;
struct station;

/* urn:prose:ue1, ... */
void user_identity(size_t index, char identity[32]);
/* The configuration a UE starts with, and comes back to in the end; without its credentials. */
void user_configure(struct world *world, struct station *station);
/* A daemon starts and reads its credentials. */
void user_load(struct world *world, struct station *station);
/* Everybody who wants a link asks for it. */
void user_connect_all(struct world *world);
/* Somebody does something. */
void user_act(struct world *world);
/* Old configurations again, all UEs on, clocks right. */
void user_cure(struct world *world);
/* Method psk with a key for each pair; once in a process. Exits if that cannot be. */
void user_provision(void);
void user_deprovision(void);

#endif
