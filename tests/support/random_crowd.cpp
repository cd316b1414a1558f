// Many grants of one subject on one pattern, alike but for their constants: what the index of rows
// is made for, with everything that could make it wrong: operations, sets, validities and
// effects differ from row to row, tests share conjunctions with others, keys are missing or bad.
#include <fmt/format.h>

#include "tests/support/random_program.h"

namespace writ::tests {
namespace {

using ir::InstKind;

/// `leaf kind constant`, or something that no index knows.
struct Test {
  InstKind kind = InstKind::Eq;
  InstKind leaf = InstKind::LoadAttr;
  std::uint32_t attribute = 0;
  Type type;      // of the leaf
  Type constant;
  bool swapped = false;
};

class Crowd {
 public:
  Crowd(ir::Builder& builder, Random& random)
      : builder_(builder), program_(builder.program()), random_(random) {}

  void add(std::size_t rows) {
    like_.layer = random_.percent(80) ? ir::Layer::Grant : ir::Layer::Guard;
    like_.subject = subject();
    like_.kind = ir::KindId(random_.below(program_.kinds.size()));
    like_.pattern = random_.percent(60) ? builder_.pattern(ir::PatternForm::Any, {})
                                        : builder_.pattern(ir::PatternForm::Prefix, "a");
    like_.scope = ir::ScopeId(0);
    like_.origin = ir::OriginId(0);
    if (random_.percent(15)) like_.network = ir::NetworkId(random_.below(program_.networks.size()));
    sets(rows / 8 + 1);
    for (std::size_t count = random_.between(1, 3); count > 0; --count) shapes_.push_back(tests());
    const std::uint32_t last = program_.grants.empty() ? 0 : program_.grants.back().number;
    const std::size_t operations = program_.kinds[like_.kind.index].operations.size();
    const auto all = static_cast<std::uint32_t>((std::uint64_t{1} << operations) - 1);
    const std::uint32_t masks[] = {all, static_cast<std::uint32_t>(random_.next()) & all, 1};
    for (std::size_t at = 0; at < rows; ++at) {
      ir::Grant grant = like_;
      grant.number = static_cast<std::uint32_t>(random_.below(last + rows));
      grant.operations = random_.one_of(masks);
      const bool allows = grant.layer == ir::Layer::Grant && random_.percent(60);
      grant.effect = allows ? ir::Effect::Allow : ir::Effect::Deny;
      limit(grant);
      if (random_.percent(85)) grant.condition = condition(random_.one_of(shapes_));
      program_.grants.push_back(grant);
    }
  }

 private:
  ir::SubjectId subject() {
    if (random_.percent(40)) return ir::SubjectId(random_.below(program_.subjects.size()));
    ir::Subject everybody;
    everybody.form = ir::SubjectForm::Any;
    return builder_.subject(everybody);
  }

  void sets(std::size_t count) {
    static constexpr ir::PatternForm kForms[] = {ir::PatternForm::Literal, ir::PatternForm::Prefix,
                                                 ir::PatternForm::Suffix,
                                                 ir::PatternForm::Contains};
    for (; count > 0; --count) {
      ir::PatternSet set;
      set.name = builder_.string(fmt::format("crowd{}", count));
      set.kind = like_.kind;
      if (random_.percent(20)) set.scope = ir::ScopeId(random_.below(program_.scopes.size()));
      for (std::size_t of = random_.below(3) + 1; of > 0; --of) {
        std::string text = random_text(random_);
        if (text.empty()) text.push_back('b');
        set.patterns.push_back(builder_.pattern(random_.one_of(kForms), text));
      }
      sets_.push_back(builder_.pattern_set(set));
    }
  }

  void limit(ir::Grant& grant) {
    if (random_.percent(12)) grant.except = random_.one_of(sets_);
    if (random_.percent(12)) grant.within = random_.one_of(sets_);
    if (random_.percent(10)) {
      grant.validity = ir::ValidityId(random_.below(program_.validities.size()));
    }
  }

