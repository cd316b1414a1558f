/* What the C client of the test is given and tells. */
#ifndef WRIT_TESTS_C_CLIENT_H
#define WRIT_TESTS_C_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Walks the whole ABI with a bundle in which line 1 lets User:alice Read Topic orders. Returns
 * null, or what went wrong. */
const char* run_c_client(const uint8_t* bundle, size_t bundle_bytes, const char* key,
                         size_t key_bytes, const char* other_key, size_t other_key_bytes);

#ifdef __cplusplus
}
#endif
#endif
