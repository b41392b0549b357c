// SPDX-License-Identifier: GPL-2.0-only
/* A crypto completion gets the caller's pointer, not the request, 6.3. */
#include <crypto/skcipher.h>

static void done(void *data, int err)
{
}

void probe(struct skcipher_request *req)
{
	skcipher_request_set_callback(req, 0, done, NULL);
}
