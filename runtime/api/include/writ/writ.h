/* The C ABI of Writ: opaque handles, flat arguments, explicit lengths, no callbacks. Text is
 * UTF-8, not terminated. Handles may be shared by threads; freeing one while it is used is a bug
 * of the caller. Whatever goes wrong, a decision that was asked for is a denial. */
#ifndef WRIT_WRIT_H
#define WRIT_WRIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WRIT_API __attribute__((visibility("default")))
#else
#define WRIT_API
#endif

/* Changes when a function or layout below changes in a way that callers must know. */
#define WRIT_ABI_VERSION 1u
/* In place of a time: the engine reads its clock. */
#define WRIT_NOW INT64_MIN
/* In place of a grant: none decided. */
#define WRIT_NO_GRANT 0xFFFFFFFFu

typedef enum writ_status {
  WRIT_OK = 0,
  WRIT_USAGE = 1,       /* an argument makes no sense */
  WRIT_UNREADABLE = 2,
  WRIT_MALFORMED = 3,   /* bytes that are not what they claim to be */
  WRIT_SIGNATURE = 4,   /* signed by nobody that is trusted, or altered */
  WRIT_VERSION = 5,     /* older than what runs, or not for this engine */
  WRIT_LIMIT = 6,
  WRIT_UNSUPPORTED = 7,
  WRIT_INTERNAL = 8     /* a bug of ours that was caught */
} writ_status;

typedef struct writ_engine writ_engine;
typedef struct writ_session writ_session;
typedef struct writ_resource writ_resource;
typedef struct writ_because writ_because;
typedef struct writ_values writ_values;

/* Zeroed memory is a denial. `reason` is one of the classes that writ_reason_name() names. */
typedef struct writ_decision {
  uint8_t allowed;
  uint8_t reason;
  uint16_t reserved;
  uint32_t grant;
  uint32_t error;
  uint32_t error_grant;
} writ_decision;

typedef enum writ_value_type {
  WRIT_VALUE_ABSENT = 0, /* said to be absent */
  WRIT_VALUE_TEXT = 1,   /* also addresses, times, versions and members of enumerations */
  WRIT_VALUE_INT = 2,
  WRIT_VALUE_BOOL = 3,   /* `integer` 0 or 1 */
  WRIT_VALUE_TEXT_SET = 4 /* `text` holds the elements, each ended by a zero byte */
} writ_value_type;

typedef struct writ_attribute {
  const char* name;
  size_t name_bytes;
  uint32_t type; /* writ_value_type */
  const char* text;
  size_t text_bytes;
  int64_t integer;
} writ_attribute;

typedef struct writ_session_facts {
  const char* principal_type;
  size_t principal_type_bytes;
  const char* principal_name;
  size_t principal_name_bytes;
  const char* const* groups; /* null: unknown */
  const size_t* group_bytes;
  size_t group_count;
  const char* host; /* null: unknown */
  size_t host_bytes;
  const char* scope; /* path suffix or id; empty: the only leaf */
  size_t scope_bytes;
  const writ_attribute* attributes;
  size_t attribute_count;
  int64_t opened_us;
} writ_session_facts;

typedef struct writ_bundle_info {
  uint64_t version;
  uint64_t generation; /* 0: no bundle is active */
  char digest[65];     /* hex, terminated */
  char package[191];   /* terminated, cut where too long */
  int64_t expires_us;  /* a bundle that runs goes on then; INT64_MAX: never */
} writ_bundle_info;

WRIT_API uint32_t writ_abi_version(void);
/* `guard`, `default`, `scope-missing`; static. */
WRIT_API const char* writ_reason_name(uint8_t reason);

/* `cluster` is what the broker reports; empty: any bundle's cluster. `native` 0: interpreter. */
WRIT_API writ_status writ_engine_new(const char* cluster, size_t cluster_bytes, int native,
                                     writ_engine** out);
WRIT_API void writ_engine_free(writ_engine* engine);
/* Verifies and activates a bundle; on failure the running one stays. At least `threshold` of the
 * keys (PEM) must have signed. Nobody may change the bundle's bytes during the call: a file read,
 * never one mapped. The message is cut and terminated; it may be null. */
