/* See emit.h. The stores are written in assembly: a compiler may split, merge or reorder stores to
 * memory that it takes for plain, and nothing in C says "one store of 64 bytes". */
#include "emit.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

const char *const fb_emit_names[FB_EMITS] = { "auto", "movdir64b", "avx512", "wc", "uc" };

static bool always(void)
{
	return true;
}

/* Eight stores, never merged: volatile. */
static void store_uncached(volatile void *slot, const union fb_command *line)
{
	volatile uint64_t *to = slot;
	for (size_t i = 0; i < 8; i++)
		to[i] = line->words[i];
}

#if defined(__x86_64__)

/* Empties the write-combining buffers, and orders movdir64b before what follows. */
static void fence(void)
{
	__asm__ volatile("sfence" ::: "memory");
}

static bool has_movdir64b(void)
{
	unsigned a, b, c = 0, d;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & 1u << 28);
}

/* These two ask the operating system as well, which must save the wide registers. */
static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f");
}

static bool has_avx(void)
{
	return __builtin_cpu_supports("avx");
}

/* movdir64b (%rsi), %rdi, in bytes: assemblers of 2022 and compilers of other flags take it too. */
static void store_movdir64b(volatile void *slot, const union fb_command *line)
{
	__asm__ volatile(".byte 0x66, 0x0f, 0x38, 0xf8, 0x3e" ::"D"(slot), "S"(line) : "memory");
}

/* zmm16 and above leave no dirty upper halves behind, so no vzeroupper is needed. In bytes, so that
 * the registers are known to the test that stands in for a processor with AVX-512. */
__attribute__((target("avx512f")))
static void store_avx512(volatile void *slot, const union fb_command *line)
{
	/* vmovdqu64 (%rsi), %zmm16; vmovdqa64 %zmm16, (%rdi) */
	__asm__ volatile(".byte 0x62, 0xe1, 0xfe, 0x48, 0x6f, 0x06\n\t"
			 ".byte 0x62, 0xe1, 0xfd, 0x48, 0x7f, 0x07"
			 ::"D"(slot), "S"(line)
			 : "memory", "xmm16");
}

__attribute__((target("avx")))
static void store_avx(volatile void *slot, const union fb_command *line)
{
	__asm__ volatile("vmovdqu (%1), %%ymm0\n\t"
			 "vmovdqu 32(%1), %%ymm1\n\t"
			 "vmovdqa %%ymm0, (%0)\n\t"
			 "vmovdqa %%ymm1, 32(%0)\n\t"
			 "vzeroupper" ::"r"(slot), "r"(line)
			 : "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
			   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

static void store_sse2(volatile void *slot, const union fb_command *line)
{
	__asm__ volatile("movdqu (%1), %%xmm0\n\t"
			 "movdqu 16(%1), %%xmm1\n\t"
			 "movdqu 32(%1), %%xmm2\n\t"
			 "movdqu 48(%1), %%xmm3\n\t"
			 "movdqa %%xmm0, (%0)\n\t"
			 "movdqa %%xmm1, 16(%0)\n\t"
			 "movdqa %%xmm2, 32(%0)\n\t"
			 "movdqa %%xmm3, 48(%0)" ::"r"(slot), "r"(line)
			 : "memory", "xmm0", "xmm1", "xmm2", "xmm3");
}

const struct fb_emitter fb_emitters[] = {
	{ "movdir64b", FB_EMIT_MOVDIR64B, false, has_movdir64b, store_movdir64b, fence },
	{ "wc avx512", FB_EMIT_AVX512, true, has_avx512, store_avx512, fence },
	{ "wc avx", FB_EMIT_WC, true, has_avx, store_avx, fence },
	{ "wc sse2", FB_EMIT_WC, true, always, store_sse2, fence },
	{ "uc", FB_EMIT_UC, false, always, store_uncached, fence },
};

#else

static void fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

const struct fb_emitter fb_emitters[] = {
	{ "uc", FB_EMIT_UC, false, always, store_uncached, fence },
};

#endif

const size_t fb_emitters_n = sizeof(fb_emitters) / sizeof(fb_emitters[0]);

const struct fb_emitter *fb_emitter_choose(enum fb_emit wanted, bool combining,
					   struct fb_error *error)
{
	bool mapping = false; /* one was passed over for want of a mapping */
	for (size_t i = 0; i < fb_emitters_n; i++) {
		const struct fb_emitter *e = &fb_emitters[i];
		bool named = e->kind == wanted || (wanted == FB_EMIT_WC && e->combines);
		if ((wanted != FB_EMIT_AUTO && !named) || !e->here())
			continue;
		if (!e->combines || combining)
			return e;
		mapping = true;
	}
	if (mapping)
		fb_error_set(error, -ENOTSUP,
			     "emit=%s needs a write-combining mapping of the command window, which "
			     "only access=sysfs of a prefetchable BAR2 has (resource2_wc); "
			     "emit=auto takes what there is",
			     fb_emit_names[wanted]);
	else
		fb_error_set(error, -ENOTSUP,
			     "emit=%s: this processor has no such store; emit=auto takes what it "
			     "has",
			     fb_emit_names[wanted]);
	return NULL;
}
