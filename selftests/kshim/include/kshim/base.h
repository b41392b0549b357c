/* SPDX-License-Identifier: MIT */
/* Types, errors, bits, atomics, lists: what every kernel source takes for granted. */
#ifndef _KSHIM_BASE_H
#define _KSHIM_BASE_H

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include_next <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef unsigned int gfp_t;

/* A rule of the kernel was broken: say which and stop, so that the sanitizers show where from. */
#define kshim_bug(...) do {						\
	fprintf(stderr, "kshim: %s:%d: ", __FILE__, __LINE__);		\
	fprintf(stderr, __VA_ARGS__);					\
	fprintf(stderr, "\n");						\
	abort();							\
} while (0)

#define kshim_assert(cond) do {						\
	if (!(cond))							\
		kshim_bug("%s", #cond);					\
} while (0)

#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), "BUILD_BUG_ON: " #cond)
#define BUG_ON(cond)		kshim_assert(!(cond))
#define WARN_ON_ONCE(cond)	({ kshim_assert(!(cond)); false; })
#define IS_ENABLED(option)	(option)
#define CONFIG_IPV6		1

#define __percpu
#define __rcu
#define __user
#define __init
#define __exit
#define __always_unused		__attribute__((unused))
#define __aligned(x)		__attribute__((aligned(x)))
#define __packed		__attribute__((packed))
#define fallthrough		__attribute__((fallthrough))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	(*(volatile __typeof__(x) *)&(x) = (val))
#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_mb__after_atomic()	smp_mb()

#define U64_MAX			((u64)~0ULL)
#define U32_MAX			((u32)~0U)
#define BITS_PER_LONG		((u32)(sizeof(long) * 8))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define round_up(x, y)		(DIV_ROUND_UP(x, y) * (y))
#define noinline	__attribute__((__noinline__))
#define min_t(type, a, b)	({ type _a = (a), _b = (b); _a < _b ? _a : _b; })
#define max_t(type, a, b)	({ type _a = (a), _b = (b); _a > _b ? _a : _b; })
#define max(a, b)		max_t(__typeof__(a), a, b)
#define min(a, b)		min_t(__typeof__(a), a, b)
#define container_of(ptr, type, member)						\
	((type *)((char *)(ptr) - offsetof(type, member)))

#define NSEC_PER_SEC		1000000000L

static inline u64 div_u64_rem(u64 n, u32 d, u32 *rem)
{
	kshim_assert(d);
	*rem = n % d;
	return n / d;
}

static inline u64 div_u64(u64 n, u32 d)
{
	u32 rem;

	return div_u64_rem(n, d, &rem);
}

static inline u32 hash_32(u32 val, unsigned int bits)
{
	return val * 0x61C88647U >> (32 - bits);
}

/* Errors in pointers. */
#define IS_ERR_VALUE(x)		((unsigned long)(x) >= (unsigned long)-4095)

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return IS_ERR_VALUE(p);
}

/* Byte order. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define kshim_be16(x)		__builtin_bswap16(x)
#define kshim_be32(x)		__builtin_bswap32(x)
#else
#define kshim_be16(x)		(x)
#define kshim_be32(x)		(x)
#endif
#define htons(x)		((__be16)kshim_be16(x))
#define ntohs(x)		((u16)kshim_be16(x))
#define htonl(x)		((__be32)kshim_be32(x))
#define ntohl(x)		((u32)kshim_be32(x))
#define cpu_to_be16(x)		htons(x)
#define cpu_to_be32(x)		htonl(x)

/* Atomics. */
typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;

#define atomic_read(v)		__atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic_set(v, i)	__atomic_store_n(&(v)->counter, i, __ATOMIC_RELAXED)
#define atomic_inc(v)		((void)__atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic64_read(v)	((u64)__atomic_load_n(&(v)->counter, __ATOMIC_RELAXED))
#define atomic64_set(v, i)	__atomic_store_n(&(v)->counter, (s64)(i), __ATOMIC_RELAXED)
#define atomic64_inc(v)		((void)__atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic64_inc_return(v)	__atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)
#define atomic64_fetch_inc(v)	__atomic_fetch_add(&(v)->counter, 1, __ATOMIC_SEQ_CST)

