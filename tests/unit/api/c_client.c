/* A broker in C11: loads, opens, asks, explains, frees. */
#include "tests/unit/api/c_client.h"

static const char* refuse_bad_input(writ_engine* engine, const uint8_t* bundle,
                                    size_t bundle_bytes, const char* key, size_t key_bytes,
                                    const char* other_key, size_t other_key_bytes) {
  char message[200];
  NEED(writ_engine_new(TEXT("any"), 0, NULL) == WRIT_USAGE);
  NEED(writ_engine_load(NULL, bundle, bundle_bytes, &key, &key_bytes, 1, 1, NULL, 0) ==
       WRIT_USAGE);
  NEED(writ_engine_load(engine, bundle, bundle_bytes - 1, &key, &key_bytes, 1, 1, message,
                        sizeof message) != WRIT_OK);
  NEED(message[0] != '\0');
  NEED(writ_engine_load(engine, bundle, bundle_bytes, &other_key, &other_key_bytes, 1, 1, message,
                        sizeof message) == WRIT_SIGNATURE);
  NEED(writ_engine_load(engine, bundle, bundle_bytes, NULL, NULL, 0, 1, message,
                        sizeof message) != WRIT_OK);
  NEED(writ_engine_await_native(NULL, message, sizeof message) == WRIT_USAGE);
  NEED(writ_engine_await_native(engine, message, sizeof message) == WRIT_UNSUPPORTED);
  NEED(message[0] != '\0');
  return NULL;
}

writ_session_facts alice_in_c(void) {
  writ_session_facts facts;
  memset(&facts, 0, sizeof facts);
  facts.principal_type = "User";
  facts.principal_type_bytes = 4;
  facts.principal_name = "alice";
  facts.principal_name_bytes = 5;
  facts.host = "10.1.2.3";
  facts.host_bytes = 8;
  facts.scope = "payments";
  facts.scope_bytes = 8;
  return facts;
}

static const char* ask(writ_engine* engine, writ_session* session, writ_resource* orders,
                       writ_resource* other) {
  uint32_t read = 0;
  NEED(writ_operation(engine, TEXT("Topic"), TEXT("Fly"), &read) == WRIT_USAGE);
  NEED(writ_operation(engine, TEXT("Topic"), TEXT("Read"), &read) == WRIT_OK);

  writ_decision decision;
  NEED(writ_authorize(engine, session, orders, read, NULL, 0, WRIT_NOW, &decision) == WRIT_OK);
  NEED(decision.allowed == 1 && decision.grant == 0);
  NEED(strcmp(writ_reason_name(decision.reason), "allow") == 0);
  NEED(writ_authorize(engine, session, NULL, read, NULL, 0, WRIT_NOW, &decision) == WRIT_USAGE);
  NEED(decision.allowed == 0);
  NEED(writ_authorize_text(engine, session, TEXT("Read"), TEXT("Topic"), TEXT("orders"), TEXT(""),
                           NULL, 0, WRIT_NOW, &decision) == WRIT_OK);
  NEED(decision.allowed == 1);

  writ_values* values = NULL;
  uint32_t purpose = 0;
  const writ_attribute batch = {NULL, 0, WRIT_VALUE_TEXT, TEXT("batch"), 0};
  NEED(writ_values_new(engine, &values) == WRIT_OK);
  NEED(writ_values_position(engine, TEXT("client.purpose"), &purpose) == WRIT_OK);
  NEED(writ_values_set(NULL, purpose, &batch) == WRIT_USAGE);
  NEED(writ_values_set(values, purpose, &batch) == WRIT_OK);
  NEED(writ_authorize_values(engine, session, orders, read, values, WRIT_NOW, &decision) ==
       WRIT_OK);
  NEED(decision.allowed == 1 && decision.grant == 0);
  NEED(writ_values_clear(values) == WRIT_OK);
  NEED(writ_authorize_values(engine, NULL, orders, read, values, WRIT_NOW, &decision) ==
       WRIT_USAGE);
  NEED(decision.allowed == 0);
  NEED(writ_authorize_values(engine, session, orders, read, NULL, WRIT_NOW, &decision) == WRIT_OK);
  writ_values_free(values);

  writ_because* because = NULL;
  NEED(writ_explain(engine, session, &decision, &because) == WRIT_OK);
  size_t bytes = 0;
  NEED(strcmp(writ_because_text(because, WRIT_BECAUSE_STATEMENT, &bytes), "line 1") == 0);
  NEED(bytes == 6 && writ_because_line(because) == 1);
  writ_because_free(because);

  uint32_t mask = 0;
  NEED(writ_mask(engine, session, orders, UINT32_MAX, WRIT_NOW, &mask) == WRIT_OK);
  NEED((mask >> read & 1) == 1);

  const writ_resource* resources[2] = {orders, other};
  const uint32_t operations[2] = {read, read};
  writ_decision decisions[2];
  NEED(writ_batch(engine, session, resources, operations, 2, WRIT_NOW, decisions) == WRIT_OK);
  NEED(decisions[0].allowed == 1 && decisions[1].allowed == 0);

  NEED(writ_by_kind(engine, session, TEXT("Topic"), TEXT("Read"), &decision) == WRIT_OK);
  NEED(decision.allowed == 1);

  const char* names[3] = {"other", "orders", "orders"};
  const size_t name_bytes[3] = {5, 6, 5};
  uint32_t kept[3];
  size_t count = 0;
  NEED(writ_filter(engine, session, TEXT("Topic"), TEXT("Read"), names, name_bytes, 3, kept,
                   &count) == WRIT_OK);
  NEED(count == 1 && kept[0] == 1);

  char key[8];
  size_t key_bytes = 7;
  NEED(writ_key_for(engine, TEXT("Topic"), TEXT("orders"), TEXT("payments"), key, sizeof key,
                    &key_bytes) == WRIT_OK);
  NEED(key_bytes == 0);
  return NULL;
}

