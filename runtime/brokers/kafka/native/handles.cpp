// Making and freeing what Java holds.
#include "runtime/brokers/kafka/native/handles.h"

#include <string>

namespace writ::kafka {

Bytes::Bytes(JNIEnv* env, jbyteArray from) {
  if (from == nullptr) return;
  const jsize count = env->GetArrayLength(from);
  size_ = static_cast<std::size_t>(count);
  char* into = near_;
  if (size_ > sizeof near_) {
    far_ = std::make_unique<char[]>(size_);
    into = far_.get();
  }
  env->GetByteArrayRegion(from, 0, count, static_cast<jbyte*>(static_cast<void*>(into)));
  data_ = into;
}

Texts::Texts(JNIEnv* env, jobjectArray from) {
  const jsize count = from == nullptr ? 0 : env->GetArrayLength(from);
  for (jsize at = 0; at < count; ++at) {
    auto* one = static_cast<jbyteArray>(env->GetObjectArrayElement(from, at));
    kept_.push_back(std::make_unique<Bytes>(env, one));
    env->DeleteLocalRef(one);
    data_.push_back(kept_.back()->data());
    bytes_.push_back(kept_.back()->size());
  }
}

writ_attribute Texts::attribute(const Texts& names, std::size_t at, jint type) const {
  writ_attribute out = {};
  out.name = names.data_[at];
  out.name_bytes = names.bytes_[at];
  out.type = static_cast<std::uint32_t>(type);
  out.text = data_[at];
  out.text_bytes = bytes_[at];
  out.integer = bytes_[at] != 0 && data_[at][0] == '1' ? 1 : 0;
  return out;
}

namespace {

template <class Byte>
const Byte* bytes_of(const char* text) {
  return static_cast<const Byte*>(static_cast<const void*>(text));
}

}  // namespace

jbyteArray array_of(JNIEnv* env, std::string_view text) {
  const auto count = static_cast<jsize>(text.size());
  jbyteArray out = env->NewByteArray(count);
  if (out != nullptr) {
    env->SetByteArrayRegion(out, 0, count, bytes_of<jbyte>(text.data()));
  }
  return out;
}

}  // namespace writ::kafka

using namespace writ::kafka;  // NOLINT: the functions below have names that Java gives

