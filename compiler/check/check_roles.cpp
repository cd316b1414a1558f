// Roles and bindings: a binding multiplies a role's statements by its subjects, at its scope.
#include "compiler/check/steps.h"
#include "runtime/base/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace writ::check {
namespace {

// A role that includes one role twice, which includes another twice, … doubles at each level.
constexpr std::size_t kRolesUnfoldedMax = 10'000;

// A role as a binding sees it: one of its statements with the arguments that hold there.
struct Piece {
  const ast::File* file = nullptr;
  const ast::Statement* statement = nullptr;
  std::optional<std::string> level;  // the ancestor level that it speaks of
  Arguments arguments;
};

std::optional<Type> parameter_type(const ast::Parameter& parameter) {
  for (const TypeKind kind :
       {TypeKind::String, TypeKind::Int, TypeKind::Bool, TypeKind::Time, TypeKind::Duration,
        TypeKind::Cidr, TypeKind::Ip, TypeKind::Version}) {
    if (parameter.type.text == name_of(kind)) {
      return Type{kind};
    }
  }
  return std::nullopt;
}

// Unfolds a role with what it includes. Depth is bounded by the number of roles: a role that is
// being unfolded is not entered again.
class Unfold {
 public:
  explicit Unfold(const Policy& policy) : policy_(policy) {}

  std::vector<Piece> pieces;

  bool role(const ast::Path& name, const std::vector<ast::ExprId>& given, const ast::File& file,
            source::Span span, const Arguments* around, std::optional<std::string> level) {
    const std::string text = name.text();
    const auto found = policy_.roles.find(text);
    if (found == policy_.roles.end()) {
      policy_.unknown({text, name.span}, "role", Policy::names_of(policy_.roles),
                      "declare it with `role NAME { … }`, or `use` the model that has it");
      return false;
    }
    if (const auto open = std::ranges::find(open_, text); open != open_.end()) {
      // Said once a cycle, wherever it was entered: at the first of its roles by name.
      const std::string& first = *std::min_element(open, open_.end());
      policy_.report(diag::Code::Cycle, policy_.roles.find(first)->second.span,
                     fmt::format("the role `{}` includes itself", first),
                     "part of a cycle of roles", "take one of the roles out of the other");
      return false;
    }
    if (++visited_ > kRolesUnfoldedMax) {
      if (visited_ == kRolesUnfoldedMax + 1) {
        const std::string& outermost = open_.empty() ? text : open_.front();
        policy_.report(diag::Code::RoleTooLarge, policy_.roles.find(outermost)->second.span,
                       fmt::format("`{}` with what it includes is more than {} roles", outermost,
                                   kRolesUnfoldedMax),
                       "includes the same roles again and again",
                       "include each role once, at the top");
      }
      return false;
    }
    open_.push_back(text);
    const Role& role = found->second.value;
    const auto arguments = bind_arguments(role, given, file, span, around);
    bool sound = arguments.has_value();
    for (const ast::RolePart& part : role.decl->parts) {
      const std::optional<std::string> here = part.level ? std::optional(part.level->text) : level;
      for (const ast::RoleInclude& include : part.includes) {
        sound = sound && this->role(include.role, include.arguments, *role.file, include.span,
                                    &*arguments, here);
      }
      for (const ast::Statement& statement : part.statements) {
        if (sound) {
          pieces.push_back({role.file, &statement, here, *arguments});
        }
      }
    }
    open_.pop_back();
    return sound;
  }

 private:
  std::optional<Arguments> bind_arguments(const Role& role, const std::vector<ast::ExprId>& given,
                                          const ast::File& file, source::Span span,
                                          const Arguments* around) {
    const auto& parameters = role.decl->parameters;
    if (parameters.size() != given.size()) {
      policy_.report(
          diag::Code::WrongArguments, span,
          fmt::format("the role `{}` takes {} argument{}, this gives {}", role.decl->name.text,
                      parameters.size(), parameters.size() == 1 ? "" : "s", given.size()),
          "not what the role takes", "give one value for each parameter",
          {{role.decl->name.span, "declared here"}});
      return std::nullopt;
    }
    Arguments out;
    ExprContext context = policy_.context(file);
    context.parameters = around;
    for (std::size_t i = 0; i < given.size(); ++i) {
      const auto type = parameter_type(parameters[i]);
      if (!type) {
        return std::nullopt;  // reported where the role is declared
      }
      auto value = check_constant(given[i], context, *type, policy_.sink);
      if (!value) {
        return std::nullopt;
      }
      if (value->text.size() > limits::kNameBytesMax) {
        policy_.report(diag::Code::RoleTooLarge, span,
                       fmt::format("the argument `{}` has more than {} bytes",
                                   parameters[i].name.text, limits::kNameBytesMax),
                       "longer than any name", "no resource has a name as long as this");
        return std::nullopt;
      }
      out.emplace_back(parameters[i].name.text, std::move(*value));
    }
    return out;
  }

