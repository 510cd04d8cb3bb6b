#include "sha256.h"

#include <string.h>

static const uint32_t rounds[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t value, int by)
{
	return value >> by | value << (32 - by);
}

static void schedule(uint32_t words[64], const uint8_t *data)
{
	for (int i = 0; i < 16; i++)
		words[i] = (uint32_t)data[4 * i] << 24 | (uint32_t)data[4 * i + 1] << 16 |
			   (uint32_t)data[4 * i + 2] << 8 | data[4 * i + 3];
	for (int i = 16; i < 64; i++) {
		uint32_t a = words[i - 15], b = words[i - 2];
		words[i] = words[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + words[i - 7] +
			   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

void sha256_blocks_portable(uint32_t state[8], const uint8_t *data, size_t count)
{
	uint32_t words[64], s[8];

	for (; count > 0; count--, data += 64) {
		schedule(words, data);
		memcpy(s, state, sizeof s);
		for (int i = 0; i < 64; i++) {
			uint32_t first = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
					 ((s[4] & s[5]) ^ (~s[4] & s[6])) + rounds[i] + words[i];
			uint32_t second = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
					  ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
			memmove(s + 1, s, 7 * sizeof *s);
			s[4] += first;
			s[0] = first + second;
		}
		for (int i = 0; i < 8; i++)
			state[i] += s[i];
	}
}

#ifdef __x86_64__
#include <immintrin.h>

/* Four rounds per step; the state is kept as ABEF and CDGH, as sha256rnds2 wants it (Intel SDM, SHA extensions). */
__attribute__((target("sha,sse4.1,ssse3"))) static void blocks_sha_ni(uint32_t state[8], const uint8_t *data,
								      size_t count)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bULL, 0x0405060700010203ULL);
	__m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
	__m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
	__m128i abef = _mm_alignr_epi8(low, high, 8);
	__m128i cdgh = _mm_blend_epi16(high, low, 0xf0);

	for (; count > 0; count--, data += 64) {
		__m128i words[4], old_abef = abef, old_cdgh = cdgh;

		for (int i = 0; i < 4; i++)
			words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + i), swap);
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			__m128i now = words[i & 3];
			__m128i sum = _mm_add_epi32(now, _mm_loadu_si128((const __m128i *)rounds + i));

			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
			if (i < 12) {
				__m128i middle = _mm_alignr_epi8(words[(i + 3) & 3], words[(i + 2) & 3], 4);
				__m128i next = _mm_add_epi32(_mm_sha256msg1_epu32(now, words[(i + 1) & 3]), middle);
				words[i & 3] = _mm_sha256msg2_epu32(next, words[(i + 3) & 3]);
			}
		}
		abef = _mm_add_epi32(abef, old_abef);
		cdgh = _mm_add_epi32(cdgh, old_cdgh);
	}
	low = _mm_shuffle_epi32(abef, 0x1b);
	high = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xf0));
	_mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

static int has_sha_ni(void)
{
	/* CPUID leaf 7, EBX bit 29; __builtin_cpu_supports knows "sha" only from GCC 14 on. */
	uint32_t a = 7, b, c = 0, d;

	if (!__builtin_cpu_supports("sse4.1"))
		return 0;
	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b >> 29 & 1;
}
#endif

static void blocks(uint32_t state[8], const uint8_t *data, size_t count)
{
#ifdef __x86_64__
	/* Racing threads store the same answer. */
	static volatile int fast = -1;

	if (fast < 0)
		fast = has_sha_ni();
	if (fast) {
		blocks_sha_ni(state, data, count);
		return;
	}
#endif
	sha256_blocks_portable(state, data, count);
}

void sha256_start(struct sha256 *hash)
{
	static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	memcpy(hash->state, first, sizeof first);
	hash->length = 0;
	hash->used = 0;
}

void sha256_add(struct sha256 *hash, const void *data, size_t size)
{
	const uint8_t *at = data;

	hash->length += size;
	if (hash->used > 0) {
		size_t part = 64 - hash->used < size ? 64 - hash->used : size;
		memcpy(hash->block + hash->used, at, part);
		hash->used += part;
		at += part;
		size -= part;
		if (hash->used < 64)
			return;
		blocks(hash->state, hash->block, 1);
		hash->used = 0;
	}
	if (size >= 64) {
		blocks(hash->state, at, size / 64);
		at += size & ~(size_t)63;
		size &= 63;
	}
	if (size > 0)
		memcpy(hash->block, at, size);
	hash->used = size;
}

void sha256_finish(struct sha256 *hash, uint8_t digest[SHA256_SIZE])
{
	uint64_t bits = hash->length * 8;
	uint8_t tail[72] = { 0x80 };
	size_t pad = (hash->used < 56 ? 56 : 120) - hash->used;

	for (int i = 0; i < 8; i++)
		tail[pad + (size_t)i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(hash, tail, pad + 8);
	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_finish_hex(struct sha256 *hash, char hex[SHA256_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[SHA256_SIZE];

	sha256_finish(hash, digest);
	for (int i = 0; i < 32; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[64] = 0;
}
