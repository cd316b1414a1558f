// Words that must not occur: each row says where and why.
#include "tests/tidy/tree.h"

#include <gtest/gtest.h>

namespace writ::tidy {
namespace {

struct Banned {
  std::string name;    // of the rule, for exempt.txt
  std::string word;    // in code, comments and strings left out
  std::string folder;  // paths that begin so; empty: everywhere
  std::string why;
};

const std::vector<Banned>& banned() {
  static const std::vector<Banned> rows = {
      {"iostream", "#include <iostream>", "runtime/", "the runtime prints nothing"},
      {"cout", "std::cout", "runtime/", "the runtime prints nothing"},
      {"assert", "assert(", "", "WRIT_CHECK stays in release"},
      {"rand", "rand(", "", "randomness is seeded and injected"},
      {"throw", "throw ", "runtime/", "we throw nothing"},
      {"throw", "throw ", "compiler/", "we throw nothing"},
      {"dynamic_cast", "dynamic_cast<", "runtime/", "kinds are data"},
      {"reinterpret_cast", "reinterpret_cast<", "runtime/",
       "bytes are read by offset, not by type"},
      {"reinterpret_cast", "reinterpret_cast<", "compiler/",
       "bytes are read by offset, not by type"},
      {"using_namespace", "using namespace std", "", "names say where they come from"},
      {"sleep", "sleep_for(", "tests/", "tests do not sleep"},
  };
  return rows;
}

bool is_word(const std::string& code, std::size_t at) {
  return at == 0 ||
         (std::isalnum(static_cast<unsigned char>(code[at - 1])) == 0 && code[at - 1] != '_');
}

bool has_word(const std::string& code, const std::string& word) {
  for (std::size_t at = code.find(word); at != std::string::npos; at = code.find(word, at + 1)) {
    if (is_word(code, at)) {
      return true;
    }
  }
  return false;
}

TEST(Words, BannedWordsDoNotOccur) {
  for (const File* file : sources()) {
    for (const Banned& row : banned()) {
      if (!file->path.starts_with(row.folder) || exempt(row.name, file->path)) {
        continue;
      }
      for (std::size_t i = 0; i < file->lines.size(); ++i) {
        EXPECT_FALSE(has_word(code_of(file->lines[i]), row.word))
            << file->path << ":" << i + 1 << " says `" << row.word << "`: " << row.why;
      }
    }
  }
}

// Split so that this file does not hold them itself.
const std::vector<std::string>& never() {
  static const std::vector<std::string> words = {
      std::string("TO") + "DO",   std::string("FIX") + "ME",  std::string("XX") + "X:",
      std::string("/wo") + "rk/", std::string("/home") + "/", std::string("/Us") + "ers/",
  };
  return words;
}

TEST(Words, NoPromisesAndNoMachinePaths) {
  for (const File& file : all_files()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string& word : never()) {
        EXPECT_TRUE(file.lines[i].find(word) == std::string::npos || exempt("never", file.path))
            << file.path << ":" << i + 1 << " says `" << word << "`";
      }
    }
  }
}

TEST(Words, FoldersAreNamedForWhatTheyHold) {
  for (const File& file : all_files()) {
    for (const char* name : {"/util", "/utils", "/common", "/misc", "/helpers"}) {
      const std::string path = "/" + file.path;
      const std::size_t at = path.find(name);
      const bool whole =
          at != std::string::npos && (path[at + std::string_view(name).size()] == '/' ||
                                      path[at + std::string_view(name).size()] == '.');
      EXPECT_FALSE(whole) << file.path << " is named for nothing";
    }
  }
}

TEST(Words, HeadersSayWhatTheyAre) {
  for (const File* file : files_ending({".h", ".hpp"})) {
    EXPECT_TRUE(!file->lines.empty() &&
                (file->lines[0].starts_with("//") || file->lines[0].starts_with("/*")))
        << file->path << " does not open with what it is";
    bool once = false;
    for (const std::string& line : file->lines) {
      once = once || line == "#pragma once" || line.starts_with("#ifndef WRIT_");
    }
    EXPECT_TRUE(once) << file->path << " has no #pragma once";
  }
}

}  // namespace
}  // namespace writ::tidy
