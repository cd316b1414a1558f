// Rows of data files → grants, and what is said of rows and files that have mistakes.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "compiler/lower/data_rows.h"
#include "runtime/ir/print.h"

namespace writ::lower {
namespace {

/// A row with one field replaced, as JSON.
struct Row {
  std::string principal = "User:ann";
  std::string host = "*";
  std::string operation = "Read";
  std::string permission = "Allow";
  std::string kind = "Topic";
  std::string pattern = "Literal";
  std::string name = "t";

  [[nodiscard]] std::string json() const {
    return R"({"principal":")" + principal + R"(","host":")" + host + R"(","operation":")" +
           operation + R"(","permission":")" + permission + R"(","resourceType":")" + kind +
           R"(","patternType":")" + pattern + R"(","resourceName":")" + name + "\"}\n";
  }
};

class DataRows : public testing::Test {
 protected:
  DataRows() {
    builder_.program().principal_types.push_back(
        {builder_.string("User"), {}, {}, builder_.string("*")});
    add_kind("Topic", {"Read", "Write", "DescribeConfigs"});
    add_kind("TransactionalId", {"Write", "Describe"});
    std::string name = std::filesystem::temp_directory_path() / "writ-rows-XXXXXX";
    folder_ = mkdtemp(name.data());
    file_.path = folder_ / "rows.jsonl";
    file_.display = "rows.jsonl";
  }
  ~DataRows() override { std::filesystem::remove_all(folder_); }