extern "C" {

JNIEXPORT jint JNICALL Java_io_writ_kafka_Native_abi(JNIEnv*, jclass) {
  return writ_abi_version() == WRIT_ABI_VERSION ? static_cast<jint>(WRIT_ABI_VERSION) : 0;
}

/// `trail` 0: decisions leave no events.
JNIEXPORT jlong JNICALL Java_io_writ_kafka_Native_engine(JNIEnv* env, jclass, jbyteArray cluster,
                                                         jboolean native_code, jlong trail) {
  const Bytes id(env, cluster);
  writ_engine* engine = nullptr;
  writ_trail* into = trail == 0 ? nullptr : handle<TrailHandle>(trail)->trail;
  if (writ_engine_new_recording(id.data(), id.size(), native_code, into, &engine) != WRIT_OK) {
    return 0;
  }
  return number(new Engine(engine, EngineFree()));
}

JNIEXPORT void JNICALL Java_io_writ_kafka_Native_freeEngine(JNIEnv*, jclass, jlong engine) {
  delete handle<Engine>(engine);
}

/// Null: loaded. Otherwise why not.
JNIEXPORT jbyteArray JNICALL Java_io_writ_kafka_Native_load(JNIEnv* env, jclass, jlong engine,
                                                            jbyteArray bundle, jobjectArray keys,
                                                            jint threshold) {
  const Bytes file(env, bundle);
  const Texts pems(env, keys);
  char message[1024];
  const writ_status status = writ_engine_load(
      handle<Engine>(engine)->get(), bytes_of<std::uint8_t>(file.data()),
      file.size(), pems.data(), pems.bytes(), pems.size(),
      static_cast<std::uint32_t>(threshold), message, sizeof message);
  if (status == WRIT_OK) return nullptr;
  const std::string_view said = message;
  return array_of(env, said.empty() ? "the bundle could not be read" : said);
}

/// Null: bundles are kept there from now on. Otherwise why not.
JNIEXPORT jbyteArray JNICALL Java_io_writ_kafka_Native_keepIn(JNIEnv* env, jclass, jlong engine,
                                                              jbyteArray folder) {
  const Bytes path(env, folder);
  char message[1024];
  const writ_status status = writ_engine_keep_in(handle<Engine>(engine)->get(), path.data(),
                                                 path.size(), message, sizeof message);
  if (status == WRIT_OK) return nullptr;
  const std::string_view said = message;
  return array_of(env, said.empty() ? "the folder cannot be used" : said);
}

/// Null: what was kept is active. Empty: nothing was. Otherwise why it is not.
JNIEXPORT jbyteArray JNICALL Java_io_writ_kafka_Native_restore(JNIEnv* env, jclass, jlong engine,
                                                               jobjectArray keys,
                                                               jint threshold) {
  const Texts pems(env, keys);
  char message[1024];
  const writ_status status = writ_engine_restore(
      handle<Engine>(engine)->get(), pems.data(), pems.bytes(), pems.size(),
      static_cast<std::uint32_t>(threshold), message, sizeof message);
  if (status == WRIT_OK) return nullptr;
  if (status == WRIT_USAGE) return array_of(env, {});
  const std::string_view said = message;
  return array_of(env, said.empty() ? "the kept bundle could not be read" : said);
}

/// What runs: {version, generation, expiry} into `numbers`; the answer is the package and the
/// digest, with a line end between them.
JNIEXPORT jbyteArray JNICALL Java_io_writ_kafka_Native_info(JNIEnv* env, jclass, jlong engine,
                                                            jlongArray numbers) {
  writ_bundle_info info = {};
  (void)writ_engine_info(handle<Engine>(engine)->get(), &info);
  const jlong values[3] = {static_cast<jlong>(info.version), static_cast<jlong>(info.generation),
                           info.expires_us};
  env->SetLongArrayRegion(numbers, 0, 3, values);
  return array_of(env, std::string(info.package) + "\n" + info.digest);
}

/// The bit, or -1, which no operation has and every decision refuses.
JNIEXPORT jint JNICALL Java_io_writ_kafka_Native_operation(JNIEnv* env, jclass, jlong engine,
                                                           jbyteArray kind, jbyteArray operation) {
  const Bytes of(env, kind);
  const Bytes name(env, operation);
  std::uint32_t bit = UINT32_MAX;
  (void)writ_operation(handle<Engine>(engine)->get(), of.data(), of.size(), name.data(),
                       name.size(), &bit);
  return static_cast<jint>(bit);
}

JNIEXPORT jstring JNICALL Java_io_writ_kafka_Native_reason(JNIEnv* env, jclass, jint reason) {
  return env->NewStringUTF(writ_reason_name(static_cast<std::uint8_t>(reason)));
}

JNIEXPORT jlong JNICALL Java_io_writ_kafka_Native_session(JNIEnv* env, jclass, jlong engine,
                                                          jbyteArray type, jbyteArray name,
                                                          jbyteArray host, jbyteArray scope,
                                                          jobjectArray groups, jobjectArray names,
                                                          jobjectArray texts, jintArray types,
                                                          jlong opened_us) {
  const Bytes principal_type(env, type);
  const Bytes principal_name(env, name);
  const Bytes from(env, host);
  const Bytes at(env, scope);
  const Texts in(env, groups);
  const Texts named(env, names);
  const Texts said(env, texts);
  std::vector<jint> kinds(named.size());
  env->GetIntArrayRegion(types, 0, static_cast<jsize>(kinds.size()), kinds.data());
  std::vector<writ_attribute> attributes;
  for (std::size_t i = 0; i < named.size(); ++i) {
    attributes.push_back(said.attribute(named, i, kinds[i]));
  }
  writ_session_facts facts = {};
  facts.principal_type = principal_type.data();
  facts.principal_type_bytes = principal_type.size();
  facts.principal_name = principal_name.data();
  facts.principal_name_bytes = principal_name.size();
  // No groups are not the same as unknown ones.
  const char* none = "";
  const std::size_t no_bytes = 0;
  if (groups != nullptr) {
    facts.groups = in.size() == 0 ? &none : in.data();
    facts.group_bytes = in.size() == 0 ? &no_bytes : in.bytes();
    facts.group_count = in.size();
  }
  facts.host = from.data();
  facts.host_bytes = from.size();
  facts.scope = at.data();
  facts.scope_bytes = at.size();
  facts.attributes = attributes.data();
  facts.attribute_count = attributes.size();
  facts.opened_us = opened_us;
  auto out = std::make_unique<SessionHandle>();
  out->engine = *handle<Engine>(engine);
  if (writ_session_open(out->engine.get(), &facts, &out->session) != WRIT_OK) return 0;
  return number(out.release());
}

JNIEXPORT void JNICALL Java_io_writ_kafka_Native_freeSession(JNIEnv*, jclass, jlong session) {
  delete handle<SessionHandle>(session);
}

JNIEXPORT jlong JNICALL Java_io_writ_kafka_Native_resource(JNIEnv* env, jclass, jlong engine,
                                                           jbyteArray kind, jbyteArray name) {
  const Bytes of(env, kind);
  const Bytes text(env, name);
  auto out = std::make_unique<ResourceHandle>();
  out->engine = *handle<Engine>(engine);
  if (writ_resource_new(out->engine.get(), of.data(), of.size(), text.data(), text.size(),
                        &out->resource) != WRIT_OK) {
    return 0;
  }
  return number(out.release());
}

JNIEXPORT void JNICALL Java_io_writ_kafka_Native_freeResource(JNIEnv*, jclass, jlong resource) {
  delete handle<ResourceHandle>(resource);
}

JNIEXPORT jlong JNICALL Java_io_writ_kafka_Native_values(JNIEnv*, jclass, jlong engine) {
  auto out = std::make_unique<ValuesHandle>();
  out->engine = *handle<Engine>(engine);
  if (writ_values_new(out->engine.get(), &out->values) != WRIT_OK) return 0;
  return number(out.release());
}

JNIEXPORT void JNICALL Java_io_writ_kafka_Native_freeValues(JNIEnv*, jclass, jlong values) {
  delete handle<ValuesHandle>(values);
}

}  // extern "C"
