/* Holds the hash that this processor uses against the portable one, over every length around a block. */
#include "core/sha256.h"

#include <stdio.h>
#include <string.h>

static void by_portable(const uint8_t *data, size_t size, uint8_t digest[SHA256_SIZE])
{
	struct sha256 hash;
	uint8_t tail[128] = { 0 };
	size_t whole = size / 64 * 64, rest = size - whole, padded = rest < 56 ? 64 : 128;

	sha256_start(&hash);
	sha256_blocks_portable(hash.state, data, whole / 64);
	memcpy(tail, data + whole, rest);
	tail[rest] = 0x80;
	for (int i = 0; i < 8; i++)
		tail[padded - 8 + (size_t)i] = (uint8_t)((uint64_t)size * 8 >> (56 - 8 * i));
	sha256_blocks_portable(hash.state, tail, padded / 64);
	for (int i = 0; i < SHA256_SIZE; i++)
		digest[i] = (uint8_t)(hash.state[i / 4] >> (24 - 8 * (i % 4)));
}

int main(void)
{
	static uint8_t data[700];
	int wrong = 0;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 31 + i / 7);
	for (size_t size = 0; size <= sizeof data; size++) {
		uint8_t expected[SHA256_SIZE], whole[SHA256_SIZE], split[SHA256_SIZE];
		struct sha256 hash;

		by_portable(data, size, expected);
		sha256_start(&hash);
		sha256_add(&hash, data, size);
		sha256_finish(&hash, whole);
		sha256_start(&hash);
		for (size_t at = 0; at < size; at += 13)
			sha256_add(&hash, data + at, size - at < 13 ? size - at : 13);
		sha256_finish(&hash, split);
		wrong += memcmp(expected, whole, SHA256_SIZE) != 0 || memcmp(expected, split, SHA256_SIZE) != 0;
	}
	printf("%d of %zu lengths are wrong\n", wrong, sizeof data + 1);
	return wrong != 0;
}