static const char* list(const writ_engine* engine) {
  writ_acls* acls = NULL;
  writ_acl row;
  NEED(writ_acls_new(engine, TEXT("nowhere"), &acls) == WRIT_USAGE && acls == NULL);
  NEED(writ_acls_new(NULL, TEXT(""), &acls) == WRIT_USAGE);
  NEED(writ_acls_new(engine, TEXT("payments"), &acls) == WRIT_OK);
  NEED(writ_acls_count(acls) == 1 && writ_acls_count(NULL) == 0);
  NEED(writ_acls_unsaid(acls, WRIT_UNSAID_CONDITION) == 0 && writ_acls_unsaid(acls, 99) == 0);
  NEED(writ_acls_at(acls, 1, &row) == WRIT_USAGE && row.kind == NULL);
  NEED(writ_acls_at(acls, 0, &row) == WRIT_OK);
  NEED(row.allow == 1 && row.prefix == 0 && row.host == NULL);
  NEED(row.principal_type_bytes == 4 && memcmp(row.principal_type, "User", 4) == 0);
  NEED(row.principal_name_bytes == 5 && memcmp(row.principal_name, "alice", 5) == 0);
  NEED(row.operation_bytes == 4 && memcmp(row.operation, "Read", 4) == 0);
  NEED(row.kind_bytes == 5 && memcmp(row.kind, "Topic", 5) == 0);
  NEED(row.name_bytes == 6 && memcmp(row.name, "orders", 6) == 0);
  writ_acls_free(acls);
  return NULL;
}

const char* run_c_client(const uint8_t* bundle, size_t bundle_bytes, const char* key,
                         size_t key_bytes, const char* other_key, size_t other_key_bytes) {
  NEED(writ_abi_version() == WRIT_ABI_VERSION);
  writ_engine* engine = NULL;
  NEED(writ_engine_new(NULL, 0, 0, &engine) == WRIT_OK);
  writ_bundle_info info;
  NEED(writ_engine_info(engine, &info) == WRIT_OK && info.generation == 0);

  const char* wrong =
      refuse_bad_input(engine, bundle, bundle_bytes, key, key_bytes, other_key, other_key_bytes);
  if (wrong != NULL) return wrong;
  const writ_session_facts facts = alice_in_c();
  writ_session* session = NULL;
  writ_resource* orders = NULL;
  writ_resource* other = NULL;
  NEED(writ_session_open(engine, &facts, &session) == WRIT_OK);
  NEED(writ_resource_new(engine, TEXT("Topic"), TEXT("orders"), &orders) == WRIT_OK);
  NEED(writ_resource_new(engine, TEXT("Topic"), TEXT("other"), &other) == WRIT_OK);
  writ_decision decision;
  NEED(writ_authorize(engine, session, orders, 0, NULL, 0, WRIT_NOW, &decision) == WRIT_OK);
  NEED(decision.allowed == 0);
  NEED(strcmp(writ_reason_name(decision.reason), "no-bundle") == 0);
  writ_acls* none = NULL;
  NEED(writ_acls_new(engine, NULL, 0, &none) == WRIT_OK && writ_acls_count(none) == 0);
  writ_acls_free(none);

  NEED(writ_engine_load(engine, bundle, bundle_bytes, &key, &key_bytes, 1, 1, NULL, 0) == WRIT_OK);
  NEED(writ_engine_info(engine, &info) == WRIT_OK && info.generation == 1 && info.version == 3);
  wrong = ask(engine, session, orders, other);
  if (wrong != NULL) return wrong;
  wrong = list(engine);
  if (wrong != NULL) return wrong;
  NEED(writ_session_refresh(session, &facts) == WRIT_OK);
  writ_resource_free(other);
  writ_resource_free(orders);
  writ_session_free(session);
  writ_engine_free(engine);
  return NULL;
}
