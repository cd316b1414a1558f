// Every folder of sources is named in a README, and links of the documentation lead somewhere.
#include "tests/tidy/tree.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

namespace writ::tidy {
namespace {

TEST(Docs, EveryFolderIsInAReadme) {
  std::set<std::string> folders;
  for (const File* file : sources()) {
    folders.insert(file->folder);
  }
  for (std::string folder : folders) {
    bool named = false;
    const std::string whole = folder;
    const std::string last = folder.substr(folder.rfind('/') + 1);
    while (!named && !folder.empty()) {
      const std::string own = read(folder + "/README.md");
      named = folder == whole ? !own.empty()
                              : own.find(last + "/") != std::string::npos ||
                                    own.find(last + "`") != std::string::npos;
      folder = folder.find('/') == std::string::npos ? "" : folder.substr(0, folder.rfind('/'));
    }
    for (const char* page : {"README.md", "docs/architecture.md", "tests/README.md"}) {
      named = named || read(page).find(whole) != std::string::npos;
    }
    EXPECT_TRUE(named) << whole << " is in no README (its own, a parent's or docs/architecture.md)";
  }
}

TEST(Docs, LinksLeadSomewhere) {
  const std::regex link(R"(\]\(([^)#: ]+)(#[^)]*)?\))");
  for (const File* file : files_ending({".md"})) {
    for (std::size_t i = 0; i < file->lines.size(); ++i) {
      const std::string& line = file->lines[i];
      for (std::sregex_iterator at(line.begin(), line.end(), link), end; at != end; ++at) {
        const std::filesystem::path target = std::filesystem::path(file->folder) / (*at)[1].str();
        EXPECT_TRUE(std::filesystem::exists(target)) << file->path << ":" << i + 1 << " links to "
                                                     << (*at)[1].str() << ", which is not there";
      }
    }
  }
}

}  // namespace
}  // namespace writ::tidy