  const Policy& policy_;
  std::vector<std::string> open_;  // outermost first
  std::size_t visited_ = 0;
};

void declare_roles(Policy& policy) {
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      const auto* role = std::get_if<ast::RoleDecl>(&decl);
      if (role == nullptr || policy.declared(policy.roles, role->name, "role")) {
        continue;
      }
      policy.roles.emplace(role->name.text, Named<Role>{{role, &file}, role->name.span});
      for (const ast::Parameter& parameter : role->parameters) {
        if (!parameter_type(parameter)) {
          policy.unknown(parameter.type, "type", {"String", "Int", "Bool", "Time", "Duration"},
                         "parameters are String, Int, Bool, Time, Duration, Cidr, Ip or Version");
        }
      }
    }
  }
}

// A role is checked where it is declared, bound or not: its parameters stand for an example.
Value example_of(Type type) {
  Value value;
  value.type = type;
  value.text = type.is(TypeKind::String) ? "x" : "";
  value.cidr.bits = 128;
  return value;
}

void check_role(Policy& policy, const Role& role) {
  Arguments arguments;
  for (const ast::Parameter& parameter : role.decl->parameters) {
    if (const auto type = parameter_type(parameter)) {
      arguments.emplace_back(parameter.name.text, example_of(*type));
    }
  }
  for (const ast::RolePart& part : role.decl->parts) {
    if (part.level && std::ranges::find(policy.levels, part.level->text) == policy.levels.end()) {
      policy.unknown(*part.level, "level of scopes", policy.levels,
                     fmt::format("levels are {}", fmt::join(policy.levels, ", ")));
    }
    for (const ast::Statement& statement : part.statements) {
      if (statement.effect == ast::Effect::Deny) {
        policy.report(diag::Code::DenyInRole, statement.span,
                      fmt::format("the role `{}` holds a denial", role.decl->name.text),
                      "a role only gives", "write the denial as an `acl` or a `guard`");
        continue;
      }
      if (!statement.subjects.empty()) {
        policy.report(diag::Code::SubjectInRole, statement.subjects.front().span,
                      fmt::format("the role `{}` says to whom", role.decl->name.text),
                      "a role has no subject", "a `bind` gives the role to somebody");
      }
      if (statement.resources.empty()) {
        policy.report(diag::Code::NoResource, statement.span, "this statement does not say on what",
                      "no resource is named", "write `on Topic \"orders\"` after the operations");
      }
      static_cast<void>(resolve_from(policy, statement.from));
      static_cast<void>(resolve_validity(policy, statement.conditions));
      static_cast<void>(resolve_resources(policy, statement.resources, &statement.operations,
                                          statement.effect, ir::ScopeId(0), &arguments));
      static_cast<void>(resolve_condition(policy, *role.file, statement.conditions,
                                          statement.effect,
                                          about(policy, statement.resources, ir::ScopeId(0)),
                                          &arguments, {}));
    }
  }
  if (role.decl->parameters.empty()) {
    Unfold unfold(policy);
    const ast::Path name{{role.decl->name}, role.decl->name.span};
    static_cast<void>(unfold.role(name, {}, *role.file, role.decl->name.span, nullptr, {}));
  }
}

// The level that a role belongs to is the lowest that its parts name.
std::optional<std::size_t> level_of(const Policy& policy, const std::vector<Piece>& pieces) {
  std::optional<std::size_t> lowest;
  for (const Piece& piece : pieces) {
    if (!piece.level) {
      continue;
    }
    const auto at = std::ranges::find(policy.levels, *piece.level);
    const auto height = static_cast<std::size_t>(at - policy.levels.begin());
    lowest = lowest ? std::max(*lowest, height) : height;
  }
  return lowest;
}

std::optional<ir::ScopeId> ancestor_at(const Policy& policy, ir::ScopeId scope,
                                       std::string_view level) {
  for (ir::ScopeId at = scope; at.valid(); at = policy.program().scopes[at.index].parent) {
    if (policy.program().text(policy.program().scopes[at.index].level) == level) {
      return at;
    }
  }
  return std::nullopt;
}

