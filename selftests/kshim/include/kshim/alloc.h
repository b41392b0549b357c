/* SPDX-License-Identifier: MIT */
/* Memory. Every allocation has exactly the length asked for, and can be made to fail. */
#ifndef _KSHIM_ALLOC_H
#define _KSHIM_ALLOC_H

#include <kshim/context.h>

#define GFP_ATOMIC		0U
#define GFP_KERNEL		1U	/* may sleep */
#define GFP_KERNEL_ACCOUNT	GFP_KERNEL

/* The allocation after this many fails, once; -1 for none. */
extern long kshim_fail_after;
/* How many failed so. */
extern unsigned long kshim_failed;

void *kshim_alloc(size_t size, gfp_t gfp, bool zero);

#define kmalloc(size, gfp)	kshim_alloc(size, gfp, false)
#define kzalloc(size, gfp)	kshim_alloc(size, gfp, true)
#define kvzalloc(size, gfp)	kshim_alloc(size, gfp, true)
#define kvcalloc(n, size, gfp)	kshim_alloc((size_t)(n) * (size), gfp, true)

static inline void kfree(const void *p)
{
	free((void *)p);
}

#define kvfree(p)		kfree(p)

static inline void memzero_explicit(void *p, size_t len)
{
	memset(p, 0, len);
}

/* Two processors are possible; how many are online, and which this is, is below. */
#define KSHIM_POSSIBLE		2
#define alloc_percpu_gfp(type, gfp)	((type *)kshim_alloc(KSHIM_POSSIBLE * sizeof(type), gfp, true))
#define free_percpu(p)		kfree(p)
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < KSHIM_POSSIBLE; (cpu)++)
#define per_cpu_ptr(p, cpu)	(&(p)[cpu])
/* Nothing else may run on this CPU meanwhile. */
#define this_cpu_ptr(p)		({ kshim_assert(kshim_bh); &(p)[kshim_cpu]; })

extern unsigned int kshim_cpus, kshim_cpu;	/* how many processors there are; this one */

void get_random_bytes(void *p, size_t len);

typedef struct { u64 key[2]; } hsiphash_key_t;

u32 hsiphash_4u32(u32 first, u32 second, u32 third, u32 fourth, const hsiphash_key_t *key);

/* As much of an xarray as a table of peers needs. */
struct xarray {
	size_t n;
	struct kshim_xa_entry {
		unsigned long index;
		void *p;
	} *entries;
};

void xa_init(struct xarray *xa);
void xa_destroy(struct xarray *xa);
void *xa_load(struct xarray *xa, unsigned long index);
int xa_insert(struct xarray *xa, unsigned long index, void *p, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
void *kshim_xa_next(struct xarray *xa, unsigned long *index, bool first);

#define xa_for_each(xa, index, entry)						\
	for ((index) = 0, (entry) = kshim_xa_next(xa, &(index), true); (entry);	\
	     (entry) = kshim_xa_next(xa, &(index), false))

#endif /* _KSHIM_ALLOC_H */