WRIT_API writ_status writ_engine_load(writ_engine* engine, const uint8_t* bundle,
                                      size_t bundle_bytes, const char* const* keys,
                                      const size_t* key_bytes, size_t key_count,
                                      uint32_t threshold, char* message, size_t message_bytes);
/* Waits until the running bundle has its best native code. Nothing needs it: decisions are the same
 * before. On failure there is none, and the interpreter stays; the message is as above. */
WRIT_API writ_status writ_engine_await_native(const writ_engine* engine, char* message,
                                              size_t message_bytes);
/* From now on each bundle is put on disk before it decides, with its version, in a folder of this
 * engine alone: nothing older is accepted after a restart. Before the first load. WRIT_USAGE:
 * another engine has the folder, or a bundle runs; WRIT_UNREADABLE, WRIT_MALFORMED: what is there.
 */
WRIT_API writ_status writ_engine_keep_in(writ_engine* engine, const char* folder,
                                         size_t folder_bytes, char* message,
                                         size_t message_bytes);
/* Activates the bundle that is kept, verified as by writ_engine_load but for its expiry.
 * WRIT_USAGE: none is kept. */
WRIT_API writ_status writ_engine_restore(writ_engine* engine, const char* const* keys,
                                         const size_t* key_bytes, size_t key_count,
                                         uint32_t threshold, char* message, size_t message_bytes);
WRIT_API writ_status writ_engine_info(const writ_engine* engine, writ_bundle_info* out);
/* The bit of an operation in its kind. WRIT_USAGE: there is none. */
WRIT_API writ_status writ_operation(const writ_engine* engine, const char* kind,
                                    size_t kind_bytes, const char* operation,
                                    size_t operation_bytes, uint32_t* out);

WRIT_API writ_status writ_session_open(const writ_engine* engine, const writ_session_facts* facts,
                                       writ_session** out);
WRIT_API writ_status writ_session_refresh(writ_session* session, const writ_session_facts* facts);
WRIT_API void writ_session_free(writ_session* session);
WRIT_API writ_status writ_resource_new(const writ_engine* engine, const char* kind,
                                       size_t kind_bytes, const char* name, size_t name_bytes,
                                       writ_resource** out);
WRIT_API void writ_resource_free(writ_resource* resource);

/* One decision by handle. */
WRIT_API writ_status writ_authorize(const writ_engine* engine, const writ_session* session,
                                    const writ_resource* resource, uint32_t operation,
                                    const writ_attribute* attributes, size_t attribute_count,
                                    int64_t time_us, writ_decision* out);
/* Request attributes that keep their memory, for one thread at a time; freed before the engine. */
WRIT_API writ_status writ_values_new(const writ_engine* engine, writ_values** out);
WRIT_API void writ_values_free(writ_values* values);
/* The position of an attribute, for the life of the engine. WRIT_LIMIT: too many names. */
WRIT_API writ_status writ_values_position(const writ_engine* engine, const char* name,
                                          size_t name_bytes, uint32_t* out);
/* Says the value (its `name` is not read); nothing is copied but text. */
WRIT_API writ_status writ_values_set(writ_values* values, uint32_t position,
                                     const writ_attribute* value);
/* Nothing is said any more. */
WRIT_API writ_status writ_values_clear(writ_values* values);
/* One decision by handle with such attributes: the same answer as with an array of them. */
WRIT_API writ_status writ_authorize_values(const writ_engine* engine, const writ_session* session,
                                           const writ_resource* resource, uint32_t operation,
                                           const writ_values* values, int64_t time_us,
                                           writ_decision* out);
/* The same by strings; `scope` empty: the session's. */
WRIT_API writ_status writ_authorize_text(const writ_engine* engine, const writ_session* session,
                                         const char* operation, size_t operation_bytes,
                                         const char* kind, size_t kind_bytes, const char* name,
                                         size_t name_bytes, const char* scope, size_t scope_bytes,
                                         const writ_attribute* attributes, size_t attribute_count,
                                         int64_t time_us, writ_decision* out);
/* Bits of the operations that are allowed, of those asked. */
WRIT_API writ_status writ_mask(const writ_engine* engine, const writ_session* session,
                               const writ_resource* resource, uint32_t asked, int64_t time_us,
                               uint32_t* allowed);
