// SPDX-License-Identifier: MIT
/* sk_buff, see kshim/skbuff.h. */
#include <kshim/net.h>
#include <kshim/skbuff.h>

#if defined(__SANITIZE_ADDRESS__)
#define KSHIM_ASAN	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KSHIM_ASAN	1
#endif
#endif

#ifdef KSHIM_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, len)	((void)(p), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(p, len)	((void)(p), (void)(len))
#endif

unsigned long kshim_skbs, kshim_skbs_dropped, kshim_skbs_consumed;
enum skb_drop_reason kshim_drop_reason;

/* Behind the data is nothing to read, unless a clone has some there. */
static void bounds(struct sk_buff *skb)
{
	ASAN_UNPOISON_MEMORY_REGION(skb->head, skb->end - skb->head);
	if (!skb_cloned(skb))
		ASAN_POISON_MEMORY_REGION(skb->tail, skb->end - skb->tail);
}

static struct kshim_buffer *buffer_alloc(unsigned int size, gfp_t gfp)
{
	struct kshim_buffer *buffer = kshim_alloc(sizeof(*buffer), gfp, true);

	if (!buffer)
		return NULL;
	buffer->p = malloc(size);
	if (!buffer->p)
		abort();
	memset(buffer->p, 0xa5, size);
	buffer->refs = 1;
	buffer->size = size;
	return buffer;
}

static void page_put(struct kshim_page *page)
{
	if (--page->refs)
		return;
	free(page->p);
	free(page);
}

static void buffer_put(struct kshim_buffer *buffer)
{
	unsigned int i;

	if (--buffer->refs)
		return;
	for (i = 0; i < buffer->n_frags; i++)
		page_put(buffer->frags[i].page);
	ASAN_UNPOISON_MEMORY_REGION(buffer->p, buffer->size);
	free(buffer->p);
	free(buffer);
}

struct sk_buff *alloc_skb(unsigned int size, gfp_t gfp)
{
	struct sk_buff *skb = kshim_alloc(sizeof(*skb), gfp, true);

	if (!skb)
		return NULL;
	skb->buffer = buffer_alloc(size, gfp);
	if (!skb->buffer) {
		free(skb);
		return NULL;
	}
	skb->users = 1;
	skb->head = skb->buffer->p;
	skb->data = skb->head;
	skb->tail = skb->head;
	skb->end = skb->head + size;
	bounds(skb);
	kshim_skbs++;
	return skb;
}

static bool skb_put_ref(struct sk_buff *skb)
{
	kshim_assert(skb->users > 0);
	if (--skb->users)
		return false;
	buffer_put(skb->buffer);
	memset(skb, 0x5a, sizeof(*skb));
	free(skb);
	kshim_skbs--;
	return true;
}

void kfree_skb(struct sk_buff *skb)
{
	if (!skb)
		return;
	kshim_skbs_dropped++;
	skb_put_ref(skb);
}

void kfree_skb_reason(struct sk_buff *skb, enum skb_drop_reason reason)
{
	/* The kernel warns of these. */
	kshim_assert(reason > SKB_CONSUMED);
	kshim_drop_reason = reason;
	kfree_skb(skb);
}

void consume_skb(struct sk_buff *skb)
{
	if (!skb)
		return;
	kshim_skbs_consumed++;
	skb_put_ref(skb);
}

struct sk_buff *skb_clone(struct sk_buff *skb, gfp_t gfp)
{
	struct sk_buff *clone = kshim_alloc(sizeof(*clone), gfp, false);

	if (!clone)
		return NULL;
	*clone = *skb;
	clone->users = 1;
	clone->sk = NULL;
	clone->next = NULL;
	skb->buffer->refs++;
	bounds(clone);
	kshim_skbs++;
	return clone;
}

struct sk_buff *skb_share_check(struct sk_buff *skb, gfp_t gfp)
{
	struct sk_buff *clone;

	if (skb->users == 1)
		return skb;
	clone = skb_clone(skb, gfp);
	/* With the clone it is no drop. */
	if (clone)
		skb_put_ref(skb);
	else
		kfree_skb(skb);
	return clone;
}

