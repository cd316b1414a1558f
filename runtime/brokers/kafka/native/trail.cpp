// The audit trail: opened before the engine that records there, closed after it.
#include <string_view>

#include "runtime/brokers/kafka/native/handles.h"

using namespace writ::kafka;  // NOLINT: the functions below have names that Java gives

namespace {

// Positions in the arrays that Java gives (Native.java).
enum Text { kLog, kKey, kRings, kSource, kSender, kTexts };
enum Number { kKeepAge, kKeepBytes, kThreads, kNumbers };

constexpr std::size_t kMessageBytes = 1024;

writ_trail* trail_of(jlong number) { return handle<TrailHandle>(number)->trail; }

/// Null for an empty text.
jbyteArray said(JNIEnv* env, std::string_view text) {
  return text.empty() ? nullptr : array_of(env, text);
}

}  // namespace

extern "C" {

/// 0: it could not be opened; `why[0]` says why not.
JNIEXPORT jlong JNICALL Java_io_writ_kafka_Native_trail(JNIEnv* env, jclass, jobjectArray texts,
                                                        jobjectArray sinks, jobjectArray kafka,
                                                        jlongArray numbers, jobjectArray why) {
  const Texts given(env, texts);
  const Texts to(env, sinks);
  const Texts properties(env, kafka);
  jlong values[kNumbers] = {};
  env->GetLongArrayRegion(numbers, 0, kNumbers, values);
  if (given.size() != kTexts || env->ExceptionCheck() != 0) return 0;
  const auto text = [&given](Text at, const char*& data, std::size_t& bytes) {
    data = given.data()[at];
    bytes = given.bytes()[at];
  };
  writ_trail_options options = {};
  text(kLog, options.log, options.log_bytes);
  text(kKey, options.key_pem, options.key_pem_bytes);
  text(kRings, options.rings, options.rings_bytes);
  text(kSource, options.source, options.source_bytes);
  text(kSender, options.sender, options.sender_bytes);
  options.sinks = to.data();
  options.sink_bytes = to.bytes();
  options.sink_count = to.size();
  options.kafka = properties.data();
  options.kafka_bytes = properties.bytes();
  options.kafka_count = properties.size();
  options.keep_age_s = static_cast<std::uint64_t>(values[kKeepAge]);
  options.keep_bytes = static_cast<std::uint64_t>(values[kKeepBytes]);
  options.threads_max = static_cast<std::uint32_t>(values[kThreads]);
  char message[kMessageBytes];
  auto out = std::make_unique<TrailHandle>();
  if (writ_trail_open(&options, &out->trail, message, sizeof message) == WRIT_OK) {
    return number(out.release());
  }
  env->SetObjectArrayElement(why, 0, array_of(env, message));
  return 0;
}

/// Null: everything is in the log. Otherwise what is wrong.
JNIEXPORT jbyteArray JNICALL Java_io_writ_kafka_Native_closeTrail(JNIEnv* env, jclass,
                                                                  jlong trail) {
  char message[kMessageBytes];
  const writ_status status = writ_trail_close(trail_of(trail), message, sizeof message);
  if (status == WRIT_OK) return nullptr;
  const std::string_view text = message;
  return array_of(env, text.empty() ? "the audit trail could not be closed" : text);
}

JNIEXPORT void JNICALL Java_io_writ_kafka_Native_freeTrail(JNIEnv*, jclass, jlong trail) {
  delete handle<TrailHandle>(trail);
}

/// `counts` takes rows, denied, uncounted; the answer is why nothing reaches the log, or null.
JNIEXPORT jbyteArray JNICALL Java_io_writ_kafka_Native_trailState(JNIEnv* env, jclass, jlong trail,
                                                                  jlongArray counts) {
  writ_trail_info info = {};
  (void)writ_trail_state(trail_of(trail), &info);
  const jlong values[3] = {static_cast<jlong>(info.rows), static_cast<jlong>(info.denied),
                           static_cast<jlong>(info.uncounted)};
  env->SetLongArrayRegion(counts, 0, 3, values);
  return said(env, info.troubled != 0 ? std::string_view(info.message) : std::string_view());
}

/// The next thing to tell people, or null.
JNIEXPORT jbyteArray JNICALL Java_io_writ_kafka_Native_trailNote(JNIEnv* env, jclass,
                                                                 jlong trail) {
  char text[kMessageBytes];
  std::size_t bytes = 0;
  (void)writ_trail_note(trail_of(trail), text, sizeof text, &bytes);
  return said(env, bytes == 0 ? std::string_view() : std::string_view(text));
}

/// 0 ring, 1 durable, 2 replicated: the strictest that the policy asks for.
JNIEXPORT jint JNICALL Java_io_writ_kafka_Native_level(JNIEnv*, jclass, jlong engine) {
  std::uint32_t level = WRIT_LEVEL_REPLICATED;
  (void)writ_engine_level(handle<Engine>(engine)->get(), &level);
  return static_cast<jint>(level);
}

/// `texts`: principal, mechanism, message, host, scope id; null: unknown. False: it could not be
/// recorded.
JNIEXPORT jboolean JNICALL Java_io_writ_kafka_Native_authentication(JNIEnv* env, jclass,
                                                                    jlong engine, jboolean success,
                                                                    jobjectArray texts) {
  const Texts given(env, texts);
  if (given.size() != 5) return JNI_FALSE;
  writ_authentication result = {};
  result.principal = given.data()[0];
  result.principal_bytes = given.bytes()[0];
  result.mechanism = given.data()[1];
  result.mechanism_bytes = given.bytes()[1];
  result.message = given.data()[2];
  result.message_bytes = given.bytes()[2];
  result.host = given.data()[3];
  result.host_bytes = given.bytes()[3];
  result.scope_id = given.data()[4];
  result.scope_id_bytes = given.bytes()[4];
  result.success = success != 0 ? 1 : 0;
  const writ_status status =
      writ_record_authentication(handle<Engine>(engine)->get(), &result);
  return status == WRIT_OK || status == WRIT_UNSUPPORTED ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT void JNICALL Java_io_writ_kafka_Native_event(JNIEnv* env, jclass, jlong engine,
                                                       jbyteArray type, jbyteArray message) {
  const Bytes of(env, type);
  const Bytes text(env, message);
  (void)writ_record_event(handle<Engine>(engine)->get(), of.data(), of.size(), text.data(),
                          text.size());
}

}  // extern "C"
