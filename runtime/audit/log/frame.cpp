#include "runtime/audit/log/frame.h"

#include <zstd.h>

#include "runtime/base/check.h"

namespace writ::audit::log {
namespace {

// Higher levels take three times as long for a tenth less.
constexpr int kLevel = 1;

struct Freed {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

struct Press::State {
  std::unique_ptr<ZSTD_CCtx, Freed> to;  // made at first use; null where there is no memory
  std::unique_ptr<ZSTD_DCtx, Freed> from;
};

Press::Press() : state_(std::make_unique<State>()) {}
Press::~Press() = default;

PartSize Press::press(std::span<const std::byte> raw, std::vector<std::byte>& out) {
  WRIT_CHECK(raw.size() <= kPartBytesMax);
  PartSize size{static_cast<std::uint32_t>(raw.size()), static_cast<std::uint32_t>(raw.size())};
  const std::size_t at = out.size();
  const std::size_t room = ZSTD_compressBound(raw.size());
  if (!state_->to) state_->to.reset(ZSTD_createCCtx());
  if (state_->to && !raw.empty()) {
    out.resize(at + room);
    const std::size_t pressed = ZSTD_compressCCtx(state_->to.get(), out.data() + at, room,
                                                  raw.data(), raw.size(), kLevel);
    if (ZSTD_isError(pressed) == 0 && pressed < raw.size()) {
      out.resize(at + pressed);
      size.stored = static_cast<std::uint32_t>(pressed);
      return size;
    }
    out.resize(at);
  }
  out.insert(out.end(), raw.begin(), raw.end());
  return size;
}

Status Press::unpress(std::span<const std::byte> stored, PartSize size,
                      std::vector<std::byte>& out) {
  WRIT_CHECK(size.raw <= kPartBytesMax && stored.size() == size.stored);
  if (size.stored == size.raw) {
    out.assign(stored.begin(), stored.end());
    return {};
  }
  if (!state_->from) state_->from.reset(ZSTD_createDCtx());
  out.resize(size.raw);
  const std::size_t got =
      state_->from == nullptr
          ? 0
          : ZSTD_decompressDCtx(state_->from.get(), out.data(), out.size(), stored.data(),
                                stored.size());
  if (ZSTD_isError(got) != 0 || got != size.raw) {
    return fail(ErrorCode::Malformed, "a part of a block cannot be decompressed");
  }
  return {};
}

}  // namespace writ::audit::log