int pskb_expand_head(struct sk_buff *skb, int nhead, int ntail, gfp_t gfp)
{
	unsigned int used = skb->tail - skb->head, data = skb->data - skb->head;
	struct kshim_buffer *old = skb->buffer, *fresh;
	unsigned int i;

	kshim_assert(nhead >= 0 && ntail >= 0);
	/* Another user would go on with what is freed here. */
	kshim_assert(skb->users == 1);
	fresh = buffer_alloc((skb->end - skb->head) + nhead + ntail, gfp);
	if (!fresh)
		return -ENOMEM;

	memcpy(fresh->p + nhead, skb->head, used);
	fresh->n_frags = old->n_frags;
	fresh->gso_size = old->gso_size;
	for (i = 0; i < old->n_frags; i++) {
		fresh->frags[i] = old->frags[i];
		fresh->frags[i].page->refs++;
	}
	buffer_put(old);

	skb->buffer = fresh;
	skb->head = fresh->p;
	skb->data = fresh->p + nhead + data;
	skb->tail = fresh->p + nhead + used;
	skb->end = fresh->p + fresh->size;
	skb->mac_header += nhead;
	skb->network_header += nhead;
	skb->transport_header += nhead;
	bounds(skb);
	return 0;
}

/* Take octets off the start of the fragments. */
static void frags_eat(struct sk_buff *skb, unsigned int len)
{
	struct kshim_buffer *buffer = skb->buffer;
	unsigned int i, gone = 0;

	for (i = 0; i < buffer->n_frags && len; i++) {
		unsigned int some = min_t(unsigned int, len, buffer->frags[i].len);

		buffer->frags[i].off += some;
		buffer->frags[i].len -= some;
		len -= some;
		if (!buffer->frags[i].len) {
			page_put(buffer->frags[i].page);
			gone++;
		}
	}
	memmove(buffer->frags, buffer->frags + gone,
		(buffer->n_frags - gone) * sizeof(buffer->frags[0]));
	buffer->n_frags -= gone;
}

void *__pskb_pull_tail(struct sk_buff *skb, unsigned int delta)
{
	int more = (int)delta - (int)(skb->end - skb->tail);

	kshim_assert(delta <= skb->data_len);
	if (more > 0 || skb_cloned(skb)) {
		if (pskb_expand_head(skb, 0, more > 0 ? more : 0, GFP_ATOMIC))
			return NULL;
	}
	ASAN_UNPOISON_MEMORY_REGION(skb->tail, delta);
	if (skb_copy_bits(skb, skb_headlen(skb), skb->tail, delta))
		kshim_bug("fragments are shorter than they say");
	frags_eat(skb, delta);
	skb->tail += delta;
	skb->data_len -= delta;
	bounds(skb);
	return skb->tail;
}

void skb_trim(struct sk_buff *skb, unsigned int len)
{
	if (len >= skb->len)
		return;
	kshim_assert(!skb->data_len);
	skb->len = len;
	skb->tail = skb->data + len;
	bounds(skb);
}

int pskb_trim(struct sk_buff *skb, unsigned int len)
{
	struct kshim_buffer *buffer;
	unsigned int at, i;

	if (len >= skb->len)
		return 0;
	if (!skb->data_len) {
		skb_trim(skb, len);
		return 0;
	}
	if (skb_cloned(skb) && pskb_expand_head(skb, 0, 0, GFP_ATOMIC))
		return -ENOMEM;
	buffer = skb->buffer;
	at = skb_headlen(skb);
	if (len <= at) {
		for (i = 0; i < buffer->n_frags; i++)
			page_put(buffer->frags[i].page);
		buffer->n_frags = 0;
		skb->data_len = 0;
		skb->len = len;
		skb->tail = skb->data + len;
		bounds(skb);
		return 0;
	}
	for (i = 0; i < buffer->n_frags; i++) {
		unsigned int frag = buffer->frags[i].len;

		if (at >= len) {
			page_put(buffer->frags[i].page);
		} else if (at + frag > len) {
			buffer->frags[i].len = len - at;
		}
		at += frag;
	}
	at = skb_headlen(skb);
	for (i = 0; i < buffer->n_frags && at < len; i++)
		at += buffer->frags[i].len;
	buffer->n_frags = i;
	skb->data_len = len - skb_headlen(skb);
	skb->len = len;
	return 0;
}

