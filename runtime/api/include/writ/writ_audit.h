/* The C ABI of the audit trail, beside writ.h and by its rules. A trail records what one engine
 * decides, brings it into a log on disk, and sends it on from there. What cannot be recorded is
 * denied (`audit-unavailable`). The order is: open the trail, make the engine, decide; free the
 * engine with all that is its own, close the trail, free it. */
#ifndef WRIT_WRIT_AUDIT_H
#define WRIT_WRIT_AUDIT_H

#include "writ.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct writ_trail writ_trail;

/* Zeroed memory, and a log, is a trail with all defaults and no sinks. */
typedef struct writ_trail_options {
  const char* log; /* the folder of the log; made if it is not there */
  size_t log_bytes;
  const char* key_pem; /* Ed25519, private: signs the log; empty: it is not signed */
  size_t key_pem_bytes;
  const char* rings; /* their folder, in memory; empty: in /dev/shm, by the log's path */
  size_t rings_bytes;
  const char* cursors; /* the folder of the sinks' cursors; empty: in the log's */
  size_t cursors_bytes;
  const char* source; /* of events, unless the policy says one */
  size_t source_bytes;
  /* `-`, `file:PATH`, `kafka:TOPIC`; the first gets what no route of the policy speaks of. */
  const char* const* sinks;
  const size_t* sink_bytes;
  size_t sink_count;
  /* NAME=VALUE, of the Kafka client; `bootstrap.servers` says the cluster. */
  const char* const* kafka;
  const size_t* kafka_bytes;
  size_t kafka_count;
  /* Type:name under which that client writes, where the engine guards that very cluster: what it
   * asks about a topic is in the log, and not sent to that topic. Empty: another cluster. */
  const char* sender;
  size_t sender_bytes;
  uint64_t keep_age_s; /* of the log's segments; 0: all are kept */
  uint64_t keep_bytes; /* of the log; 0: all */
  uint64_t file_bytes_max; /* of a file sink, then a new one is begun; 0: 256 MiB */
  uint64_t files_max;      /* renamed files that are kept; 0: all */
  uint64_t ring_slots;     /* of 64 bytes, a power of two; 0: 16,384 */
  uint32_t threads_max;    /* that decide at once, one ring each; 0: 64 */
  uint32_t wait_ms;        /* a decision's wait for room in its ring; 0: 50 */
  uint32_t wait_durable_ms; /* its wait for its record, at a level above ring; 0: 2,000 */
  uint32_t close_wait_ms;   /* closing waits so long for the sinks; 0: 5,000 */
} writ_trail_options;

typedef struct writ_trail_info {
  uint64_t rows;      /* that the log took since the start */
  uint64_t syncs;
  uint64_t denied;    /* decisions that became denials for want of room */
  uint64_t uncounted; /* infrastructure operations that went on without room */
  uint32_t regions;   /* of rings that are read */
  uint32_t waiting;   /* threads that wait for room or for their record at this moment */
  uint32_t broken;    /* rings that break their own rules and are not read */
  uint8_t closed;
  uint8_t troubled;   /* nothing reaches the log: `message` says why */
  uint16_t reserved;
  char message[256];  /* terminated, cut where too long */
} writ_trail_info;

/* Recovers what earlier processes left in the log and in the rings, and starts the threads. The
 * message is cut and terminated; it may be null. WRIT_USAGE: sizes, sinks, another process has the
 * log. WRIT_UNREADABLE, WRIT_MALFORMED, WRIT_LIMIT: the log, its disk, the memory for rings. */
WRIT_API writ_status writ_trail_open(const writ_trail_options* options, writ_trail** out,
                                     char* message, size_t message_bytes);
/* When this returns WRIT_OK everything recorded is in the log, on disk and sealed, and sinks have
 * it or their time was up. WRIT_USAGE: an engine records here, or a forked child asks: nothing was
 * done. Another status: what the log says; the records stay in their ring for the next trail, and
 * this one is closed. A second time it does nothing. */
WRIT_API writ_status writ_trail_close(writ_trail* trail, char* message, size_t message_bytes);
/* Closes first, if nobody did. While an engine records here the trail goes on, and is closed when
 * that engine is freed; only this handle is gone. */