// Patterns of one kind: the names that both cover, as one of the two, or nothing.
std::optional<ir::PatternId> meet(const Policy& policy, ir::PatternId a, ir::PatternId b) {
  const auto covers = [&](ir::PatternId wide, ir::PatternId narrow) {
    const ir::Pattern& w = policy.program().patterns[wide.index];
    const ir::Pattern& n = policy.program().patterns[narrow.index];
    const std::string_view text = policy.program().text(w.text);
    const std::string_view inner = policy.program().text(n.text);
    return w.form == ir::PatternForm::Any ||
           (w.form == ir::PatternForm::Prefix && n.form != ir::PatternForm::Any &&
            inner.starts_with(text)) ||
           (w.form == n.form && text == inner);
  };
  if (covers(a, b)) {
    return b;
  }
  return covers(b, a) ? std::optional(a) : std::nullopt;
}

class Binding {
 public:
  Binding(Policy& policy, const ast::File& file, const ast::BindDecl& bind)
      : policy_(policy), file_(file), bind_(bind) {}

  void add() {
    const auto scope = policy_.scope(bind_.at);
    Unfold unfold(policy_);
    const bool sound =
        unfold.role(bind_.role, bind_.arguments, file_, bind_.role.span, nullptr, {});
    subjects_ = resolve_subjects(policy_, bind_.subjects, ast::Effect::Allow);
    from_ = resolve_from(policy_, bind_.from);
    validity_ = resolve_validity(policy_, bind_.conditions);
    ExprContext context = policy_.context(file_);
    const About asked = about(policy_, bind_.on, scope.value_or(ir::ScopeId(0)));
    context.resource_variable = asked.variable;
    context.kinds = asked.kinds;
    context.scope = asked.scope;
    own_ = check_when(bind_.conditions, context, policy_.sink);
    require_trust(policy_, file_, bind_.conditions, own_);
    if (!scope || !sound || !at_its_level(*scope, unfold.pieces)) {
      return;
    }
    scope_ = *scope;
    origin_ = policy_.origin(file_, bind_.span, bind_.role.text(), "");
    narrow_ = resolve_resources(policy_, bind_.on, nullptr, ast::Effect::Allow, scope_, nullptr);
    if (narrow_.size() != bind_.on.size()) {
      return;  // what is left of a mistake that was reported
    }
    std::vector<bool> used(narrow_.size());
    std::set<std::string> left_out;
    for (const Piece& piece : unfold.pieces) {
      add_piece(piece, used, left_out);
    }
    report_narrowing(used, left_out);
  }

 private:
  bool at_its_level(ir::ScopeId scope, const std::vector<Piece>& pieces) {
    const auto level = level_of(policy_, pieces);
    if (!level) {
      return true;
    }
    const std::string_view at = policy_.program().text(policy_.program().scopes[scope.index].level);
    if (at == policy_.levels[*level]) {
      return true;
    }
    const std::string& wanted = policy_.levels[*level];
    policy_.report(diag::Code::BoundAtWrongLevel, bind_.at ? bind_.at->span : bind_.span,
                   fmt::format("the role `{}` is one of {}s, `{}` is of level `{}`",
                               bind_.role.text(), wanted, policy_.scope_path(scope), at),
                   fmt::format("not a scope of level `{}`", wanted),
                   fmt::format("bind it at a scope of level `{}`", wanted));
    return false;
  }

  void add_piece(const Piece& piece, std::vector<bool>& used, std::set<std::string>& left_out) {
    model::Statement made;
    made.place = policy_.place(file_, bind_.span);
    made.effect = ir::Effect::Allow;
    made.scope = piece.level ? ancestor_at(policy_, scope_, *piece.level).value_or(scope_) : scope_;
    made.targets =
        resolve_resources(policy_, piece.statement->resources, &piece.statement->operations,
                          ast::Effect::Allow, made.scope, &piece.arguments);
    if (!bind_.on.empty()) {
      narrow(made.targets, used, left_out);
    }
    std::erase_if(made.targets, [&](model::Target& target) {
      return !keep_to_purpose(policy_, target);
    });
    if (made.targets.empty()) {
      return;
    }
    made.subjects = subjects_;
    const auto validity =
        meet(policy_, resolve_validity(policy_, piece.statement->conditions), validity_);
    if (!validity) {
      return;  // the role's part is over when the binding begins, or not yet there when it ends
    }
    made.validity = *validity;
    made.origin = origin_;
    made.role_origin = policy_.origin(*piece.file, piece.statement->span, bind_.role.text(), "");
    for (const ResolvedFrom& of_role : alternatives(resolve_from(policy_, piece.statement->from))) {
      for (const ResolvedFrom& of_bind : alternatives(from_)) {
        if (auto both = meet(policy_, of_role, of_bind)) {
          made.networks = std::move(both->networks);
          made.condition = condition_of(piece, made.scope, std::move(both->classes));
          policy_.unit.statements.push_back(made);
        }
      }
    }
  }

