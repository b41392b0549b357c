// SPDX-License-Identifier: MIT
/* Identities of UEs, identity.h. */
#include "identity.h"

#include <string.h>

/* Octets of the UTF-8 character at @p, which ends with NUL; 0 when it is malformed. */
static size_t utf8_len(const unsigned char *p)
{
	uint32_t c;
	size_t n;

	if (p[0] < 0x80)
		return p[0] < 0x20 || p[0] == 0x7f ? 0 : 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	c = p[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* overlong forms, surrogates, C1 controls, and what turns the text around */
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff) || c < 0xa0 || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029)
		return 0;
	return n;
}

bool identity_valid(const char *identity)
{
	const unsigned char *p = (const unsigned char *)identity;
	size_t len = strlen(identity);

	if (!len || len > PROSE_IDENTITY_MAX)
		return false;
	while (*p) {
		size_t n = utf8_len(p);

		if (!n)
			return false;
		p += n;
	}
	return true;
}

void text_clean(char *text)
{
	unsigned char *p = (unsigned char *)text;

	while (*p) {
		size_t n = utf8_len(p), rest = strnlen((char *)p, 4);

		if (n) {
			p += n;
		} else if (rest < 4 && p[0] >= 0xc2 && rest < (p[0] < 0xe0 ? 2u :
								p[0] < 0xf0 ? 3u : 4u)) {
			*p = 0;
		} else {
			*p++ = '?';
		}
	}
}

void identity_to_user_info(const char *identity, struct pc5s_user_info *info)
{
	memset(info, 0, sizeof(*info));
	info->type = PC5S_USER_INFO_UPPER_LAYERS;
	info->len = (uint8_t)strnlen(identity, PROSE_IDENTITY_MAX);
	memcpy(info->value, identity, info->len);
}

bool identity_from_user_info(const struct pc5s_user_info *info,
			     char identity[PROSE_IDENTITY_MAX + 1])
{
	if (info->type != PC5S_USER_INFO_UPPER_LAYERS || info->len > PROSE_IDENTITY_MAX ||
	    memchr(info->value, 0, info->len))
		return false;
	memcpy(identity, info->value, info->len);
	identity[info->len] = 0;
	return identity_valid(identity);
}