  void load(const std::string& text) {
    std::ofstream(file_.path, std::ios::binary) << text;
    load();
  }
  void load() {
    next_ = load_rows(file_, 7, builder_, sink_);
    for (const ir::Grant& grant : builder_.program().grants) {
      grants_.push_back(ir::grant_text(builder_.program(), grant));
    }
    for (const diag::Diag& diag : sink_.sorted()) {
      codes_.push_back(diag.code);
      messages_.push_back(diag.message);
      helps_.push_back(diag.help);
    }
  }
  [[nodiscard]] std::string packed(const std::string& text) const {
    const std::string path = folder_ / "packed.gz";
    gzFile out = gzopen(path.c_str(), "wb");
    gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
    gzclose(out);
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  const ir::Network& network_of(std::size_t grant) {
    const ir::Program& program = builder_.program();
    return program.networks[program.grants[grant].network.index];
  }

  std::filesystem::path folder_;
  DataFile file_;
  ir::Builder builder_;
  diag::Sink sink_;
  std::uint32_t next_ = 0;
  std::vector<std::string> grants_, messages_, helps_;
  std::vector<diag::Code> codes_;

 private:
  void add_kind(const char* name, const std::vector<const char*>& operations) {
    ir::Kind kind;
    kind.name = builder_.string(name);
    for (const char* operation : operations) {
      ir::Operation of;
      of.name = builder_.string(operation);
      kind.operations.emplace_back(
          static_cast<std::uint32_t>(builder_.program().operations.size()));
      builder_.program().operations.push_back(of);
      kind.implied_by.push_back(1U << (kind.operations.size() - 1));
    }
    builder_.program().kinds.push_back(kind);
  }
};
using Texts = std::vector<std::string>;
using Codes = std::vector<diag::Code>;

TEST_F(DataRows, BecomeGrantsInTheirOrder) {
  load(Row{}.json() + "\n" + Row{.host = "10.0.0.1", .operation = "Write"}.json() +
       Row{.operation = "Describe", .kind = "TransactionalId", .name = "x"}.json());
  EXPECT_EQ(grants_, (Texts{"allow Read on Topic \"t\" to User:ann",
                            "allow Write on Topic \"t\" to User:ann from 10.0.0.1",
                            "allow Describe on TransactionalId \"x\" to User:ann"}));
  EXPECT_EQ(codes_, Codes{});
  EXPECT_EQ(next_, 10U);
  const auto& grants = builder_.program().grants;
  ASSERT_EQ(grants.size(), 3U);
  EXPECT_EQ(grants[0].line, 1U);
  EXPECT_EQ(grants[1].line, 3U);
  EXPECT_EQ(grants[1].number, 8U);
}

TEST_F(DataRows, NeedNoLastNewlineAndMayEndInCrLf) {
  std::string text = Row{}.json() + Row{.name = "u"}.json();
  text.pop_back();
  text.insert(text.find('\n'), "\r");
  load(text + "\r");
  EXPECT_EQ(grants_, (Texts{"allow Read on Topic \"t\" to User:ann",
                            "allow Read on Topic \"u\" to User:ann"}));
  EXPECT_EQ(codes_, Codes{});
}

TEST_F(DataRows, MaySpellNamesInUpperSnakeCase) {
  load(Row{.operation = "DESCRIBE_CONFIGS", .permission = "ALLOW", .kind = "TOPIC",
           .pattern = "PREFIXED"}.json() +
       Row{.operation = "describe", .kind = "TRANSACTIONAL_ID", .pattern = "LITERAL"}.json());
  EXPECT_EQ(grants_, (Texts{"allow DescribeConfigs on Topic \"t\"* to User:ann",
                            "allow Describe on TransactionalId \"t\" to User:ann"}));
  EXPECT_EQ(codes_, Codes{});
}

TEST_F(DataRows, KnowTheStarsOfKafka) {
  load(Row{.principal = "User:*"}.json() + Row{.principal = "Group:*"}.json() +
       Row{.name = "*"}.json() + Row{.pattern = "Prefixed", .name = "*"}.json() +
       Row{.principal = "User:CN=a:b"}.json());
  EXPECT_EQ(codes_, Codes{});
  const ir::Program& program = builder_.program();
  ASSERT_EQ(program.grants.size(), 5U);
  const auto subject = [&](std::size_t i) {
    return program.subjects[program.grants[i].subject.index];
  };
  EXPECT_EQ(subject(0).form, ir::SubjectForm::Any);
  EXPECT_EQ(subject(1).form, ir::SubjectForm::Principal);
  EXPECT_EQ(program.text(subject(4).name), "CN=a:b");
  const auto pattern = [&](std::size_t i) {
    return program.patterns[program.grants[i].pattern.index];
  };
  EXPECT_EQ(pattern(2).form, ir::PatternForm::Any);
  EXPECT_EQ(pattern(3).form, ir::PatternForm::Prefix);
  EXPECT_EQ(program.text(pattern(3).text), "*");
}

TEST_F(DataRows, OfAllOperationsAllowThoseKnownAndDenyLaterOnesToo) {
  file_.rows = {2, 2};
  load(Row{.operation = "All"}.json() + Row{.operation = "ALL", .permission = "DENY"}.json());
  EXPECT_EQ(codes_, Codes{});
  ASSERT_EQ(builder_.program().grants.size(), 2U);
  EXPECT_EQ(builder_.program().grants[0].operations, 7U);
  EXPECT_EQ(builder_.program().grants[1].operations, 0xFFFF'FFFFU);
}

TEST_F(DataRows, CompareHostsAsBrokersDo) {
  load(Row{.host = "10.1.2.3/8"}.json() + Row{.host = "2001:db8:0:0:0:0:0:1"}.json() +
       Row{.host = "fe80:0:0:0:0:0:0:1%eth0"}.json() + Row{.host = "2001:db8::/32"}.json());
  EXPECT_EQ(codes_, Codes{});
  ASSERT_EQ(builder_.program().grants.size(), 4U);
  EXPECT_EQ(network_of(0).form, ir::NetworkForm::Cidr);
  EXPECT_EQ(to_text(network_of(0).cidr), "10.0.0.0/8");
  EXPECT_EQ(network_of(1).form, ir::NetworkForm::Exact);
  EXPECT_EQ(network_of(2).form, ir::NetworkForm::Text);
  EXPECT_EQ(network_of(3).form, ir::NetworkForm::Cidr);
}

struct Host {
  const char* name;
  const char* host;
  const char* help;
};
void PrintTo(const Host& one, std::ostream* out) { *out << one.name; }
class DataHosts : public DataRows, public testing::WithParamInterface<Host> {};

TEST_P(DataHosts, ThatNeverMatchAreAWarningOfAnAllow) {
  load(Row{.host = GetParam().host}.json());
  EXPECT_EQ(codes_, Codes{diag::Code::NeverMatchingHost});
  EXPECT_EQ(messages_, Texts{std::string("rows.jsonl:1: field `host`: the row never matches: no "
                                         "client's host is `") + GetParam().host + "`"});
  EXPECT_EQ(helps_, Texts{GetParam().help});
  ASSERT_EQ(builder_.program().grants.size(), 1U);
  EXPECT_EQ(network_of(0).form, ir::NetworkForm::Never);
}
TEST_P(DataHosts, ThatNeverMatchAreAnErrorOfADenial) {
  file_.rows = {1, 1};
  load(Row{.host = GetParam().host, .permission = "Deny"}.json());
  EXPECT_EQ(codes_, Codes{diag::Code::NeverMatchingDeny});
  EXPECT_EQ(grants_, Texts{});
}
TEST_P(DataHosts, ThatNeverMatchAreTakenAsKafkaTakesThem) {
  file_.as_kafka = true;
  file_.rows = {1, 1};
  load(Row{.host = GetParam().host, .permission = "Deny"}.json());
  EXPECT_EQ(codes_, Codes{});
  ASSERT_EQ(builder_.program().grants.size(), 1U);
  EXPECT_EQ(network_of(0).form, ir::NetworkForm::Never);
}

constexpr const char* kNoAddress = "write an address as the broker prints it, or a network";
INSTANTIATE_TEST_SUITE_P(
    Hosts, DataHosts,
    testing::Values(Host{"empty", "", kNoAddress}, Host{"name", "db.example.org", kNoAddress},
                    Host{"leading_zero", "010.0.0.1", kNoAddress},
                    Host{"wildcard", "10.0.0.*", kNoAddress},
                    Host{"network_too_long", "10.0.0.0/33", kNoAddress},
                    Host{"compressed", "2001:db8::1", "write `2001:db8:0:0:0:0:0:1`"},
                    Host{"upper_case", "2001:DB8:0:0:0:0:0:1", "write `2001:db8:0:0:0:0:0:1`"},
                    Host{"mapped", "::ffff:10.0.0.1", "write `10.0.0.1`"}),
    [](const auto& one) { return one.param.name; });

struct Mistake {
  const char* name;
  std::string row;
  const char* message;  // behind `rows.jsonl:2: `
};
void PrintTo(const Mistake& one, std::ostream* out) { *out << one.name; }
class DataMistakes : public DataRows, public testing::WithParamInterface<Mistake> {};

TEST_P(DataMistakes, NameFileLineAndField) {
  load(Row{}.json() + GetParam().row + Row{.name = "u"}.json());
  EXPECT_EQ(codes_, Codes{diag::Code::MalformedRow});
  EXPECT_EQ(messages_, Texts{std::string("rows.jsonl:2: ") + GetParam().message});
  // The rows around it stand, and it keeps its number.
  EXPECT_EQ(grants_.size(), 2U);
  EXPECT_EQ(next_, 10U);
}

std::string replaced(const std::string& what, const std::string& by) {
  std::string row = Row{}.json();
  return row.replace(row.find(what), what.size(), by);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, DataMistakes,
    testing::Values(
        Mistake{"array", "[]\n",
                "not a JSON object (The JSON element does not have the requested type.)"},
        Mistake{"unknown_field", replaced("\"host\"", "\"hosts\""),
                "field `hosts`: rows have no such field"},
        Mistake{"missing_field", replaced("\"host\":\"*\",", ""), "field `host`: missing"},
        Mistake{"number", replaced("\"host\":\"*\"", "\"host\":1"), "field `host`: not one text"},
        Mistake{"null", replaced("\"host\":\"*\"", "\"host\":null"), "field `host`: not one text"},
        Mistake{"field_twice", replaced("\"host\":\"*\"", "\"host\":\"*\",\"host\":\"*\""),
                "field `host`: not one text"},
        Mistake{"permission", Row{.permission = "Any"}.json(),
                "field `permission`: `Any` is neither Allow nor Deny"},
        Mistake{"kind", Row{.kind = "Topics"}.json(),
                "field `resourceType`: there is no kind `Topics`"},
        Mistake{"pattern_type", Row{.pattern = "Match"}.json(),
                "field `patternType`: `Match` is neither Literal nor Prefixed"},
        Mistake{"operation", Row{.operation = "Describe"}.json(),
                "field `operation`: there is no operation `Describe` of a Topic"},
        Mistake{"principal", Row{.principal = "ann"}.json(),
                "field `principal`: `ann` is not `Type:name`"}),
    [](const auto& one) { return one.param.name; });

TEST_F(DataRows, OfASubtypeAreRefused) {
  builder_.program().principal_types.push_back(
      {builder_.string("ServiceAccount"), ir::PrincipalTypeId(0), {}});
  load(Row{.principal = "ServiceAccount:sa-1"}.json());
  EXPECT_EQ(grants_, Texts{});
  EXPECT_EQ(messages_, Texts{"rows.jsonl:1: field `principal`: `ServiceAccount` is a part of "
                             "`User`: no broker says it"});
}

TEST_F(DataRows, ThatAreNoJsonAreRefused) {
  std::string rows;
  for (const char* row : {"{", "{\"principal\":\"User:a\"", "x", "{} {}", "   "}) {
    rows += std::string(row) + "\n";
  }
  load(rows);
  EXPECT_EQ(grants_, Texts{});
  ASSERT_FALSE(messages_.empty());
  EXPECT_EQ(messages_.front().substr(0, 33), "rows.jsonl:1: not a JSON object (");
  EXPECT_EQ(sink_.errors(), 5U);
}

TEST_F(DataRows, SayOneMistakeEach) {
  load(Row{.principal = "ann", .operation = "x", .permission = "x", .kind = "x"}.json() +
       Row{.principal = "ann", .operation = "x", .pattern = "x"}.json());
  EXPECT_EQ(sink_.errors(), 2U);
}

TEST_F(DataRows, SayTheFirstTwentyMistakesAndCountTheRest) {
  std::string text;
  for (int i = 0; i < 25; ++i) {
    text += Row{.permission = "Any"}.json();
  }
  load(text);
  EXPECT_EQ(sink_.errors(), 21U);
  EXPECT_EQ(next_, 32U);
}

TEST_F(DataRows, ThatOnlyWarnStayWarningsHoweverMany) {
  std::string text;
  for (int i = 0; i < 25; ++i) {
    text += Row{.host = "h", .name = std::to_string(i)}.json();
  }
  load(text);
  EXPECT_EQ(sink_.errors(), 0U);
  EXPECT_EQ(sink_.warnings(), 21U);
  EXPECT_EQ(grants_.size(), 25U);
}

TEST_F(DataRows, ThatAreEqualCountOnce) {
  load(Row{}.json() + Row{.name = "u"}.json() + Row{.operation = "READ"}.json() + Row{}.json());
  EXPECT_EQ(grants_.size(), 2U);
  EXPECT_EQ(next_, 11U);
  EXPECT_EQ(codes_, Codes{diag::Code::RepeatedRows});
  EXPECT_EQ(messages_, Texts{"rows.jsonl: 2 rows are equal to an earlier one"});
}

TEST_F(DataRows, OfADenialAndAnAllowAreNotEqual) {
  file_.rows = {2, 2};
  load(Row{}.json() + Row{.permission = "Deny"}.json());
  EXPECT_EQ(grants_.size(), 2U);
  EXPECT_EQ(codes_, Codes{});
}

TEST_F(DataRows, ThatDenyWantAPin) {
  load(Row{.permission = "Deny"}.json() + Row{}.json());
  EXPECT_EQ(codes_, Codes{diag::Code::DenyNotPinned});
  EXPECT_EQ(messages_, Texts{"rows.jsonl holds 1 denial and is not pinned"});
  EXPECT_EQ(helps_, Texts{"write `rows 2..2` or `sha256 \"…\"` behind the name"});
}

TEST_F(DataRows, AreCountedAgainstTheirPin) {
  file_.rows = {2, 3};
  load(Row{}.json());
  EXPECT_EQ(codes_, Codes{diag::Code::RowsNotPinned});
  EXPECT_EQ(messages_, Texts{"rows.jsonl has 1 rows"});
}

// printf '{}\n' | sha256sum
constexpr const char* kEmptyObject =
    "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356";

TEST_F(DataRows, OfAnotherFileThanThePinnedAreNotRead) {
  file_.sha256 = std::string(64, '0');
  load("{}\n");
  EXPECT_EQ(codes_, Codes{diag::Code::RowsNotPinned});
  EXPECT_EQ(helps_, Texts{std::string("its SHA-256 is ") + kEmptyObject});
  EXPECT_EQ(next_, 7U);
}

TEST_F(DataRows, OfThePinnedFileAreRead) {
  file_.sha256 = kEmptyObject;
  load("{}\n");
  EXPECT_EQ(messages_, Texts{"rows.jsonl:1: field `principal`: missing"});
}

TEST_F(DataRows, MayBePacked) {
  load(packed(Row{}.json()));
  EXPECT_EQ(grants_, Texts{"allow Read on Topic \"t\" to User:ann"});
  EXPECT_EQ(codes_, Codes{});
}

TEST_F(DataRows, CutOffInThePackedFileAreRefused) {
  std::string rows;
  for (int i = 0; i < 1'000; ++i) {
    rows += Row{.name = std::to_string(i * 7919)}.json();
  }
  const std::string whole = packed(rows);
  for (const std::size_t cut : {1U, 8U, 100U}) {
    load(whole.substr(0, whole.size() - cut));
  }
  EXPECT_EQ(grants_, Texts{});
  EXPECT_EQ(sink_.errors(), 1U);  // the same words each time
  EXPECT_EQ(codes_.front(), diag::Code::DataUnreadable);
  EXPECT_EQ(messages_.front(), "rows.jsonl: ends in the middle of its compressed data");
}

TEST_F(DataRows, OfAFileThatIsMissingOrAFolderAreRefused) {
  load();
  EXPECT_EQ(messages_, Texts{"rows.jsonl: cannot be read: No such file or directory"});
  EXPECT_EQ(next_, 7U);
  std::filesystem::create_directory(file_.path);
  load();
  EXPECT_EQ(sink_.errors(), 2U);
  EXPECT_EQ(next_, 7U);
}

}  // namespace
}  // namespace writ::lower
