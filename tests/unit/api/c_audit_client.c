/* A broker in C11 that keeps an audit trail: opens, decides, tells, closes, in order and not. */
#include "tests/unit/api/c_client.h"

static writ_trail_options options_of(const c_audit_world* world) {
  writ_trail_options options;
  memset(&options, 0, sizeof options);
  options.log = world->log;
  options.log_bytes = strlen(world->log);
  options.rings = world->rings;
  options.rings_bytes = strlen(world->rings);
  options.key_pem = world->log_key;
  options.key_pem_bytes = strlen(world->log_key);
  options.ring_slots = 1024;
  options.threads_max = 4;
  options.close_wait_ms = 60000;
  return options;
}

static const char* refuse_bad_options(const c_audit_world* world) {
  char message[200] = "before";
  writ_trail* trail = NULL;
  writ_trail_options options = options_of(world);
  NEED(writ_trail_open(NULL, &trail, message, sizeof message) == WRIT_USAGE);
  NEED(message[0] == '\0');
  NEED(writ_trail_open(&options, NULL, NULL, 0) == WRIT_USAGE);
  options.log_bytes = 0;
  NEED(writ_trail_open(&options, &trail, message, sizeof message) == WRIT_USAGE);
  NEED(message[0] != '\0');
  options = options_of(world);
  options.ring_slots = 1000;
  NEED(writ_trail_open(&options, &trail, message, sizeof message) == WRIT_USAGE);
  const char* sinks[1] = {"nowhere"};
  const size_t sink_bytes[1] = {7};
  options = options_of(world);
  options.sink_count = 1;
  NEED(writ_trail_open(&options, &trail, message, sizeof message) == WRIT_USAGE);
  options.sinks = sinks;
  options.sink_bytes = sink_bytes;
  NEED(writ_trail_open(&options, &trail, message, sizeof message) == WRIT_USAGE);
  NEED(strstr(message, "nowhere") != NULL);
  options = options_of(world);
  options.kafka = sinks;
  options.kafka_bytes = sink_bytes;
  options.kafka_count = 1;
  NEED(writ_trail_open(&options, &trail, message, sizeof message) == WRIT_USAGE);
  NEED(trail == NULL);
  return NULL;
}

static const char* decide(writ_engine* engine) {
  const writ_session_facts facts = alice_in_c();
  writ_session* session = NULL;
  writ_resource* orders = NULL;
  uint32_t read = 0;
  NEED(writ_session_open(engine, &facts, &session) == WRIT_OK);
  NEED(writ_resource_new(engine, TEXT("Topic"), TEXT("orders"), &orders) == WRIT_OK);
  NEED(writ_operation(engine, TEXT("Topic"), TEXT("Read"), &read) == WRIT_OK);
  uint32_t level = WRIT_LEVEL_REPLICATED;
  NEED(writ_engine_level(engine, &level) == WRIT_OK && level == WRIT_LEVEL_RING);
  NEED(writ_engine_level(NULL, &level) == WRIT_USAGE);
  NEED(writ_engine_level(engine, NULL) == WRIT_USAGE);
  writ_decision decision;
  NEED(writ_authorize(engine, session, orders, read, NULL, 0, WRIT_NOW, &decision) == WRIT_OK);
  NEED(decision.allowed == 1);
  NEED(writ_authorize_as(engine, session, orders, read, WRIT_PROBE, NULL, WRIT_NOW, &decision) ==
       WRIT_OK);
  NEED(decision.allowed == 1);
  NEED(writ_authorize_as(engine, session, orders, read, 3, NULL, WRIT_NOW, &decision) ==
       WRIT_USAGE);
  NEED(decision.allowed == 0);
  NEED(writ_authorize_text_as(engine, session, WRIT_FILTER, TEXT("Read"), TEXT("Topic"),
                              TEXT("orders"), TEXT(""), NULL, 0, WRIT_NOW, &decision) == WRIT_OK);
  NEED(decision.allowed == 1);
  uint32_t mask = 0;
  NEED(writ_mask_as(engine, session, orders, 1U << read, WRIT_FILTER, NULL, WRIT_NOW, &mask) ==
       WRIT_OK);
  NEED(mask == 1U << read);
  const writ_resource* resources[4] = {orders, orders, orders, orders};
  const uint32_t operations[4] = {read, read, read, read};
  uint8_t purposes[4] = {WRIT_ENFORCE, WRIT_PROBE, WRIT_FILTER, WRIT_ENFORCE};
  writ_decision decisions[4];
  NEED(writ_batch_as(engine, session, resources, operations, purposes, 4, NULL, WRIT_NOW,
                     decisions) == WRIT_OK);
  NEED(decisions[0].allowed == 1 && decisions[3].allowed == 1);
  purposes[2] = 9;
  NEED(writ_batch_as(engine, session, resources, operations, purposes, 4, NULL, WRIT_NOW,
                     decisions) == WRIT_USAGE);
  NEED(decisions[0].allowed == 0);
  writ_resource_free(orders);
  writ_session_free(session);
  return NULL;
}

static const char* tell(writ_engine* engine) {
  writ_authentication login;
  memset(&login, 0, sizeof login);
  login.principal = "User:alice";
  login.principal_bytes = 10;
  login.mechanism = "SCRAM-SHA-512";
  login.mechanism_bytes = 13;
  login.success = 1;
  NEED(writ_record_authentication(engine, &login) == WRIT_OK);
  login.success = 0;
  login.message = "wrong password";
  login.message_bytes = 14;
  NEED(writ_record_authentication(engine, &login) == WRIT_OK);
  NEED(writ_record_authentication(engine, NULL) == WRIT_USAGE);
  NEED(writ_record_event(engine, TEXT("key.created"), TEXT("key 7")) == WRIT_OK);
  NEED(writ_record_event(engine, TEXT("two\nlines"), TEXT("")) == WRIT_USAGE);
  return NULL;
}

