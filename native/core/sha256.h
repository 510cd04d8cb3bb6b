/* SHA-256 (FIPS 180-4), by the processor's SHA instructions where it has them. */
#ifndef SAMPAN_SHA256_H
#define SAMPAN_SHA256_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHA256_SIZE 32
#define SHA256_HEX_SIZE 65

struct sha256 {
	uint32_t state[8];
	uint64_t length;
	uint8_t block[64];
	size_t used;
};

void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t size);
/* The digest; the hash must be started anew afterwards. */
void sha256_finish(struct sha256 *hash, uint8_t digest[SHA256_SIZE]);
/* As sha256_finish, in lower-case hex with a NUL. */
void sha256_finish_hex(struct sha256 *hash, char hex[SHA256_HEX_SIZE]);

/* The portable compression function, for tests to hold the fast one against. */
void sha256_blocks_portable(uint32_t state[8], const uint8_t *data, size_t count);

#ifdef __cplusplus
}
#endif

#endif
