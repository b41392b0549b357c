// SPDX-License-Identifier: MIT
/* A message from its payloads. */
#include <string.h>

#include "payload.h"

struct writer {
	uint8_t *data;
	size_t at, size;
	bool full;
	struct mikey_error *error;
};

static int refuse(struct writer *w, const char *where, const char *reason)
{
	if (w->error)
		*w->error = (struct mikey_error){ w->at, where, reason, MIKEY_ERR_UNSPECIFIED };
	return -1;
}

static void put_octets(struct writer *w, const uint8_t *octets, size_t len)
{
	if (w->full || w->size - w->at < len) {
		w->full = true;
		return;
	}
	if (octets)
		memcpy(w->data + w->at, octets, len);
	else
		memset(w->data + w->at, 0, len);
	w->at += len;
}

static void put(struct writer *w, size_t value, size_t len)
{
	uint8_t octet;

	while (len--) {
		octet = (uint8_t)(value >> 8 * len);
		put_octets(w, &octet, 1);
	}
}

static int put_data(struct writer *w, const struct payload_layout *layout,
		    const struct mikey_payload *p)
{
	static const size_t max[] = {
		[LENGTH_8] = 0xff, [LENGTH_16] = 0xffff, [LENGTH_12] = 0xfff, [LENGTH_14] = 0x3fff,
		[LENGTH_NONE] = 0,
	};
	const char *name = mikey_payload_name(p->payload);

	switch (layout->length) {
	case LENGTH_TIMESTAMP:
	case LENGTH_MAC:
	case LENGTH_HASH:
		if (mikey_implied_len(layout, p->type) != (int)p->data.len)
			return refuse(w, name, "has not the length that its type has");
		break;
	default:
		if (p->data.len > max[layout->length])
			return refuse(w, name, "is too long");
	}
	switch (layout->length) {
	case LENGTH_8:
		put(w, p->data.len, 1);
		break;
	case LENGTH_12:
		if (p->type > 0xf)
			return refuse(w, name, "has a type of more than four bits");
		put(w, (size_t)p->type << 12 | p->data.len, 2);
		break;
	case LENGTH_14:
		if (p->type > 3)
			return refuse(w, name, "has a type of more than two bits");
		put(w, (size_t)p->type << 14 | p->data.len, 2);
		break;
	case LENGTH_16:
	case LENGTH_NONE:
		put(w, p->data.len, 2);
		break;
	default:
		break;
	}
	put_octets(w, p->data.data, p->data.len);
	if (p->payload != MIKEY_KEMAC)
		return 0;
	if (mikey_mac_len(p->mac_alg) != (int)p->mac.len)
		return refuse(w, name, "has not the length that its MAC has");
	put(w, p->mac_alg, 1);
	put_octets(w, p->mac.data, p->mac.len);
	return 0;
}

static int put_payload(struct writer *w, const struct mikey_payload *p, uint8_t next)
{
	const struct payload_layout *layout = mikey_payload_layout(p->payload);

	if (!layout)
		return refuse(w, "payload", "is of a type that is not known");
	if (p->payload != MIKEY_SIGN)
		put(w, next, 1);
	if (layout->has_role)
		put(w, p->role, 1);
	if (layout->has_type)
		put(w, p->type, 1);
	return put_data(w, layout, p);
}

/* Or what is behind the map would be taken for a part of it, or it for what is behind. */
static bool map_fits(const struct mikey_message *message)
{
	struct mikey_cs cs;
	size_t at = 0;
	int n = 0, more;

	if (message->map_type == MIKEY_MAP_EMPTY)
		return !message->map.len;
	while ((more = mikey_cs_next(message, &at, &cs)) > 0)
		n++;
	return !more && n == message->n_cs;
}

int mikey_encode(const struct mikey_message *message, uint8_t *out, size_t size,
		 struct mikey_error *error)
{
	struct writer w = { out, 0, size < MIKEY_MAX_LEN ? size : MIKEY_MAX_LEN, false, error };
	/* One that is sure to be refused by whoever gets it is not made. */
	struct mikey_message made;
	size_t n = message->n;

	if (n > MIKEY_PAYLOADS_MAX)
		return refuse(&w, "message", "has too many payloads");
	if (message->prf > 0x7f)
		return refuse(&w, "HDR", "has a PRF of more than seven bits");
	if (!map_fits(message))
		return refuse(&w, "CS ID map", "has not as many crypto sessions as it says");
	put(&w, MIKEY_VERSION, 1);
	put(&w, message->data_type, 1);
	put(&w, n ? message->payload[0].payload : MIKEY_LAST, 1);
	put(&w, (size_t)message->verify << 7 | message->prf, 1);
	put(&w, message->csb_id, 4);
	put(&w, message->n_cs, 1);
	put(&w, message->map_type, 1);
	put_octets(&w, message->map.data, message->map.len);
	for (size_t i = 0; i < n; i++)
		if (put_payload(&w, &message->payload[i],
				i + 1 < n ? message->payload[i + 1].payload : MIKEY_LAST))
			return -1;
	if (w.full)
		return refuse(&w, "message", "does not fit where it is to go");
	return mikey_decode(&made, out, w.at, error) ? -1 : (int)w.at;
}
