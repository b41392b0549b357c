// SPDX-License-Identifier: GPL-2.0-only
/* A tunnel's socket is named by its struct sock, 7.0. */
#include <net/udp_tunnel.h>

void probe(struct sock *sk)
{
	udp_tunnel_sock_release(sk);
}
