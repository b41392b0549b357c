// SPDX-License-Identifier: MIT
/*
 * Expressions, TR 33.833 6.4.1.3: names of services. UE_1 asks for some in its request, UE_2 takes
 * the request only if it accepts each; what was asked for is the link's, and its associations',
 * from then on. The hash of the request, echoed under the MAC, binds both ends to the same ones.
 * What a UE announces besides is told under protection, to those it is linked with.
 */
#include <string.h>

#include "identity.h"
#include "link.h"

bool expressions_valid(const struct ue_expressions *expressions)
{
	if (expressions->n > PROSE_EXPRESSIONS_MAX)
		return false;
	for (size_t i = 0; i < expressions->n; i++)
		if (!*expressions->name[i] ||
		    !memchr(expressions->name[i], 0, sizeof(expressions->name[i])))
			return false;
	return true;
}

static bool has(const struct ue_expressions *expressions, const char *name)
{
	for (size_t i = 0; i < expressions->n; i++)
		if (!strcmp(expressions->name[i], name))
			return true;
	return false;
}

void expressions_put(const struct ue_config *config, const struct ue_expressions *expressions,
		     struct pc5s_message *message)
{
	if (config->strict_24334 || !expressions || !expressions->n)
		return;
	message->has |= PC5S_BIT(PC5S_IE_EXPRESSIONS);
	message->expressions.n = (uint8_t)expressions->n;
	memcpy(message->expressions.name, expressions->name, sizeof(message->expressions.name));
}

void expressions_take(const struct pc5s_message *message, struct ue_expressions *expressions)
{
	memset(expressions, 0, sizeof(*expressions));
	if (!pc5s_has(message, PC5S_IE_EXPRESSIONS))
		return;
	expressions->n = message->expressions.n;
	memcpy(expressions->name, message->expressions.name, sizeof(expressions->name));
	for (size_t i = 0; i < expressions->n; i++)
		text_clean(expressions->name[i]);
}

const char *expressions_refused(const struct ue_config *config, const struct pc5s_message *message)
{
	if (!pc5s_has(message, PC5S_IE_EXPRESSIONS))
		return NULL;
	for (size_t i = 0; i < message->expressions.n; i++)
		if (!has(&config->accepts, message->expressions.name[i]))
			return message->expressions.name[i];
	return NULL;
}