/* Positional; equal to asking one by one. */
WRIT_API writ_status writ_batch(const writ_engine* engine, const writ_session* session,
                                const writ_resource* const* resources, const uint32_t* operations,
                                size_t count, int64_t time_us, writ_decision* out);
/* Is there a resource of this kind for which the decision would be to allow? */
WRIT_API writ_status writ_by_kind(const writ_engine* engine, const writ_session* session,
                                  const char* kind, size_t kind_bytes, const char* operation,
                                  size_t operation_bytes, writ_decision* out);
/* Positions of the names that are allowed, ascending; `out` has room for `count`. */
WRIT_API writ_status writ_filter(const writ_engine* engine, const writ_session* session,
                                 const char* kind, size_t kind_bytes, const char* operation,
                                 size_t operation_bytes, const char* const* names,
                                 const size_t* name_bytes, size_t count, uint32_t* out,
                                 size_t* out_count);
/* The key that must protect a resource: its bytes without the end, cut to the room. */
WRIT_API writ_status writ_key_for(const writ_engine* engine, const char* kind, size_t kind_bytes,
                                  const char* name, size_t name_bytes, const char* scope,
                                  size_t scope_bytes, char* out, size_t out_bytes,
                                  size_t* key_bytes);

typedef enum writ_because_field {
  WRIT_BECAUSE_RULE = 0,
  WRIT_BECAUSE_STATEMENT = 1,
  WRIT_BECAUSE_FILE = 2,
  WRIT_BECAUSE_ROLE_FILE = 3,
  WRIT_BECAUSE_ERROR = 4
} writ_because_field;
/* Expands a decision that this engine gave under the bundle that runs. */
WRIT_API writ_status writ_explain(const writ_engine* engine, const writ_session* session,
                                  const writ_decision* decision, writ_because** out);
/* Lives as long as the explanation; terminated. */
WRIT_API const char* writ_because_text(const writ_because* because, uint32_t field,
                                       size_t* bytes);
WRIT_API uint32_t writ_because_line(const writ_because* because);
WRIT_API uint32_t writ_because_role_line(const writ_because* because);
WRIT_API void writ_because_free(writ_because* because);

/* What the policy that runs says at a scope (empty: the only leaf) that a plain access control list
 * can say too: rows without repeats, members in place of groups. Superusers and infrastructure are
 * in no list, denials of guards are. It stays as it is when another policy runs. */
typedef struct writ_acls writ_acls;
/* Text lives as long as the list. Null: everybody, every host, every operation, every name. */
typedef struct writ_acl {
  const char* principal_type;
  size_t principal_type_bytes;
  const char* principal_name;
  size_t principal_name_bytes;
  const char* host; /* an address or a network, as Java prints addresses */
  size_t host_bytes;
  const char* operation;
  size_t operation_bytes;
  const char* kind;
  size_t kind_bytes;
  const char* name;
  size_t name_bytes;
  uint8_t prefix; /* 1: every name that begins with `name` */
  uint8_t allow;  /* 0: a denial */
} writ_acl;
/* Why a statement or data row is not, or not wholly, in the list. */
typedef enum writ_unsaid {
  WRIT_UNSAID_CONDITION = 0,
  WRIT_UNSAID_VALIDITY = 1,
  WRIT_UNSAID_PATTERN = 2,   /* a suffix, a tag, an exception, the one name `*` */
  WRIT_UNSAID_PRINCIPAL = 3, /* a kind of principals, everybody but some, an external group */
  WRIT_UNSAID_HOST = 4       /* no client has it */
} writ_unsaid;
/* WRIT_USAGE: no such scope; WRIT_LIMIT: more rows than anybody reads. No policy: no rows. */
WRIT_API writ_status writ_acls_new(const writ_engine* engine, const char* scope,
                                   size_t scope_bytes, writ_acls** out);
WRIT_API void writ_acls_free(writ_acls* acls);
WRIT_API size_t writ_acls_count(const writ_acls* acls);
/* Statements and rows, each counted once for each reason. */
WRIT_API size_t writ_acls_unsaid(const writ_acls* acls, uint32_t why);
WRIT_API writ_status writ_acls_at(const writ_acls* acls, size_t position, writ_acl* out);

#ifdef __cplusplus
}
#endif
#endif
