// SPDX-License-Identifier: MIT
/* Signatures of method eccsi-sakke that a UE has found good, signatures.h. */
#include "signatures.h"

#include <stdlib.h>
#include <string.h>

#include "primitives.h"
#include "world.h"

/* One found good over something else, as a deny list, is none of these. */
static void found(void *context, const uint8_t *id, size_t id_len, const uint8_t *message,
		  size_t len)
{
	struct station *station = context;
	struct signatures *signatures = &station->signatures;
	struct signature signature = { 0 };
	size_t request_len;
	int signer = identity_signer(station->world, id, id_len);

	if (signer < 0)
		return;
	request_len = 1 + strlen(station->world->stations[signer].config.identity) + PC5S_NONCE_LEN;
	if (len != request_len && len != request_len + SAKKE_DATA_LEN)
		return;
	signature.signer = (size_t)signer;
	memcpy(signature.nonce_1, message + request_len - PC5S_NONCE_LEN, PC5S_NONCE_LEN);
	signature.command = len > request_len;
	if (signature.command)
		memcpy(signature.payload, message + request_len, SAKKE_DATA_LEN);
	signatures->list = realloc(signatures->list, (signatures->n + 1) * sizeof(signature));
	if (!signatures->list)
		abort();
	signatures->list[signatures->n++] = signature;
}

void signatures_begin(struct station *station)
{
	station->signatures.before = station->signatures.n;
	primitives_watch(found, station);
}

void signatures_end(void)
{
	primitives_watch(NULL, NULL);
}

const struct signature *signatures_request(const struct station *station)
{
	const struct signatures *signatures = &station->signatures;

	for (size_t i = signatures->n; i-- > signatures->before;)
		if (!signatures->list[i].command)
			return &signatures->list[i];
	return NULL;
}

bool signatures_command(const struct station *station, size_t signer,
			const uint8_t nonce_1[static PC5S_NONCE_LEN],
			const uint8_t payload[static SAKKE_DATA_LEN])
{
	const struct signatures *signatures = &station->signatures;

	for (size_t i = 0; i < signatures->n; i++) {
		const struct signature *signature = &signatures->list[i];

		if (signature->command && signature->signer == signer &&
		    !memcmp(signature->nonce_1, nonce_1, PC5S_NONCE_LEN) &&
		    !memcmp(signature->payload, payload, SAKKE_DATA_LEN))
			return true;
	}
	return false;
}

void signatures_free(struct station *station)
{
	free(station->signatures.list);
	station->signatures = (struct signatures){ NULL, 0, 0 };
}