WRIT_API void writ_trail_free(writ_trail* trail);
WRIT_API writ_status writ_trail_state(const writ_trail* trail, writ_trail_info* out);
/* The oldest thing to tell people that was not taken yet (a sink is away, is back), terminated;
 * its bytes without the end, 0: there is none. The latest 64 are kept. */
WRIT_API writ_status writ_trail_note(writ_trail* trail, char* out, size_t out_bytes,
                                     size_t* note_bytes);

/* As writ_engine_new. With a trail every decision is recorded there; null: none is. WRIT_USAGE:
 * another engine records there; a trail serves one at a time, one after the other. */
WRIT_API writ_status writ_engine_new_recording(const char* cluster, size_t cluster_bytes,
                                               int native, writ_trail* trail, writ_engine** out);

typedef enum writ_level {
  WRIT_LEVEL_RING = 0,
  WRIT_LEVEL_DURABLE = 1,
  WRIT_LEVEL_REPLICATED = 2
} writ_level;
/* The strictest level that the policy which runs asks of any decision; without one, ring. For an
 * embedding that cannot keep every level: it asks an engine of its own before the bundle runs. */
WRIT_API writ_status writ_engine_level(const writ_engine* engine, uint32_t* out);

/* What an answer is for. It stands in the event and changes no answer. */
typedef enum writ_purpose {
  WRIT_ENFORCE = 0, /* something is done or refused by it */
  WRIT_PROBE = 1,   /* somebody asks what would be */
  WRIT_FILTER = 2   /* names are left out of a list */
} writ_purpose;

/* writ_authorize_values, writ_authorize_text, writ_mask and writ_batch with a purpose. `values` may
 * be null. Of a batch there is one purpose each; `purposes` null: all enforce. WRIT_USAGE also: a
 * purpose that is none. */
WRIT_API writ_status writ_authorize_as(const writ_engine* engine, const writ_session* session,
                                       const writ_resource* resource, uint32_t operation,
                                       uint32_t purpose, const writ_values* values,
                                       int64_t time_us, writ_decision* out);
WRIT_API writ_status writ_authorize_text_as(
    const writ_engine* engine, const writ_session* session, uint32_t purpose, const char* operation,
    size_t operation_bytes, const char* kind, size_t kind_bytes, const char* name,
    size_t name_bytes, const char* scope, size_t scope_bytes, const writ_attribute* attributes,
    size_t attribute_count, int64_t time_us, writ_decision* out);
WRIT_API writ_status writ_mask_as(const writ_engine* engine, const writ_session* session,
                                  const writ_resource* resource, uint32_t asked, uint32_t purpose,
                                  const writ_values* values, int64_t time_us, uint32_t* allowed);
WRIT_API writ_status writ_batch_as(const writ_engine* engine, const writ_session* session,
                                   const writ_resource* const* resources,
                                   const uint32_t* operations, const uint8_t* purposes,
                                   size_t count, const writ_values* values, int64_t time_us,
                                   writ_decision* out);

/* The result of an authentication, as whoever made it tells. Nothing here is a secret. Texts may be
 * null: unknown. */
typedef struct writ_authentication {
  const char* principal; /* Type:name */
  size_t principal_bytes;
  const char* mechanism;
  size_t mechanism_bytes;
  const char* identifier; /* of the credential: key or token id */
  size_t identifier_bytes;
  const char* message; /* of a failure */
  size_t message_bytes;
  const char* host; /* the client's address */
  size_t host_bytes;
  const char* scope_id; /* of the cluster */
  size_t scope_id_bytes;
  const char* client_id;
  size_t client_id_bytes;
  const char* connection_id;
  size_t connection_id_bytes;
  uint16_t port;
  uint8_t success;
  uint8_t reserved[5];
} writ_authentication;

/* Leaves an event of it. WRIT_LIMIT: it could not be recorded, so the login must not succeed.
 * WRIT_UNSUPPORTED: the engine has no trail. */
WRIT_API writ_status writ_record_authentication(const writ_engine* engine,
                                                const writ_authentication* result);
/* Leaves an event of something else that was done: a key was created, a bundle was refused outside.
 * `type` is appended to `io.writ.engine/`: letters, digits, `.` and `-`. WRIT_UNSUPPORTED as above.
 */
WRIT_API writ_status writ_record_event(const writ_engine* engine, const char* type,
                                       size_t type_bytes, const char* message,
                                       size_t message_bytes);

#ifdef __cplusplus
}
#endif
#endif
