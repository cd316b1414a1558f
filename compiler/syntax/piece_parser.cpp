#include "compiler/syntax/piece_parser.h"

namespace writ::syntax {

/// Notes the first mistake and gives up: recovery is by pieces, not by ANTLR's guesses.
class FirstMistake final : public antlr4::BailErrorStrategy {
 public:
  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) override {
    note(parser, error.getOffendingToken());
  }
  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    note(parser, parser->getCurrentToken());
    return antlr4::BailErrorStrategy::recoverInline(parser);
  }
  void clear() {
    noted_ = false;
    mistake_ = {};
  }
  [[nodiscard]] const Mistake& mistake() const { return mistake_; }
  [[nodiscard]] bool noted() const { return noted_; }

 private:
  void note(antlr4::Parser* parser, const antlr4::Token* offending) {
    if (noted_)
      return;
    noted_ = true;
    mistake_.token = offending == nullptr ? 0 : offending->getTokenIndex();
    // Prediction may have looked past the place where the parser stands; what it expected there
    // says nothing about the token that it stumbled over.
    if (offending == parser->getCurrentToken()) {
      for (const ssize_t type : parser->getExpectedTokens().toList()) {
        mistake_.expected.push_back(static_cast<std::size_t>(type));
      }
    }
    const antlr4::ParserRuleContext* context = parser->getContext();
    mistake_.rule_starts_here = context != nullptr && context->start == offending;
    for (const auto* at = static_cast<const antlr4::RuleContext*>(context); at != nullptr;
         at = dynamic_cast<const antlr4::RuleContext*>(at->parent)) {
      mistake_.rules.push_back(at->getRuleIndex());
      if (at->getRuleIndex() == WritParser::RuleDeclaration) {
        const auto* begin = dynamic_cast<const antlr4::ParserRuleContext*>(at);
        if (begin != nullptr && begin->start != nullptr)
          mistake_.declaration = begin->start->getTokenIndex();
      }
    }
  }

  bool noted_ = false;
  Mistake mistake_;
};

PieceParser::PieceParser(const std::vector<Token>& tokens)
    : stream_(tokens), parser_(&stream_), strategy_(std::make_shared<FirstMistake>()) {
  parser_.removeErrorListeners();
  parser_.setErrorHandler(strategy_);
}

PieceParser::~PieceParser() = default;

void PieceParser::begin(Prediction prediction) {
  using antlr4::atn::ParserATNSimulator;
  using antlr4::atn::PredictionMode;
  strategy_->clear();
  stream_.seek(0);
  parser_.setTokenStream(&stream_);
  parser_.getInterpreter<ParserATNSimulator>()->setPredictionMode(
      prediction == Prediction::Sll ? PredictionMode::SLL : PredictionMode::LL);
}

void PieceParser::finish() {
  mistake_ = strategy_->mistake();
  if (!strategy_->noted())
    mistake_.token = 0;
  mistake_.token += piece_.begin;
  mistake_.declaration += piece_.begin;
}

}  // namespace writ::syntax