#define xchg(ptr, new) ({							\
	__typeof__(*(ptr)) __was = *(ptr);					\
										\
	*(ptr) = (new);								\
	__was;									\
})

#define cmpxchg(ptr, old, new) ({						\
	__typeof__(*(ptr)) _old = (old);					\
										\
	__atomic_compare_exchange_n(ptr, &_old, new, false, __ATOMIC_SEQ_CST,	\
				    __ATOMIC_SEQ_CST);				\
	_old;									\
})

static inline bool test_bit(int nr, const unsigned long *addr)
{
	return *addr >> nr & 1;
}

static inline void set_bit(int nr, unsigned long *addr)
{
	*addr |= 1UL << nr;
}

static inline void clear_bit(int nr, unsigned long *addr)
{
	*addr &= ~(1UL << nr);
}

static inline bool test_and_set_bit(int nr, unsigned long *addr)
{
	bool was = test_bit(nr, addr);

	set_bit(nr, addr);
	return was;
}

/* References. */
struct kref {
	int refs;
};

static inline void kref_init(struct kref *ref)
{
	ref->refs = 1;
}

static inline void kref_get(struct kref *ref)
{
	kshim_assert(ref->refs > 0);
	ref->refs++;
}

static inline bool kref_get_unless_zero(struct kref *ref)
{
	if (!ref->refs)
		return false;
	kref_get(ref);
	return true;
}

static inline int kref_put(struct kref *ref, void (*release)(struct kref *ref))
{
	kshim_assert(ref->refs > 0);
	if (--ref->refs)
		return 0;
	release(ref);
	return 1;
}

/* Lists. Who is taken off one keeps its next, for readers; prev is poison. */
struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define KSHIM_POISON		((void *)0x122)
#define LIST_HEAD(name)		struct list_head name = { &(name), &(name) }

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void kshim_list_insert(struct list_head *entry, struct list_head *prev,
				     struct list_head *next)
{
	entry->next = next;
	entry->prev = prev;
	next->prev = entry;
	prev->next = entry;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	kshim_list_insert(entry, head, head->next);
}

static inline void list_add_tail_rcu(struct list_head *entry, struct list_head *head)
{
	kshim_list_insert(entry, head->prev, head);
}

#define list_add_tail(entry, head)	list_add_tail_rcu(entry, head)

static inline void list_del_rcu(struct list_head *entry)
{
	kshim_assert(entry->prev != KSHIM_POISON);
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
	entry->prev = KSHIM_POISON;
}

#define list_del(entry)		list_del_rcu(entry)

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	list_del(entry);
	list_add(entry, head);
}

static inline void list_splice(const struct list_head *list, struct list_head *head)
{
	if (list_empty(list))
		return;
	list->prev->next = head->next;
	head->next->prev = list->prev;
	list->next->prev = head;
	head->next = list->next;
}

#define list_entry(ptr, type, member)	container_of(ptr, type, member)
#define list_for_each_entry(pos, head, member)					\
	for (pos = list_entry((head)->next, __typeof__(*pos), member);		\
	     &pos->member != (head);						\
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))
#define list_for_each_entry_safe(pos, n, head, member)				\
	for (pos = list_entry((head)->next, __typeof__(*pos), member),		\
	     n = list_entry(pos->member.next, __typeof__(*pos), member);	\
	     &pos->member != (head);						\
	     pos = n, n = list_entry(n->member.next, __typeof__(*n), member))

static inline void hlist_add_head_rcu(struct hlist_node *node, struct hlist_head *head)
{
	node->next = head->first;
	if (node->next)
		node->next->pprev = &node->next;
	head->first = node;
	node->pprev = &head->first;
}

static inline void hlist_del_rcu(struct hlist_node *node)
{
	kshim_assert(node->pprev != KSHIM_POISON);
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
	node->pprev = KSHIM_POISON;
}

#define hlist_entry_safe(ptr, type, member)					\
	({ __typeof__(ptr) _ptr = (ptr); _ptr ? container_of(_ptr, type, member) : NULL; })

#endif /* _KSHIM_BASE_H */
