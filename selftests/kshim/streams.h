/* SPDX-License-Identifier: MIT */
/* EEA1, EEA3, EIA1 and EIA3 of kmod/crypto, apart from the kernel's names. */
#ifndef _KSHIM_STREAMS_H
#define _KSHIM_STREAMS_H

#include <stddef.h>

enum stream_kind { STREAM_SNOW3G, STREAM_ZUC };

/* @iv is COUNT, BEARER and DIRECTION: 8 octets. */
void stream_crypt(enum stream_kind kind, const unsigned char key[16], const unsigned char iv[8],
		  unsigned char *data, size_t len);
void stream_mac(enum stream_kind kind, const unsigned char key[16], const unsigned char iv[8],
		const unsigned char *data, size_t len, unsigned char out[4]);

#endif /* _KSHIM_STREAMS_H */
