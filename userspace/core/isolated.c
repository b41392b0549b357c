// SPDX-License-Identifier: MIT
/*
 * Containers of method eccsi-sakke in request and command: not in the IE that those of other methods are in,
 * but in the IEs of TS 24.334, Signature (12.5.1.33) and Encrypted Payload (12.5.1.34). So it is there
 * under strict TS 24.334, too.
 *
 *	request		Signature
 *	command		Encrypted Payload, Signature, and the name in User Info
 */
#include <string.h>

#include "identity.h"
#include "link.h"

#define PAYLOAD_LEN	ISOLATED_PAYLOAD_LEN
#define COMMAND_MIN	(PAYLOAD_LEN + PC5S_SIGNATURE_LEN)

bool isolated_carries(const struct keying_method *method)
{
	return method->id == KEYING_ECCSI_SAKKE;
}

/* The container has to outlive the message. */
bool isolated_put(struct pc5s_message *message, const struct keying_buffer *container)
{
	bool request = message->type == PC5S_REQUEST;
	const uint8_t *signature = container->data;

	if (container->len < (request ? PC5S_SIGNATURE_LEN : COMMAND_MIN))
		return false;
	if (!request) {
		message->has |= PC5S_BIT(PC5S_IE_ENCRYPTED_PAYLOAD);
		message->encrypted_payload = (struct pc5s_octets){ container->data, PAYLOAD_LEN };
		signature += PAYLOAD_LEN;
	}
	message->has |= PC5S_BIT(PC5S_IE_SIGNATURE);
	memcpy(message->signature, signature, sizeof(message->signature));
	return true;
}

bool isolated_request(const struct pc5s_message *request, struct pc5s_method_container *container)
{
	if (!pc5s_has(request, PC5S_IE_SIGNATURE))
		return false;
	container->method = KEYING_ECCSI_SAKKE;
	container->octets = (struct pc5s_octets){ request->signature, sizeof(request->signature) };
	return true;
}

size_t isolated_command(const struct pc5s_message *command,
			uint8_t container[static ISOLATED_COMMAND_MAX])
{
	char name[PROSE_IDENTITY_MAX + 1] = "";

	if (!pc5s_has(command, PC5S_IE_SIGNATURE) ||
	    !pc5s_has(command, PC5S_IE_ENCRYPTED_PAYLOAD) ||
	    command->encrypted_payload.len != PAYLOAD_LEN ||
	    (pc5s_has(command, PC5S_IE_USER_INFO) &&
	     !identity_from_user_info(&command->user_info, name)))
		return 0;
	memcpy(container, command->encrypted_payload.data, PAYLOAD_LEN);
	memcpy(container + PAYLOAD_LEN, command->signature, sizeof(command->signature));
	memcpy(container + COMMAND_MIN, name, strlen(name));
	return COMMAND_MIN + strlen(name);
}