void *skb_pull(struct sk_buff *skb, unsigned int len)
{
	if (len > skb->len)
		return NULL;
	kshim_assert(len <= skb_headlen(skb));
	skb->len -= len;
	skb->data += len;
	return skb->data;
}

void *skb_push(struct sk_buff *skb, unsigned int len)
{
	kshim_assert(len <= skb_headroom(skb));
	skb->data -= len;
	skb->len += len;
	return skb->data;
}

void *skb_put(struct sk_buff *skb, unsigned int len)
{
	u8 *tail = skb->tail;

	kshim_assert(!skb->data_len && len <= (size_t)(skb->end - skb->tail));
	skb->tail += len;
	skb->len += len;
	bounds(skb);
	return tail;
}

void skb_reserve(struct sk_buff *skb, unsigned int len)
{
	kshim_assert(!skb->len && len <= (size_t)(skb->end - skb->tail));
	skb->data += len;
	skb->tail += len;
	bounds(skb);
}

int skb_copy_bits(const struct sk_buff *skb, int off, void *to, int len)
{
	unsigned int i, at = skb_headlen(skb), from = off;
	u8 *out = to;

	if (off < 0 || len < 0 || (unsigned int)off + len > skb->len)
		return -EFAULT;
	if (from < at) {
		unsigned int some = min_t(unsigned int, len, at - from);

		memcpy(out, skb->data + from, some);
		out += some;
		from += some;
		len -= some;
	}
	for (i = 0; i < skb->buffer->n_frags && len; i++) {
		unsigned int frag = skb->buffer->frags[i].len;

		if (from < at + frag) {
			unsigned int some = min_t(unsigned int, len, at + frag - from);

			memcpy(out, skb->buffer->frags[i].page->p + skb->buffer->frags[i].off +
			       (from - at), some);
			out += some;
			from += some;
			len -= some;
		}
		at += frag;
	}
	return len ? -EFAULT : 0;
}

int __skb_put_padto(struct sk_buff *skb, unsigned int len, bool free_on_error)
{
	unsigned int more;

	if (skb->len >= len)
		return 0;
	more = len - skb->len;
	kshim_assert(!free_on_error);
	if (more > (size_t)(skb->end - skb->tail) || skb_cloned(skb)) {
		if (pskb_expand_head(skb, 0, more, GFP_ATOMIC))
			return -ENOMEM;
	}
	memset(skb_put(skb, more), 0, more);
	return 0;
}

void skb_scrub_packet(struct sk_buff *skb, bool xnet)
{
	(void)xnet;
	skb->pkt_type = PACKET_HOST;
	skb_dst_drop(skb);
}

void kshim_skb_add_frag(struct sk_buff *skb, const void *p, unsigned int len)
{
	struct kshim_buffer *buffer = skb->buffer;
	struct kshim_page *page = malloc(sizeof(*page));

	kshim_assert(page && len && buffer->n_frags < KSHIM_FRAGS && !skb_cloned(skb));
	page->p = malloc(len);
	kshim_assert(page->p);
	memcpy(page->p, p, len);
	page->refs = 1;
	page->len = len;
	buffer->frags[buffer->n_frags].page = page;
	buffer->frags[buffer->n_frags].off = 0;
	buffer->frags[buffer->n_frags].len = len;
	buffer->n_frags++;
	skb->len += len;
	skb->data_len += len;
}

u8 *kshim_skb_octets(const struct sk_buff *skb)
{
	u8 *p = malloc(skb->len ? skb->len : 1);

	kshim_assert(p);
	if (skb_copy_bits(skb, 0, p, skb->len))
		kshim_bug("octets are missing");
	return p;
}
