#include "tests/integration/run_command.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

namespace writ::integration {

void CommandTest::SetUp() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  folder_ = std::filesystem::temp_directory_path() /
            ("writ-" + std::to_string(getpid()) + "-" + info->name());
  std::filesystem::create_directories(folder_);
}

void CommandTest::TearDown() {
  std::filesystem::remove_all(folder_);
}

Outcome CommandTest::writ(const std::string& arguments) const {
  const std::string line = "cd '" + folder_.string() + "' && '" WRIT_COMMAND "' " + arguments;
  const std::string out = folder_.string() + ".out";
  const std::string err = folder_.string() + ".err";
  // A redirection in the arguments itself wins over this one.
  const int status = std::system(("{ " + line + " ; } >'" + out + "' 2>'" + err + "'").c_str());
  Outcome outcome;
  outcome.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  const auto slurp = [](const std::string& path) {
    std::ifstream in(path);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    std::filesystem::remove(path);
    return text;
  };
  outcome.out = slurp(out);
  outcome.err = slurp(err);
  return outcome;
}

void CommandTest::write(const std::string& name, std::string_view text) const {
  std::ofstream(folder_ / name) << text;
}

std::string CommandTest::read(const std::string& name) const {
  std::ifstream in(folder_ / name);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool CommandTest::exists(const std::string& name) const {
  return std::filesystem::exists(folder_ / name);
}

std::string CommandTest::listing() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

void CommandTest::write_policy() const {
  write("p.writ", R"(package sample "For tests of the command"

edition 2026
use kafka

cluster main = "lkc-1"

acl at main {
  allow Read on Topic "orders."* to User:alice from 10.0.0.0/8
  deny Write on Topic "orders.audit" to any
}

test "alice reads orders" at main {
  User:alice from 10.0.0.1 may Read on Topic "orders.eu"
  User:alice from 10.0.0.1 may not Write on Topic "orders.audit" because deny
}
)");
}

void CommandTest::build_bundle() const {
  write_policy();
  ASSERT_EQ(writ("keys new k").exit, 0);
  const Outcome built = writ("build p.writ -o p.writb --key k.pem --version 1");
  ASSERT_EQ(built.exit, 0) << built.err;
}

}  // namespace writ::integration
