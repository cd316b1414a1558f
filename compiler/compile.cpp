#include "compiler/compile.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "compiler/ast/ast.h"
#include "compiler/check/check.h"
#include "compiler/lower/lower.h"
#include "compiler/syntax/parse.h"
#include "stdlib/stdlib.h"

namespace writ::compiler {
namespace {

// The files of a policy with the models they use: models first, each after those it builds on.
class Files {
 public:
  explicit Files(Compiled& to) : to_(to) {}

  Status add(const std::vector<std::string>& paths) {
    WRIT_ASSIGN(found, source::find_policy_files(paths));
    for (const source::Found& file : found) {
      WRIT_ASSIGN(id, to_.sources.add_file(file.path, file.display));
      keep(id);
    }
    return {};
  }
  Status add_text(std::string display, std::string text) {
    WRIT_ASSIGN(id, to_.sources.add_text(std::move(display), std::move(text)));
    keep(id);
    return {};
  }

  std::vector<ast::File> take() {
    for (const ast::File& file : policies_) {
      use_all(file);
    }
    std::vector<ast::File> all = std::move(ordered_);
    std::ranges::move(policies_, std::back_inserter(all));
    return all;
  }

 private:
  void keep(source::FileId id) {
    ast::File file = syntax::parse(to_.sources, id, to_.sink);
    if (file.is_model) {
      beside_.insert_or_assign(file.package.text(), std::move(file));
    } else {
      policies_.push_back(std::move(file));
    }
  }

  void use_all(const ast::File& file) {
    for (const ast::Use& use : std::vector(file.uses)) {
      add_model(use.model);
    }
  }

  void add_model(const ast::Word& name) {
    if (open_.contains(name.text)) {
      to_.sink.add({diag::Code::Cycle, fmt::format("the model `{}` uses itself", name.text),
                    {name.span, "part of a cycle of models"}, {}, "take one `use` away"});
      return;
    }
    if (!done_.insert(name.text).second) {
      return;
    }
    auto model = load(name);
    if (!model) {
      return;
    }
    open_.insert(name.text);
    use_all(*model);
    open_.erase(name.text);
    ordered_.push_back(std::move(*model));
  }

  std::optional<ast::File> load(const ast::Word& name) {
    if (const auto found = beside_.find(name.text); found != beside_.end()) {
      if (!stdlib::find(name.text).empty()) {
        to_.sink.add({diag::Code::Duplicate,
                      fmt::format("the library has a model `{}` already", name.text),
                      {found->second.package.span, "would silently replace the library's"},
                      {},
                      "give the model beside the policy a name of its own"});
      }
      return std::move(found->second);
    }
    const std::string_view text = stdlib::find(name.text);
    if (text.empty()) {
      std::vector<std::string> known = stdlib::models();
      for (const auto& [beside, file] : beside_) {
        known.push_back(beside);
      }
      const std::string near = diag::nearest(name.text, known);
      to_.sink.add({diag::Code::UnknownName, fmt::format("there is no model `{}`", name.text),
                    {name.span, "not in the library, and no model of this name beside the policy"},
                    {},
                    near.empty() ? fmt::format("the library has {}", fmt::join(known, ", "))
                                 : fmt::format("a model with a similar name is `{}`", near)});
      return std::nullopt;
    }
    const auto id = to_.sources.add_text(fmt::format("stdlib/{}.writ", name.text),
                                         std::string(text));
    if (!id) {
      return std::nullopt;
    }
    return syntax::parse(to_.sources, *id, to_.sink);
  }

  Compiled& to_;
  std::vector<ast::File> policies_;
  std::map<std::string, ast::File, std::less<>> beside_;  // models among the policy's own files
  std::vector<ast::File> ordered_;
  std::set<std::string, std::less<>> open_, done_;
};

void finish(Files& files, Compiled& out) {
  const std::vector<ast::File> all = files.take();
  if (all.empty()) {
    return;
  }
  model::Unit unit = check::check(all, out.sources, out.sink);
  out.tests = std::move(unit.tests);
  out.program = lower::lower(std::move(unit), out.sink);
}

}  // namespace

Result<Compiled> compile(const std::vector<std::string>& paths) {
  Compiled out;
  Files files(out);
  WRIT_TRY(files.add(paths));
  finish(files, out);
  return out;
}

Result<Compiled> compile_text(std::string display, std::string text) {
  Compiled out;
  Files files(out);
  WRIT_TRY(files.add_text(std::move(display), std::move(text)));
  finish(files, out);
  return out;
}

}  // namespace writ::compiler
