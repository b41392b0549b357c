// SPDX-License-Identifier: MIT
#include "key_data.h"

#include <string.h>

struct reader {
	const uint8_t *at;
	size_t left;
};

static bool number(struct reader *r, size_t len, size_t *value)
{
	if (r->left < len)
		return false;
	*value = 0;
	for (r->left -= len; len; len--)
		*value = *value << 8 | *r->at++;
	return true;
}

/* A length of @width octets, and what is that long. */
static bool octets(struct reader *r, size_t width, struct mikey_octets *out)
{
	size_t len;

	if (!number(r, width, &len) || r->left < len)
		return false;
	*out = (struct mikey_octets){ r->at, len };
	r->at += len;
	r->left -= len;
	return true;
}

static bool has_salt(uint8_t type)
{
	return type & 1;
}

static bool read_validity(struct reader *r, struct mikey_key_data *key)
{
	switch (key->validity) {
	case MIKEY_KV_NULL:
		return true;
	case MIKEY_KV_SPI:
		return octets(r, 1, &key->spi);
	case MIKEY_KV_INTERVAL:
		return octets(r, 1, &key->from) && octets(r, 1, &key->to);
	default:
		return false;
	}
}

static bool read_key(struct reader *r, struct mikey_key_data *key, size_t *next)
{
	size_t type;

	memset(key, 0, sizeof(*key));
	if (!number(r, 1, next) || !number(r, 1, &type))
		return false;
	key->type = (uint8_t)(type >> 4);
	key->validity = type & 0xf;
	/* A key of no octets is none. */
	return key->type <= MIKEY_MPK && octets(r, 2, &key->key) && key->key.len &&
	       (!has_salt(key->type) || octets(r, 2, &key->salt)) && read_validity(r, key);
}

int mikey_key_data_decode(const struct mikey_octets *data,
			  struct mikey_key_data keys[static MIKEY_KEYS_MAX])
{
	struct reader r = { data->data, data->len };
	size_t next = MIKEY_KEY_DATA;
	int n = 0;

	while (next == MIKEY_KEY_DATA) {
		if (n == MIKEY_KEYS_MAX || !read_key(&r, &keys[n++], &next))
			return -1;
	}
	return next == MIKEY_LAST && !r.left ? n : -1;
}

struct writer {
	uint8_t *out;
	size_t at, size;
	bool bad;
};

static void put(struct writer *w, size_t value, size_t width)
{
	w->bad = w->bad || w->size - w->at < width || value >> 8 * width;
	while (!w->bad && width--)
		w->out[w->at++] = (uint8_t)(value >> 8 * width);
}

static void put_octets(struct writer *w, const struct mikey_octets *octets, size_t width)
{
	put(w, octets->len, width);
	w->bad = w->bad || w->size - w->at < octets->len;
	if (w->bad || !octets->len)
		return;
	memcpy(w->out + w->at, octets->data, octets->len);
	w->at += octets->len;
}

int mikey_key_data_encode(const struct mikey_key_data *keys, size_t n, uint8_t *out, size_t size)
{
	struct writer w = { out, 0, size, !n || n > MIKEY_KEYS_MAX };

	for (size_t i = 0; i < n && !w.bad; i++) {
		const struct mikey_key_data *key = &keys[i];

		w.bad = key->type > MIKEY_MPK || key->validity > MIKEY_KV_INTERVAL ||
			!key->key.len;
		put(&w, i + 1 < n ? MIKEY_KEY_DATA : MIKEY_LAST, 1);
		put(&w, (size_t)key->type << 4 | key->validity, 1);
		put_octets(&w, &key->key, 2);
		if (has_salt(key->type))
			put_octets(&w, &key->salt, 2);
		if (key->validity == MIKEY_KV_SPI)
			put_octets(&w, &key->spi, 1);
		if (key->validity == MIKEY_KV_INTERVAL) {
			put_octets(&w, &key->from, 1);
			put_octets(&w, &key->to, 1);
		}
	}
	return w.bad ? -1 : (int)w.at;
}
