/* SPDX-License-Identifier: MIT */
/* HS of ECCSI, which devices and the KMS compute alike. */
#ifndef PROSE_SAKKE_ECCSI_HASH_H
#define PROSE_SAKKE_ECCSI_HASH_H

#include "eccsi.h"

/* HS = SHA-256(G || KPAK || ID || PVT). 0, or -1 when the library fails. */
int eccsi_hs(const uint8_t kpak[ECCSI_POINT_LEN], const uint8_t *id, size_t id_len,
	     const uint8_t pvt[ECCSI_POINT_LEN], uint8_t hs[ECCSI_HASH_LEN]);

/* HE = SHA-256(HS || r || M). 0, or -1 when the library fails. */
int eccsi_he(const uint8_t hs[ECCSI_HASH_LEN], const uint8_t r[ECCSI_N], const uint8_t *message,
	     size_t len, uint8_t he[ECCSI_HASH_LEN]);

#endif
