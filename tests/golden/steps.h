// The steps that goldens exist for: a folder's name and what it does with a case. A step added here
// is a folder of cases there.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace writ::golden {

struct Outcome {
  std::string text;        // what the golden holds
  std::size_t errors = 0;  // decides whether the case's name must begin with `fail_`
};

struct Step {
  const char* folder;
  Outcome (*run)(const std::vector<std::string>& paths);
};

/// Every step that this build has.
[[nodiscard]] const std::vector<Step>& steps();

}  // namespace writ::golden
