// What Java holds as a number. Each handle keeps its engine, so that garbage collection may free
// them in any order.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <jni.h>

#include "runtime/api/include/writ/writ.h"
#include "runtime/api/include/writ/writ_audit.h"

namespace writ::kafka {

struct EngineFree {
  void operator()(writ_engine* engine) const { writ_engine_free(engine); }
};
using Engine = std::shared_ptr<writ_engine>;

struct SessionHandle {
  Engine engine;
  writ_session* session = nullptr;
  ~SessionHandle() { writ_session_free(session); }
};
struct ResourceHandle {
  Engine engine;
  writ_resource* resource = nullptr;
  ~ResourceHandle() { writ_resource_free(resource); }
};
struct ValuesHandle {
  Engine engine;
  writ_values* values = nullptr;
  ~ValuesHandle() { writ_values_free(values); }
};

/// Needs no engine.
struct AclsHandle {
  writ_acls* acls = nullptr;
  ~AclsHandle() { writ_acls_free(acls); }
};

struct TrailHandle {
  writ_trail* trail = nullptr;
  ~TrailHandle() { writ_trail_free(trail); }
};

static_assert(sizeof(void*) == sizeof(jlong));
template <class T>
T* handle(jlong number) {
  return std::bit_cast<T*>(number);
}
template <class T>
jlong number(T* of) {
  return std::bit_cast<jlong>(of);
}

/// A copy of a Java byte array: on the stack where it is short. Null stays null.
class Bytes {
 public:
  Bytes(JNIEnv* env, jbyteArray from);
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  [[nodiscard]] const char* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  char near_[256];
  std::unique_ptr<char[]> far_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Copies of an array of Java byte arrays. Null: none.
class Texts {
 public:
  Texts(JNIEnv* env, jobjectArray from);
  [[nodiscard]] std::size_t size() const { return kept_.size(); }
  [[nodiscard]] const char* const* data() const { return data_.data(); }
  [[nodiscard]] const std::size_t* bytes() const { return bytes_.data(); }
  /// The attribute that the names name at a position, with the text there as its value; a truth
  /// is `0` or `1`.
  [[nodiscard]] writ_attribute attribute(const Texts& names, std::size_t at, jint type) const;

 private:
  std::vector<std::unique_ptr<Bytes>> kept_;
  std::vector<const char*> data_;
  std::vector<std::size_t> bytes_;
};

/// A Java byte array of the text; null where Java has no room.
[[nodiscard]] jbyteArray array_of(JNIEnv* env, std::string_view text);

[[nodiscard]] inline writ_attribute text_attribute(std::string_view name, const Bytes& text) {
  writ_attribute out = {};
  out.name = name.data();
  out.name_bytes = name.size();
  out.type = text.data() == nullptr ? WRIT_VALUE_ABSENT : WRIT_VALUE_TEXT;
  out.text = text.data();
  out.text_bytes = text.size();
  return out;
}

/// The decision as Java reads it: bit 0 the verdict, bit 1 that it carries an error, from bit 8 the
/// reason. Without a decision 0.
[[nodiscard]] inline jint packed(writ_status status, const writ_decision& decision) {
  if (status != WRIT_OK) return 0;
  return (decision.allowed == 1 ? 1 : 0) | (decision.error != 0 ? 2 : 0) |
         static_cast<jint>(decision.reason) << 8;
}

}  // namespace writ::kafka
