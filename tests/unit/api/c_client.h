/* What the C clients of the tests are given and tell. */
#ifndef WRIT_TESTS_C_CLIENT_H
#define WRIT_TESTS_C_CLIENT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/api/include/writ/writ.h"
#include "runtime/api/include/writ/writ_audit.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TEXT(s) (s), strlen(s)
#define NEED(condition) \
  do {                  \
    if (!(condition)) return #condition; \
  } while (0)

/* A session of User:alice at payments, from 10.1.2.3. */
writ_session_facts alice_in_c(void);

/* Walks the whole ABI with a bundle in which line 1 lets User:alice Read Topic orders. Returns
 * null, or what went wrong. */
const char* run_c_client(const uint8_t* bundle, size_t bundle_bytes, const char* key,
                         size_t key_bytes, const char* other_key, size_t other_key_bytes);

typedef struct c_audit_world {
  const uint8_t* bundle; /* as above */
  size_t bundle_bytes;
  const char* key;
  size_t key_bytes;
  const char* log;      /* a folder that is not there yet, */
  const char* rings;    /* another, */
  const char* sink;     /* and where events go */
  const char* log_key;  /* signs */
} c_audit_world;

/* The same of the audit trail. One engine makes eight decisions (three enforce, two probe, three
 * filter), tells of two logins and of `key.created`; a second one makes two: one for want of a
 * bundle, one with it. All but the former are of Topic orders. */
const char* run_c_audit_client(const c_audit_world* world);

#ifdef __cplusplus
}
#endif
#endif
