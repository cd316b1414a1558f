// golden_test [--update] [PATH…]: runs the cases under tests/golden and compares what each step
// says with the golden beside the case. A case is NAME.writ, a folder NAME/ of policy files,
// NAME.txt (what is imported), or NAME.make (lines `"text" count`, or `missing`) for inputs that
// are too large or too odd to be kept.
#include "tests/golden/steps.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace writ::golden {
namespace {

namespace fs = std::filesystem;

struct Case {
  const Step* step = nullptr;
  fs::path input;   // absolute
  fs::path golden;  // absolute
};

struct Options {
  bool update = false;
  std::vector<fs::path> filters;
  std::string program;
};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Writes what a .make file describes into `folder`; gives the name of the file.
std::string make_input(const fs::path& make, const fs::path& folder) {
  const std::string name = make.stem().string() + ".writ";
  std::istringstream lines(read(make));
  std::ofstream out(folder / name, std::ios::binary);
  for (std::string line; std::getline(lines, line);) {
    if (line == "missing") {
      out.close();
      fs::remove(folder / name);
      break;
    }
    const std::size_t space = line.rfind(' ');
    if (space == std::string::npos)
      continue;
    const std::string text = nlohmann::json::parse(line.substr(0, space)).get<std::string>();
    for (long count = std::stol(line.substr(space + 1)); count > 0; --count)
      out << text;
  }
  return name;
}

bool selected(const Case& one, const Options& options) {
  if (options.filters.empty())
    return true;
  for (const fs::path& filter : options.filters) {
    const std::string whole = fs::weakly_canonical(filter).string();
    if (one.input.string().starts_with(whole) || one.golden.string() == whole)
      return true;
  }
  return false;
}

std::vector<Case> find_cases(const fs::path& root, const Options& options) {
  std::vector<Case> cases;
  for (const Step& step : steps()) {
    const fs::path folder = root / step.folder;
    if (!fs::is_directory(folder))
      continue;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const fs::path& path = entry.path();
      const std::string kind = path.extension().string();
      if (!entry.is_directory() && kind != ".writ" && kind != ".txt" && kind != ".make")
        continue;
      fs::path golden = path;
      golden.replace_extension(".golden");
      Case one{&step, path, golden};
      if (selected(one, options))
        cases.push_back(std::move(one));
    }
  }
  std::sort(cases.begin(), cases.end(),
            [](const Case& a, const Case& b) { return a.input < b.input; });
  return cases;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

/// What lies between the lines that both begin and end with: `-` expected, `+` got.
void print_difference(const std::string& expected, const std::string& got) {
  constexpr std::size_t kLinesMax = 12;
  const auto before = lines_of(expected);
  const auto after = lines_of(got);
  std::size_t same = 0;
  while (same < before.size() && same < after.size() && before[same] == after[same])
    ++same;
  std::size_t tail = 0;
  while (tail + same < before.size() && tail + same < after.size() &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
    ++tail;
  }
  const auto show = [&](const std::vector<std::string>& lines, char sign) {
    const std::size_t end = lines.size() - tail;
    for (std::size_t at = same; at < end && at < same + kLinesMax; ++at) {
      std::printf("  %zu %c %s\n", at + 1, sign, lines[at].c_str());
    }
    if (end > same + kLinesMax)
      std::puts("  …");
  };
  show(before, '-');
  show(after, '+');
}

Outcome run(const Case& one) {
  // Paths in diagnostics are relative, so that goldens are the same everywhere.
  if (one.input.extension() != ".make") {
    fs::current_path(one.input.parent_path());
    return one.step->run({one.input.filename().string()});
  }
  const fs::path folder = fs::temp_directory_path() / ("writ_golden_" + one.input.stem().string());
  fs::create_directories(folder);
  const std::string name = make_input(one.input, folder);
  fs::current_path(folder);
  Outcome outcome = one.step->run({name});
  fs::current_path(one.input.parent_path());
  fs::remove_all(folder);
  return outcome;
}

bool check_case(const Case& one, const Options& options) {
  const Outcome outcome = run(one);
  const std::string name = (fs::path(one.step->folder) / one.input.filename()).string();
  const bool must_fail = one.input.filename().string().starts_with("fail_");
  if (must_fail != (outcome.errors > 0)) {
    std::printf("FAILED %s: %zu errors, but its name says %s\n%s", name.c_str(), outcome.errors,
                must_fail ? "it fails" : "it does not", outcome.text.c_str());
    return false;
  }
  const std::string expected = fs::exists(one.golden) ? read(one.golden) : std::string();
  if (fs::exists(one.golden) && expected == outcome.text)
    return true;
  if (options.update) {
    std::ofstream(one.golden, std::ios::binary) << outcome.text;
    std::printf("updated %s\n", one.golden.c_str());
    return true;
  }
  std::printf("FAILED %s: not what %s says\n", name.c_str(), one.golden.filename().c_str());
  print_difference(expected, outcome.text);
  std::printf("  run again: %s %s\n  accept:    %s --update %s\n", options.program.c_str(),
              one.input.c_str(), options.program.c_str(), one.input.c_str());
  return false;
}

int run_all(const Options& options) {
  const std::vector<Case> cases = find_cases(fs::path(WRIT_GOLDEN_ROOT), options);
  std::size_t failed = 0;
  for (const Case& one : cases)
    failed += check_case(one, options) ? 0 : 1;
  std::printf("%zu passed, %zu failed\n", cases.size() - failed, failed);
  if (cases.empty())
    std::puts("no case is selected");
  return failed == 0 && !cases.empty() ? 0 : 1;
}

}  // namespace
}  // namespace writ::golden

int main(int argc, char** argv) {
  writ::golden::Options options;
  options.program = argv[0];
  for (int at = 1; at < argc; ++at) {
    const std::string argument = argv[at];
    if (argument == "--update") {
      options.update = true;
    } else {
      options.filters.emplace_back(std::filesystem::absolute(argument));
    }
  }
  return writ::golden::run_all(options);
}
