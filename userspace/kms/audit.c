// SPDX-License-Identifier: MIT
#include "audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include "hex.h"
#include "keying/sentence.h"

#define MAC_LEN		32
#define MAC_TEXT	(2 * MAC_LEN + 1)

static int audit_key(const struct domain *domain, uint8_t key[static MAC_LEN])
{
	static const char label[] = "prose-kms audit";
	unsigned int len;

	return HMAC(EVP_sha256(), domain->ksak, sizeof(domain->ksak), (const uint8_t *)label,
		    sizeof(label) - 1, key, &len) ? 0 : -1;
}

/* A NUL stands between texts, so that nothing can move from one into the next. */
static int entry_mac(const struct domain *domain, const char *before, const struct audit_entry *entry,
		     char out[static MAC_TEXT])
{
	const char *const texts[] = {
		before, entry->event, entry->identity, entry->months, entry->requester, entry->outcome,
	};
	uint8_t key[MAC_LEN], mac[MAC_LEN];
	char *data = NULL;
	size_t size;
	unsigned int len;
	FILE *to;
	int err;

	to = open_memstream(&data, &size);
	if (!to)
		return -1;
	fprintf(to, "%lld %lld", entry->number, entry->at);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fputc(0, to);
		fputs(texts[i], to);
	}
	err = fclose(to) || audit_key(domain, key) ||
	      !HMAC(EVP_sha256(), key, sizeof(key), (const uint8_t *)data, size, mac, &len);
	OPENSSL_cleanse(key, sizeof(key));
	free(data);
	if (!err)
		hex_put(mac, sizeof(mac), out);
	return err ? -1 : 0;
}

struct last {
	long long number;
	char mac[MAC_TEXT];
};

static int take_last(void *context, const char *const *columns)
{
	struct last *last = context;

	last->number = columns[0] ? strtoll(columns[0], NULL, 10) : 0;
	snprintf(last->mac, sizeof(last->mac), "%s", columns[1] ? columns[1] : "");
	return 0;
}

int audit_add(struct db *db, const struct domain *domain, const struct audit_entry *entry, char *why,
	      size_t why_len)
{
	struct audit_entry numbered = *entry;
	char number[24], at[24], mac[MAC_TEXT];
	struct last last = { 0 };

	if (db_run(db, "SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1", NULL, 0,
		   take_last, &last, why, why_len))
		return -1;
	numbered.number = last.number + 1;
	if (entry_mac(domain, last.mac, &numbered, mac))
		return keying_sentence(why, why_len, "OpenSSL failed");
	snprintf(number, sizeof(number), "%lld", numbered.number);
	snprintf(at, sizeof(at), "%lld", numbered.at);
	return db_run(db, "INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		      DB_VALUES(number, at, entry->event, entry->identity, entry->months,
				entry->requester, entry->outcome, mac), NULL, NULL, why, why_len);
}

struct walk {
	const struct domain *domain;
	audit_row row;
	void *context;
	char before[MAC_TEXT];
	long long number;
	bool broken;
	char *why;
	size_t why_len;
};

static int check(void *context, const char *const *columns)
{
	struct walk *walk = context;
	struct audit_entry entry;
	char mac[MAC_TEXT];

	walk->number++;
	for (int i = 0; i < 8; i++)
		walk->broken = walk->broken || !columns[i];
	if (!walk->broken) {
		entry = (struct audit_entry){
			strtoll(columns[0], NULL, 10), strtoll(columns[1], NULL, 10), columns[2],
			columns[3], columns[4], columns[5], columns[6],
		};
		walk->broken = entry.number != walk->number ||
			       entry_mac(walk->domain, walk->before, &entry, mac) ||
			       strcmp(mac, columns[7]);
	}
	if (walk->broken)
		return keying_sentence(walk->why, walk->why_len,
				       "Row %lld of the audit log is not as it was written, or one before it is gone",
				       walk->number);
	memcpy(walk->before, mac, sizeof(mac));
	if (walk->row)
		walk->row(walk->context, &entry);
	return 0;
}

int audit_list(struct db *db, const struct domain *domain, audit_row row, void *context, char *why,
	       size_t why_len)
{
	struct walk walk = { .domain = domain, .row = row, .context = context, .why = why,
			     .why_len = why_len };

	return db_run(db, "SELECT number, at, event, identity, months, requester, outcome, mac "
		      "FROM audit ORDER BY number", NULL, 0, check, &walk, why, why_len);
}
