#include "tests/conformance/panel.h"

#include "compiler/pack/pack.h"
#include "runtime/api/include/writ/writ.h"
#include "runtime/crypto/keys.h"
#include "runtime/reference/reference.h"
#include "tests/conformance/c_client.h"

#include <map>

namespace writ::conformance {

void Panel::CFree::operator()(writ_engine* engine) const {
  writ_engine_free(engine);
}

Panel::Panel() {
  EngineOptions options;
  options.tier = Tier::Interpreter;
  interpreter_ = Engine::create(options);
  options.tier = Tier::Native;
  native_ = Engine::create(options);
  writ_engine* engine = nullptr;
  if (writ_engine_new(nullptr, 0, 1, &engine) == WRIT_OK) {
    c_.reset(engine);
  }
  if (auto key = crypto::new_key()) {
    private_key_ = key->private_pem;
    public_key_ = key->public_pem;
  }
}

Panel::~Panel() = default;

Status Panel::load(ir::Program program) {
  ++version_;
  const std::array<std::string, 1> keys = {private_key_};
  pack::PackOptions pack_options;
  pack_options.version = version_;
  pack_options.private_keys_pem = keys;
  WRIT_ASSIGN(bundle, pack::pack(program, pack_options));
  const TrustOptions trust{{public_key_}, 1};
  WRIT_TRY(interpreter_->load(bundle, trust));
  WRIT_TRY(native_->load(bundle, trust));
  WRIT_TRY(c_load(c_.get(), bundle, public_key_));
  // A build without native code asks the interpreter twice.
  const Status native = native_->await_native();
  if (!native && native.error().code != ErrorCode::Unsupported) return native;
  static_cast<void>(writ_engine_await_native(c_.get(), nullptr, 0));
  program_ = std::move(program);
  return {};
}

std::vector<Answers> Panel::ask(std::span<const Question> questions) const {
  std::vector<Answers> answers(questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const Question& q = questions[i];
    const auto interpreted = interpreter_->open(q.session);
    const auto native = native_->open(q.session);
    if (q.any_resource) {
      answers[i][0] = reference::any_resource(program_, q.session, q.request);
      answers[i][1] = interpreter_->any_resource(*interpreted, q.request.kind, q.request.operation);
      answers[i][2] = native_->any_resource(*native, q.request.kind, q.request.operation);
      answers[i][3] = answers[i][2];  // there is no batch of this question
    } else {
      answers[i][0] = reference::decide(program_, q.session, q.request);
      answers[i][1] = interpreter_->authorize(*interpreted, q.request);
      answers[i][2] = native_->authorize(*native, q.request);
    }
    answers[i][4] = c_ask(c_.get(), q);
  }
  ask_batch(questions, answers);
  return answers;
}

// A batch is of one session: questions are gathered by who asks from where.
void Panel::ask_batch(std::span<const Question> questions, std::vector<Answers>& answers) const {
  std::map<std::string, std::vector<std::size_t>> by_session;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const Question& q = questions[i];
    if (q.any_resource) {
      continue;
    }
    // Facts beyond these make the question one of its own.
    const bool alone = !q.session.attributes.empty() || !q.request.attributes.empty();
    by_session[q.session.principal_type + '\0' + q.session.principal_name + '\0' +
               q.session.host.value_or("?") + '\0' + q.session.scope + '\0' +
               std::to_string(q.request.time_us.value_or(0)) + '\0' + q.request.scope +
               (alone ? '\0' + std::to_string(i) : "")]
        .push_back(i);
  }
  for (const auto& [key, positions] : by_session) {
    const auto session = native_->open(questions[positions.front()].session);
    std::vector<std::unique_ptr<Resource>> resources;
    std::vector<Ask> asks;
    for (const std::size_t at : positions) {
      const RequestFacts& request = questions[at].request;
      resources.push_back(native_->resource(request.kind, request.name));
      Ask ask;
      ask.resource = resources.back().get();
      ask.operation = native_->operation(request.kind, request.operation).value_or(0xFFFF'FFFF);
      ask.attributes = &request.attributes;
      ask.time_us = request.time_us;
      asks.push_back(ask);
    }
    std::vector<Decision> decisions(asks.size());
    native_->authorize_batch(*session, asks, decisions);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      answers[positions[i]][3] = decisions[i];
    }
  }
}

Because Panel::explain(const Question& question, const Decision& decision) const {
  const auto session = native_->open(question.session);
  return native_->explain(*session, question.request, decision);
}

}  // namespace writ::conformance