static const char* first_engine(const c_audit_world* world, writ_trail* trail) {
  char message[200];
  writ_engine* engine = NULL;
  writ_engine* second = NULL;
  NEED(writ_engine_new_recording(NULL, 0, 0, trail, &engine) == WRIT_OK);
  NEED(writ_engine_new_recording(NULL, 0, 0, trail, &second) == WRIT_USAGE && second == NULL);
  NEED(writ_engine_load(engine, world->bundle, world->bundle_bytes, &world->key, &world->key_bytes,
                        1, 1, message, sizeof message) == WRIT_OK);
  const char* wrong = decide(engine);
  if (wrong == NULL) wrong = tell(engine);
  if (wrong != NULL) return wrong;
  NEED(writ_trail_close(trail, message, sizeof message) == WRIT_USAGE && message[0] != '\0');
  writ_trail_info info;
  NEED(writ_trail_state(trail, &info) == WRIT_OK && info.closed == 0 && info.troubled == 0);
  writ_engine_free(engine);
  return NULL;
}

static const char* second_engine(const c_audit_world* world, writ_trail* trail) {
  writ_engine* engine = NULL;
  writ_session* session = NULL;
  writ_decision decision;
  const writ_session_facts facts = alice_in_c();
  NEED(writ_engine_new_recording(NULL, 0, 0, trail, &engine) == WRIT_OK);
  NEED(writ_session_open(engine, &facts, &session) == WRIT_OK);
  NEED(writ_authorize_text(engine, session, TEXT("Read"), TEXT("Topic"), TEXT("other"), TEXT(""),
                           NULL, 0, WRIT_NOW, &decision) == WRIT_OK);
  NEED(strcmp(writ_reason_name(decision.reason), "no-bundle") == 0);
  NEED(writ_engine_load(engine, world->bundle, world->bundle_bytes, &world->key, &world->key_bytes,
                        1, 1, NULL, 0) == WRIT_OK);
  NEED(writ_authorize_text(engine, session, TEXT("Read"), TEXT("Topic"), TEXT("orders"), TEXT(""),
                           NULL, 0, WRIT_NOW, &decision) == WRIT_OK);
  NEED(decision.allowed == 1);
  writ_session_free(session);
  writ_engine_free(engine);
  return NULL;
}

static const char* after_the_end(writ_trail* trail) {
  writ_engine* engine = NULL;
  writ_session* session = NULL;
  writ_decision decision;
  writ_authentication login;
  const writ_session_facts facts = alice_in_c();
  memset(&login, 0, sizeof login);
  NEED(writ_trail_close(trail, NULL, 0) == WRIT_OK);
  writ_trail_info info;
  NEED(writ_trail_state(trail, &info) == WRIT_OK && info.closed == 1 && info.rows > 10);
  NEED(writ_engine_new_recording(NULL, 0, 0, trail, &engine) == WRIT_OK);
  NEED(writ_session_open(engine, &facts, &session) == WRIT_OK);
  NEED(writ_authorize_text(engine, session, TEXT("Read"), TEXT("Topic"), TEXT("orders"), TEXT(""),
                           NULL, 0, WRIT_NOW, &decision) == WRIT_OK);
  NEED(decision.allowed == 0);
  NEED(strcmp(writ_reason_name(decision.reason), "audit-unavailable") == 0);
  NEED(writ_record_authentication(engine, &login) == WRIT_LIMIT);
  /* In the wrong order: the engine keeps what it needs. */
  writ_trail_free(trail);
  NEED(writ_authorize_text(engine, session, TEXT("Read"), TEXT("Topic"), TEXT("orders"), TEXT(""),
                           NULL, 0, WRIT_NOW, &decision) == WRIT_OK);
  NEED(decision.allowed == 0);
  writ_session_free(session);
  writ_engine_free(engine);
  NEED(writ_trail_close(NULL, NULL, 0) == WRIT_USAGE);
  writ_trail_free(NULL);
  return NULL;
}

const char* run_c_audit_client(const c_audit_world* world) {
  const char* wrong = refuse_bad_options(world);
  if (wrong != NULL) return wrong;
  writ_trail_options options = options_of(world);
  const size_t sink_bytes = strlen(world->sink);
  options.sinks = &world->sink;
  options.sink_bytes = &sink_bytes;
  options.sink_count = 1;
  char message[200];
  writ_trail* trail = NULL;
  writ_trail* other = NULL;
  NEED(writ_trail_open(&options, &trail, message, sizeof message) == WRIT_OK);
  NEED(writ_trail_open(&options, &other, message, sizeof message) == WRIT_USAGE);
  NEED(other == NULL && message[0] != '\0');
  wrong = first_engine(world, trail);
  if (wrong == NULL) wrong = second_engine(world, trail);
  if (wrong != NULL) return wrong;
  size_t note_bytes = 1;
  NEED(writ_trail_note(trail, message, sizeof message, &note_bytes) == WRIT_OK);
  NEED(note_bytes == 0);
  writ_engine* silent = NULL;
  writ_authentication login;
  memset(&login, 0, sizeof login);
  NEED(writ_engine_new_recording(NULL, 0, 0, NULL, &silent) == WRIT_OK);
  NEED(writ_record_authentication(silent, &login) == WRIT_UNSUPPORTED);
  NEED(writ_record_event(silent, TEXT("key.created"), TEXT("")) == WRIT_UNSUPPORTED);
  writ_engine_free(silent);
  return after_the_end(trail);
}
