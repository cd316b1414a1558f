// The manifest as canonical JSON and back. What has its default is left out, so that a manifest has
// one form; the reader writes again what it read and wants the same bytes.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/base/bytes.h"
#include "runtime/bundle/format.h"
#include "runtime/value/value.h"

namespace writ::bundle {
namespace {

using nlohmann::json;

std::unexpected<Error> malformed(std::string message) {
  return fail(ErrorCode::Malformed, std::move(message), "manifest");
}

json to_json(const Manifest& manifest) {
  json object = {{"clusters", manifest.clusters},
                 {"cost",
                  {{"cell_rows", manifest.cost.cell_rows},
                   {"chain_length", manifest.cost.chain_length},
                   {"condition_instructions", manifest.cost.condition_instructions},
                   {"conditional_grants", manifest.cost.conditional_grants}}},
                 {"edition", manifest.edition},
                 {"features", manifest.features},
                 {"grants", manifest.grants},
                 {"models", json::array()},
                 {"package", manifest.package},
                 {"sections", json::array()},
                 {"version", manifest.version}};
  for (const auto& [name, version] : manifest.models) {
    object["models"].push_back({{"name", name}, {"version", version}});
  }
  for (const Manifest::Section& section : manifest.sections) {
    object["sections"].push_back({{"bytes", section.bytes},
                                  {"name", section.name},
                                  {"offset", section.offset},
                                  {"sha256", section.sha256}});
  }
  const Manifest defaults;
  if (manifest.built_us != defaults.built_us) object["built_us"] = manifest.built_us;
  if (manifest.not_before_us != defaults.not_before_us) {
    object["not_before_us"] = manifest.not_before_us;
  }
  if (manifest.expires_us != defaults.expires_us) object["expires_us"] = manifest.expires_us;
  if (!manifest.same_as.empty()) object["same_as"] = manifest.same_as;
  if (!manifest.reason.empty()) object["reason"] = manifest.reason;
  return object;
}

// Members of one object. A member that is not there or not of its type keeps the default: writing
// the manifest again finds it, so there is one place that decides what is well formed.
class Members {
 public:
  explicit Members(const json& object) : object_(object) {}

  void read(const char* name, std::string& value) const {
    const json* found = find(name);
    if (found != nullptr && found->is_string()) value = found->get_ref<const std::string&>();
  }
  template <std::integral T>
  void read(const char* name, T& value) const {
    const json* found = find(name);
    if (found == nullptr || !found->is_number_integer()) return;
    if (found->is_number_unsigned()) {
      const auto number = found->get<std::uint64_t>();
      if (std::in_range<T>(number)) value = static_cast<T>(number);
    } else if (const auto number = found->get<std::int64_t>(); std::in_range<T>(number)) {
      value = static_cast<T>(number);
    }
  }
  void read(const char* name, std::vector<std::string>& value) const {
    each(name, [&](const json& element) {
      if (element.is_string()) value.push_back(element.get_ref<const std::string&>());
    });
  }
  template <class Take>
  void each(const char* name, Take take) const {
    const json* found = find(name);
    if (found == nullptr || !found->is_array()) return;
    for (const json& element : *found) take(element);
  }
  [[nodiscard]] const json* find(const char* name) const {
    if (!object_.is_object()) return nullptr;
    const auto member = object_.find(name);
    return member == object_.end() ? nullptr : &*member;
  }

 private:
  const json& object_;
};

Manifest from_json(const json& object) {
  Manifest manifest;
  const Members members(object);
  members.read("package", manifest.package);
  members.read("version", manifest.version);
  members.read("edition", manifest.edition);
  members.read("clusters", manifest.clusters);
  members.read("features", manifest.features);
  members.read("built_us", manifest.built_us);
  members.read("not_before_us", manifest.not_before_us);
  members.read("expires_us", manifest.expires_us);
  members.read("same_as", manifest.same_as);
  members.read("reason", manifest.reason);
  members.read("grants", manifest.grants);
  if (const json* found = members.find("cost")) {
    const Members cost(*found);
    cost.read("cell_rows", manifest.cost.cell_rows);
    cost.read("chain_length", manifest.cost.chain_length);
    cost.read("condition_instructions", manifest.cost.condition_instructions);
    cost.read("conditional_grants", manifest.cost.conditional_grants);
  }
  members.each("models", [&](const json& element) {
    auto& [name, version] = manifest.models.emplace_back();
    Members(element).read("name", name);
    Members(element).read("version", version);
  });
  members.each("sections", [&](const json& element) {
    Manifest::Section& section = manifest.sections.emplace_back();
    const Members of(element);
    of.read("name", section.name);
    of.read("offset", section.offset);
    of.read("bytes", section.bytes);
    of.read("sha256", section.sha256);
  });
  return manifest;
}

// INVARIANT: sections lie side by side from offset 0 on, each at the next aligned place.
Status check_sections(const Manifest& manifest) {
  if (manifest.sections.empty() || manifest.sections.size() > kSectionsMax) {
    return malformed(fmt::format("a bundle has 1 to {} sections", kSectionsMax));
  }
  std::set<std::string_view> names;
  std::uint64_t end = 0;
  for (const Manifest::Section& section : manifest.sections) {
    if (!is_section_name(section.name) || !names.insert(section.name).second) {
      return malformed(fmt::format("`{}` is not a section's name, or is there twice",
                                   section.name));
    }
    if (section.offset != aligned(end) || section.bytes > UINT64_MAX / 2 - section.offset) {
      return fail(ErrorCode::Malformed, "the section does not follow the one before it",
                  section.name);
    }
    end = section.offset + section.bytes;
  }
  return {};
}

}  // namespace

bool is_section_name(std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= kSectionNameBytesMax && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

Result<std::vector<std::byte>> encode_manifest(const Manifest& manifest) {
  std::string text;
  try {
    text = to_json(manifest).dump();
  } catch (const json::exception&) {
    return malformed("a name in the manifest is not UTF-8");
  }
  ByteWriter out;
  out.text(text);
  return out.take();
}

Result<Manifest> decode_manifest(std::span<const std::byte> bytes) {
  const json object = json::parse(ByteReader(bytes).text(bytes.size()), nullptr, false);
  if (!object.is_object()) {
    return malformed("the manifest is damaged");
  }
  Manifest manifest = from_json(object);
  // Before the shape: what a newer engine adds to the manifest comes with a feature that says so.
  for (const std::string& feature : manifest.features) {
    if (std::ranges::find(kFeatures, feature) == kFeatures.end()) {
      return fail(ErrorCode::Unsupported,
                  fmt::format("the bundle needs `{}`, which this engine does not have", feature),
                  "manifest");
    }
  }
  const auto again = encode_manifest(manifest);
  if (!again || !std::ranges::equal(*again, bytes)) {
    return malformed("the manifest is not written as `writ build` writes it");
  }
  WRIT_TRY(check_sections(manifest));
  return manifest;
}

Status check_validity(const Manifest& manifest, std::int64_t now_us) {
  if (now_us < manifest.not_before_us) {
    return fail(ErrorCode::Version,
                fmt::format("the bundle is valid from {}, and it is {}",
                            time_text(manifest.not_before_us), time_text(now_us)),
                "manifest");
  }
  if (now_us >= manifest.expires_us) {
    return fail(ErrorCode::Version,
                fmt::format("the bundle was valid until {}, and it is {}: build it again",
                            time_text(manifest.expires_us), time_text(now_us)),
                "manifest");
  }
  return {};
}

}  // namespace writ::bundle
