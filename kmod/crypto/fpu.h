/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may use vector registers, and when. */
#ifndef _PROSE_CRYPTO_FPU_H
#define _PROSE_CRYPTO_FPU_H

#include <linux/types.h>

#ifdef CONFIG_X86_64

#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/simd.h>
#include <crypto/internal/simd.h>

/* Has this machine what the *_avx2.c are compiled for? */
static inline bool prose_has_avx2(void)
{
	return boot_cpu_has(X86_FEATURE_AVX2) && boot_cpu_has(X86_FEATURE_AES) &&
	       boot_cpu_has(X86_FEATURE_PCLMULQDQ) &&
	       cpu_has_xfeatures(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM, NULL);
}

/* Is this a context that may use the FPU? */
static inline bool prose_fpu_usable(void)
{
	return crypto_simd_usable();
}

static inline void prose_fpu_begin(void)
{
	kernel_fpu_begin();
}

static inline void prose_fpu_end(void)
{
	kernel_fpu_end();
}

#else

static inline bool prose_fpu_usable(void)
{
	return false;
}

static inline void prose_fpu_begin(void)
{
}

static inline void prose_fpu_end(void)
{
}

#endif

#endif /* _PROSE_CRYPTO_FPU_H */