  ir::ConditionId condition_of(const Piece& piece, ir::ScopeId scope, TypedExpr classes) {
    std::vector<TypedExpr> more;
    if (!classes.insts.empty()) {
      more.push_back(std::move(classes));
    }
    if (!own_.insts.empty()) {
      more.push_back(own_);
    }
    return resolve_condition(policy_, *piece.file, piece.statement->conditions, ast::Effect::Allow,
                             about(policy_, piece.statement->resources, scope),
                             &piece.arguments, std::move(more));
  }

  // Only the kinds that `on` names, each under its pattern.
  void narrow(std::vector<model::Target>& targets, std::vector<bool>& used,
              std::set<std::string>& left_out) {
    std::vector<model::Target> out;
    for (const model::Target& target : targets) {
      bool named = false;
      for (std::size_t i = 0; i < narrow_.size(); ++i) {
        if (narrow_[i].kind != target.kind) {
          continue;
        }
        named = true;
        model::Target both = target;
        both.covers.clear();
        for (const model::Target::Cover& a : target.covers) {
          for (const model::Target::Cover& b : narrow_[i].covers) {
            const auto common = meet(policy_, a.pattern, b.pattern);
            if (common && !(a.within.valid() && b.within.valid())) {
              both.covers.push_back({*common, a.within.valid() ? a.within : b.within,
                                     a.scope.valid() ? a.scope : b.scope});
            }
          }
        }
        if (both.covers.empty()) {
          continue;
        }
        used[i] = true;
        if (take_both_away(i, target.except, both.except)) {
          out.push_back(std::move(both));
        }
      }
      if (!named) {
        left_out.emplace(policy_.program().text(policy_.program().kinds[target.kind.index].name));
      }
    }
    targets = std::move(out);
  }

  // What the role takes away and what the binding takes away is one set, so of one scope.
  bool take_both_away(std::size_t at, ir::PatternSetId of_role, ir::PatternSetId& except) {
    const ir::PatternSetId of_bind = narrow_[at].except;
    if (!of_role.valid() || !of_bind.valid()) {
      except = of_role.valid() ? of_role : of_bind;
      return true;
    }
    ir::PatternSet both = policy_.program().pattern_sets[of_role.index];
    const ir::PatternSet other = policy_.program().pattern_sets[of_bind.index];
    if (both.scope != other.scope) {
      policy_.report(diag::Code::ExceptOfScopes, bind_.on[at].span,
                     "the role and this binding take away names of different scopes",
                     "cannot be joined with the role's own `except`",
                     "bind the role at the smaller scope, without this `except`");
      return false;
    }
    both.name = {};
    both.patterns.insert(both.patterns.end(), other.patterns.begin(), other.patterns.end());
    except = policy_.builder().pattern_set(both);
    return true;
  }

  void report_narrowing(const std::vector<bool>& used, const std::set<std::string>& left_out) {
    for (std::size_t i = 0; i < narrow_.size() && narrow_.size() == bind_.on.size(); ++i) {
      if (!used[i]) {
        policy_.report(diag::Code::GivesNothing, bind_.on[i].span,
                       fmt::format("the role `{}` gives nothing on this", bind_.role.text()),
                       "no grant comes of it",
                       "take it off the `on`, or bind a role that speaks of this kind");
      }
    }
    const bool gives = std::ranges::find(used, true) != used.end();
    if (gives && !left_out.empty()) {
      policy_.report(
          diag::Code::LeftOut, bind_.role.span,
          fmt::format("this binding gives nothing of the role's {}", fmt::join(left_out, ", ")),
          "`on` names fewer kinds than the role",
          "nothing to do if that is meant; else name the kinds in `on` too");
    }
  }

  Policy& policy_;
  const ast::File& file_;
  const ast::BindDecl& bind_;
  ir::ScopeId scope_;
  ir::OriginId origin_;
  std::vector<ir::SubjectId> subjects_;
  ResolvedFrom from_;
  ir::ValidityId validity_;
  TypedExpr own_;  // the binding's own condition
  std::vector<model::Target> narrow_;
};

}  // namespace

void check_roles(Policy& policy) {
  declare_roles(policy);
  for (const auto& [name, role] : policy.roles) {
    check_role(policy, role.value);
  }
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      if (const auto* bind = std::get_if<ast::BindDecl>(&decl)) {
        Binding(policy, file, *bind).add();
      }
    }
  }
}

}  // namespace writ::check