  std::vector<Test> tests() {
    std::vector<Test> all;
    for (std::size_t count = random_.between(1, 3); count > 0; --count) all.push_back(test());
    return all;
  }

  /// Scalars only: what an index can look up.
  Test leaf() {
    Test test;
    static constexpr InstKind kLeaves[] = {InstKind::PrincipalName, InstKind::PrincipalType,
                                           InstKind::ResourceName, InstKind::Host,
                                           InstKind::Host, InstKind::Host};
    if (random_.percent(35)) {
      test.leaf = random_.one_of(kLeaves);
      test.type = test.leaf == InstKind::Host ? kIp : kString;
      return test;
    }
    do {
      test.attribute = static_cast<std::uint32_t>(random_.below(program_.attributes.size()));
      test.type = program_.attributes[test.attribute].type;
    } while (test.type.set);
    test.type.optional = false;
    return test;
  }

  Test test() {
    Test test = leaf();
    test.constant = test.type;
    const std::size_t how = random_.below(100);
    if (how < 15) {
      test.kind = InstKind::Ne;
    } else if (how < 35) {
      test.kind = InstKind::InSet;
      test.constant.set = true;
    } else if (how < 65 && test.type == kString) {
      test.kind = InstKind::StartsWith;
    } else if (how < 80 && test.type == kIp) {
      test.kind = InstKind::InCidr;
      test.constant = kCidr;
    } else if (how < 90 && test.type == kIp) {
      test.kind = InstKind::InSet;
      test.constant = {TypeKind::Cidr, false, true};
    } else {
      test.swapped = random_.percent(30);
    }
    return test;
  }

  /// Often one of the few values that requests bring, else one of its own.
  Value value(Type type) {
    Value value = random_value(program_, type, random_);
    if (type.set || random_.percent(60)) return value;
    if (type == kString) value.text = fmt::format("{}{}", value.text, random_.below(10'000));
    if (type == kInt) value.integer = static_cast<std::int64_t>(random_.below(10'000));
    return value;
  }

  ir::ConditionId condition(const std::vector<Test>& all) {
    std::vector<ir::Inst> insts;
    std::vector<Value> constants;
    const auto emit = [&insts](InstKind kind, Type type, std::uint32_t a, std::uint32_t b) {
      insts.push_back({kind, type, a, b, 0});
      return static_cast<std::uint32_t>(insts.size() - 1);
    };
    std::uint32_t joined = 0;
    for (const Test& test : all) {
      const auto constant = [&] {
        constants.push_back(value(test.constant));
        return emit(InstKind::Const, test.constant,
                    static_cast<std::uint32_t>(constants.size() - 1), 0);
      };
      const auto leaf = [&] { return emit(test.leaf, test.type, test.attribute, 0); };
      const std::uint32_t a = test.swapped ? constant() : leaf();
      const std::uint32_t b = test.swapped ? leaf() : constant();
      const std::uint32_t own = emit(test.kind, kBool, a, b);
      joined = &test == all.data() ? own : emit(InstKind::And, kBool, joined, own);
    }
    if (random_.percent(10)) {
      const std::uint32_t own =
          emit(InstKind::Covered, kBool, random_.one_of(sets_).index, 0);
      joined = emit(random_.percent(70) ? InstKind::And : InstKind::Or, kBool, joined, own);
    }
    return builder_.condition(std::move(insts), std::move(constants));
  }

  ir::Builder& builder_;
  ir::Program& program_;
  Random& random_;
  ir::Grant like_;
  std::vector<ir::PatternSetId> sets_;
  std::vector<std::vector<Test>> shapes_;
};

}  // namespace

void add_crowd(ir::Builder& builder, Random& random, std::size_t rows) {
  Crowd(builder, random).add(rows);
}

}  // namespace writ::tests
