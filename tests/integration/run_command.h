// Runs the command in a folder of its own and keeps what it said. Takes arguments as a shell line.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace writ::integration {

struct Outcome {
  int exit = -1;  // 128 + signal after a crash
  std::string out;
  std::string err;
};

/// A test in an empty folder that is gone afterwards.
class CommandTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// `writ ARGUMENTS` in the folder.
  [[nodiscard]] Outcome writ(const std::string& arguments) const;
  void write(const std::string& name, std::string_view text) const;
  [[nodiscard]] std::string read(const std::string& name) const;
  [[nodiscard]] bool exists(const std::string& name) const;
  /// Names of the folder's entries, sorted, with spaces between.
  [[nodiscard]] std::string listing() const;

  /// A policy of one cluster, one grant, one test.
  void write_policy() const;
  /// write_policy, a key `k` and the bundle `p.writb`.
  void build_bundle() const;

  std::filesystem::path folder_;
};

/// A request of the policy that is allowed.
inline constexpr std::string_view kAllowed =
    R"({"principal":"User:alice","host":"10.0.0.1","operation":"Read","resourceType":"Topic","resourceName":"orders.eu"})";
inline constexpr std::string_view kDenied =
    R"({"principal":"User:bob","host":"10.0.0.1","operation":"Read","resourceType":"Topic","resourceName":"orders.eu"})";

}  // namespace writ::integration
