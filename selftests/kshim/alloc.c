// SPDX-License-Identifier: MIT
/* Memory, hashes, tables, see kshim/alloc.h. */
#include <kshim/alloc.h>

long kshim_fail_after = -1;
unsigned long kshim_failed;

void *kshim_alloc(size_t size, gfp_t gfp, bool zero)
{
	void *p;

	if (gfp & GFP_KERNEL)
		kshim_might_sleep("GFP_KERNEL");
	if (kshim_fail_after >= 0 && !kshim_fail_after--) {
		kshim_failed++;
		return NULL;
	}
	p = malloc(size);
	if (!p)
		abort();
	/* What nobody has written is nothing in particular, but the same in each run. */
	memset(p, zero ? 0 : 0xa5, size);
	return p;
}

void get_random_bytes(void *p, size_t len)
{
	static u32 state = 0x2545f491;
	u8 *to = p;

	while (len--) {
		state = state * 1664525 + 1013904223;
		*to++ = state >> 24;
	}
}

u32 hsiphash_4u32(u32 first, u32 second, u32 third, u32 fourth, const hsiphash_key_t *key)
{
	const u32 words[] = { first, second, third, fourth };
	u64 hash = 0xcbf29ce484222325ULL ^ key->key[0];
	unsigned int i;

	for (i = 0; i < 4; i++)
		hash = (hash ^ hash >> 32 ^ words[i]) * 0x100000001b3ULL;
	hash ^= key->key[1];
	return (u32)(hash ^ hash >> 29);
}

void xa_init(struct xarray *xa)
{
	memset(xa, 0, sizeof(*xa));
}

void xa_destroy(struct xarray *xa)
{
	free(xa->entries);
	memset(xa, 0, sizeof(*xa));
}

static struct kshim_xa_entry *xa_find(struct xarray *xa, unsigned long index)
{
	size_t i;

	for (i = 0; i < xa->n; i++) {
		if (xa->entries[i].index == index)
			return &xa->entries[i];
	}
	return NULL;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	struct kshim_xa_entry *entry;

	/* What it returns is only good inside one of them. */
	kshim_assert(kshim_rcu > 0 || kshim_mutexes > 0);
	entry = xa_find(xa, index);
	return entry ? entry->p : NULL;
}

int xa_insert(struct xarray *xa, unsigned long index, void *p, gfp_t gfp)
{
	struct kshim_xa_entry *entries;

	if (xa_find(xa, index))
		return -EBUSY;
	entries = kshim_alloc((xa->n + 1) * sizeof(*entries), gfp, true);
	if (!entries)
		return -ENOMEM;
	if (xa->n)
		memcpy(entries, xa->entries, xa->n * sizeof(*entries));
	free(xa->entries);
	xa->entries = entries;
	entries[xa->n++] = (struct kshim_xa_entry){ index, p };
	return 0;
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	struct kshim_xa_entry *entry = xa_find(xa, index);
	void *p;

	if (!entry)
		return NULL;
	p = entry->p;
	memmove(entry, entry + 1, (xa->entries + xa->n - (entry + 1)) * sizeof(*entry));
	xa->n--;
	return p;
}

void *kshim_xa_next(struct xarray *xa, unsigned long *index, bool first)
{
	struct kshim_xa_entry *best = NULL;
	size_t i;

	for (i = 0; i < xa->n; i++) {
		struct kshim_xa_entry *one = &xa->entries[i];

		if ((first ? one->index >= *index : one->index > *index) &&
		    (!best || one->index < best->index))
			best = one;
	}
	if (!best)
		return NULL;
	*index = best->index;
	return best->p;
}
