// The questions of a request thread: numbers in, numbers out.
#include <algorithm>
#include <chrono>
#include <string_view>

#include "runtime/brokers/kafka/native/handles.h"

using namespace writ::kafka;  // NOLINT: the functions below have names that Java gives

namespace {

// One reading of the clock a call: its decisions are of one moment.
std::int64_t now_us() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

jint decided(const Engine& engine, const SessionHandle* session, jlong resource, jint operation,
             jint purpose, const ValuesHandle* values, std::int64_t now) {
  const auto* of = handle<ResourceHandle>(resource);
  if (session == nullptr || of == nullptr || values == nullptr) return 0;
  writ_decision decision = {};
  const writ_status status =
      writ_authorize_as(engine.get(), session->session, of->resource,
                        static_cast<std::uint32_t>(operation), static_cast<std::uint32_t>(purpose),
                        values->values, now, &decision);
  return packed(status, decision);
}

constexpr jint kAtOnce = 128;

/// As many questions as are asked at once, on the stack.
struct Questions {
  jlong by[kAtOnce];
  jlong of[kAtOnce];
  jint asked[kAtOnce];
  jint meant[kAtOnce];
  jint out[kAtOnce];

  /// Does one session ask all, of which there are some?
  [[nodiscard]] bool of_one(jint size) const {
    return by[0] != 0 && std::all_of(by, by + size, [this](jlong one) { return one == by[0]; });
  }

  void ask_each(const Engine& engine, jint size, const ValuesHandle* values, std::int64_t now) {
    for (jint at = 0; at < size; ++at) {
      out[at] = decided(engine, handle<SessionHandle>(by[at]), of[at], asked[at], meant[at],
                        values, now);
    }
  }

  /// What the questions look at is fetched ahead.
  void ask_at_once(const Engine& engine, jint size, const ValuesHandle* values,
                   std::int64_t now) {
    const writ_resource* resources[kAtOnce];
    std::uint32_t operations[kAtOnce];
    std::uint8_t purposes[kAtOnce];
    writ_decision decisions[kAtOnce];
    for (jint at = 0; at < size; ++at) {
      const auto* resource = handle<ResourceHandle>(of[at]);
      resources[at] = resource == nullptr ? nullptr : resource->resource;
      operations[at] = static_cast<std::uint32_t>(asked[at]);
      purposes[at] = static_cast<std::uint8_t>(meant[at]);
    }
    const writ_status status = writ_batch_as(
        engine.get(), handle<SessionHandle>(by[0])->session, resources, operations, purposes,
        static_cast<std::size_t>(size), values == nullptr ? nullptr : values->values, now,
        decisions);
    for (jint at = 0; at < size; ++at) out[at] = packed(status, decisions[at]);
  }
};

}  // namespace

extern "C" {

JNIEXPORT jint JNICALL Java_io_writ_kafka_Native_position(JNIEnv* env, jclass, jlong engine,
                                                          jbyteArray name) {
  const Bytes text(env, name);
  std::uint32_t position = UINT32_MAX;
  (void)writ_values_position(handle<Engine>(engine)->get(), text.data(), text.size(), &position);
  return static_cast<jint>(position);
}

/// A null text says that there is none.
JNIEXPORT void JNICALL Java_io_writ_kafka_Native_setText(JNIEnv* env, jclass, jlong values,
                                                         jint position, jbyteArray text) {
  const Bytes said(env, text);
  const writ_attribute value = text_attribute({}, said);
  (void)writ_values_set(handle<ValuesHandle>(values)->values,
                        static_cast<std::uint32_t>(position), &value);
}

JNIEXPORT jint JNICALL Java_io_writ_kafka_Native_decide(JNIEnv*, jclass, jlong engine,
                                                        jlong session, jlong resource,
                                                        jint operation, jint purpose,
                                                        jlong values) {
  return decided(*handle<Engine>(engine), handle<SessionHandle>(session), resource, operation,
                 purpose, handle<ValuesHandle>(values), now_us());
}

/// `answers` has room for `count`, as have the others.
JNIEXPORT void JNICALL Java_io_writ_kafka_Native_decideAll(JNIEnv* env, jclass, jlong engine,
                                                           jlongArray sessions,
                                                           jlongArray resources,
                                                           jintArray operations,
                                                           jintArray purposes, jint count,
                                                           jlong values, jintArray answers) {
  Questions questions;
  const std::int64_t now = now_us();
  for (jint begin = 0; begin < count; begin += kAtOnce) {
    const jint size = std::min(kAtOnce, count - begin);
    env->GetLongArrayRegion(sessions, begin, size, questions.by);
    env->GetLongArrayRegion(resources, begin, size, questions.of);
    env->GetIntArrayRegion(operations, begin, size, questions.asked);
    env->GetIntArrayRegion(purposes, begin, size, questions.meant);
    if (questions.of_one(size)) {
      questions.ask_at_once(*handle<Engine>(engine), size, handle<ValuesHandle>(values), now);
    } else {
      questions.ask_each(*handle<Engine>(engine), size, handle<ValuesHandle>(values), now);
    }
    env->SetIntArrayRegion(answers, begin, size, questions.out);
  }
}

/// By strings, which mean the same under every bundle.
JNIEXPORT jint JNICALL Java_io_writ_kafka_Native_decideText(JNIEnv* env, jclass, jlong engine,
                                                            jlong session, jbyteArray kind,
                                                            jbyteArray name, jbyteArray operation,
                                                            jint purpose, jbyteArray client,
                                                            jbyteArray api) {
  const auto* asking = handle<SessionHandle>(session);
  if (asking == nullptr) return 0;
  const Bytes of(env, kind);
  const Bytes text(env, name);
  const Bytes asked(env, operation);
  const Bytes client_id(env, client);
  const Bytes request_type(env, api);
  const writ_attribute attributes[2] = {text_attribute("client.id", client_id),
                                        text_attribute("request.type", request_type)};
  writ_decision decision = {};
  const writ_status status = writ_authorize_text_as(
      handle<Engine>(engine)->get(), asking->session, static_cast<std::uint32_t>(purpose),
      asked.data(), asked.size(), of.data(), of.size(), text.data(), text.size(), nullptr, 0,
      attributes, 2, WRIT_NOW, &decision);
  return packed(status, decision);
}

JNIEXPORT jint JNICALL Java_io_writ_kafka_Native_decideByKind(JNIEnv* env, jclass, jlong engine,
                                                              jlong session, jbyteArray kind,
                                                              jbyteArray operation) {
  const auto* asking = handle<SessionHandle>(session);
  if (asking == nullptr) return 0;
  const Bytes of(env, kind);
  const Bytes asked(env, operation);
  writ_decision decision = {};
  const writ_status status =
      writ_by_kind(handle<Engine>(engine)->get(), asking->session, of.data(), of.size(),
                   asked.data(), asked.size(), &decision);
  return packed(status, decision);
}

}  // extern "C"
