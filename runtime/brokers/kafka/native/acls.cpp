// The listing of what a policy grants, for Java to read row by row.
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/brokers/kafka/native/handles.h"

using namespace writ::kafka;  // NOLINT: the functions below have names that Java gives

namespace {

/// Big-endian, as java.nio.ByteBuffer reads. Null is -1.
void put(std::string& out, const char* text, std::size_t bytes) {
  const std::uint32_t count = text == nullptr ? UINT32_MAX : static_cast<std::uint32_t>(bytes);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(count >> shift));
  if (text != nullptr) out.append(text, bytes);
}

}  // namespace

extern "C" {

JNIEXPORT jlong JNICALL Java_io_writ_kafka_Native_acls(JNIEnv* env, jclass, jlong engine,
                                                       jbyteArray scope) {
  const Bytes at(env, scope);
  auto out = std::make_unique<AclsHandle>();
  const writ_engine* of = handle<Engine>(engine)->get();
  if (writ_acls_new(of, at.data(), at.size(), &out->acls) != WRIT_OK) return 0;
  return number(out.release());
}

JNIEXPORT void JNICALL Java_io_writ_kafka_Native_freeAcls(JNIEnv*, jclass, jlong acls) {
  delete handle<AclsHandle>(acls);
}

JNIEXPORT jlong JNICALL Java_io_writ_kafka_Native_aclCount(JNIEnv* env, jclass, jlong acls,
                                                           jlongArray unsaid) {
  const writ_acls* of = handle<AclsHandle>(acls)->acls;
  const jsize count = std::min<jsize>(env->GetArrayLength(unsaid), WRIT_UNSAID_HOST + 1);
  for (jsize why = 0; why < count; ++why) {
    const auto number = static_cast<jlong>(writ_acls_unsaid(of, static_cast<std::uint32_t>(why)));
    env->SetLongArrayRegion(unsaid, why, 1, &number);
  }
  return static_cast<jlong>(writ_acls_count(of));
}

/// A row: allow, prefix (a byte each), then principal type, principal name, host, operation, kind,
/// name, each with its length before it.
JNIEXPORT jbyteArray JNICALL Java_io_writ_kafka_Native_aclRows(JNIEnv* env, jclass, jlong acls,
                                                               jlong from, jint most) {
  const writ_acls* of = handle<AclsHandle>(acls)->acls;
  std::string out;
  for (jlong at = from; at < from + most; ++at) {
    writ_acl row = {};
    if (writ_acls_at(of, static_cast<std::size_t>(at), &row) != WRIT_OK) break;
    out.push_back(static_cast<char>(row.allow));
    out.push_back(static_cast<char>(row.prefix));
    put(out, row.principal_type, row.principal_type_bytes);
    put(out, row.principal_name, row.principal_name_bytes);
    put(out, row.host, row.host_bytes);
    put(out, row.operation, row.operation_bytes);
    put(out, row.kind, row.kind_bytes);
    put(out, row.name, row.name_bytes);
  }
  return array_of(env, out);
}

}  // extern "C"
