#include "compiler/syntax/split.h"

#include "WritLexer.h"

#include <algorithm>

namespace writ::syntax {
namespace {

using L = WritLexer;
using Tokens = std::vector<Token>;

std::uint16_t type_at(const Tokens& tokens, std::size_t at) {
  return at < tokens.size() ? tokens[at].type : std::uint16_t{0};
}

bool is_word(std::uint16_t type) {
  return type == L::LOWER || type == L::UPPER || (type >= L::PACKAGE && type <= L::MANAGEMENT);
}

bool is_name(std::uint16_t type) {
  return is_word(type) || type == L::STRING;
}

/// The words that begin a declaration, not a clause of one.
bool is_declaration_word(std::uint16_t type) {
  switch (type) {
    case L::OTHERWISE:
    case L::LOAD:
    case L::ROWS:
    case L::SHA256:
    case L::OBSERVE:
    case L::UNLISTED:
    case L::ROUTE:
    case L::REDACT:
    case L::COALESCE:
    case L::WITHIN:
    case L::GIVEN:
    case L::TRUST:
    case L::TYPE:
    case L::IMPLIES:
      return false;
    default:
      return type >= L::PACKAGE && type <= L::MANAGEMENT;
  }
}

bool is_bracket_open(std::uint16_t type) {
  return type == L::LBRACE || type == L::LPAREN || type == L::LBRACKET;
}

/// Whether a declaration or item can end with this token.
bool can_end(std::uint16_t type) {
  switch (type) {
    case L::ANY:
    case L::TRUE:
    case L::FALSE:
    case L::PRINCIPAL_NAME:
    case L::STRING:
    case L::INT:
    case L::VERSION:
    case L::ADDRESS:
    case L::SUBNET:
    case L::DATE:
    case L::DATETIME:
    case L::DURATION:
    case L::RBRACE:
    case L::RPAREN:
    case L::RBRACKET:
    case L::QUESTION:
    case L::STAR:
    // `because deny`, `because allow`
    case L::ALLOW:
    case L::DENY:
    case L::OPEN_STRING:
      return true;
    default:
      return is_word(type);
  }
}

/// `Read, Write on Topic implies Describe`
bool begins_imply(const Tokens& tokens, std::size_t at) {
  while (is_word(type_at(tokens, at)) && type_at(tokens, at + 1) == L::COMMA)
    at += 2;
  const std::uint16_t kind = type_at(tokens, at + 2);
  return is_word(type_at(tokens, at)) && type_at(tokens, at + 1) == L::ON &&
         (kind == L::ANY || is_word(kind)) && type_at(tokens, at + 3) == L::IMPLIES;
}

/// `organization acme {`   `cluster payments = "lkc-1"`
bool begins_scope(const Tokens& tokens, std::size_t at) {
  const std::uint16_t after = type_at(tokens, at + 2);
  return is_name(type_at(tokens, at + 1)) &&
         (after == L::LBRACE || (after == L::ASSIGN && type_at(tokens, at + 3) == L::STRING));
}

bool begins_policy(const Tokens& tokens, std::size_t at) {
  const std::uint16_t one = type_at(tokens, at + 1);
  const std::uint16_t two = type_at(tokens, at + 2);
  switch (tokens[at].type) {
    case L::PACKAGE:
    case L::MODEL:
    case L::USE:
    case L::INCLUDE:
    case L::BIND:
    case L::GUARD:
      return is_name(one);
    case L::EDITION:
      return one == L::INT;
    case L::NETWORK:
      return is_name(one) && (two == L::AT || two == L::ASSIGN || two == L::OTHERWISE);
    case L::GROUP:
      return is_name(one) && two == L::ASSIGN;
    case L::EXTERNAL:
      return one == L::GROUP;
    case L::INFRASTRUCTURE:
      return one == L::AT || one == L::ASSIGN || one == L::OPERATIONS;
    case L::SUPERUSERS:
      return one == L::AT || one == L::ASSIGN;
    case L::ROLE:
      return is_name(one) && (two == L::LPAREN || two == L::LBRACE || two == L::STRING);
    case L::ACL:
      return one == L::AT || one == L::LBRACE || is_name(one);
    case L::TAG:
      return is_name(one) && (two == L::AT || two == L::ON);
    case L::KEY:
      return is_name(one) && (two == L::AT || two == L::LBRACE);
    case L::PROTECT:
      return is_word(one) || one == L::ANY;
    case L::DEFAULT:
      return one == L::ALLOW;
    case L::TEST:
      return one == L::STRING;
    case L::CONFLICT:
      return is_name(one) || one == L::LBRACE;
    case L::INVARIANT:
    case L::FUN:
      return is_word(one);
    case L::AUDIT:
      return one == L::LBRACE || (one == L::STRING && two == L::LBRACE);
    default:
      return false;
  }
}

bool begins_model(const Tokens& tokens, std::size_t at) {
  const std::uint16_t one = type_at(tokens, at + 1);
  const std::uint16_t two = type_at(tokens, at + 2);
  switch (tokens[at].type) {
    case L::PRINCIPAL:
      return one == L::TYPE || (is_word(one) && two == L::ASSIGN);
    case L::UNAUTHENTICATED:
      return one == L::PRINCIPAL_NAME;
    case L::LEVEL:
    case L::OPERATION:
      return is_word(one);
    case L::KIND:
      return is_word(one) && (two == L::ASSIGN || two == L::LBRACE || two == L::AS);
    case L::EXTEND:
      return one == L::KIND;
    case L::OPERATIONS:
    case L::ENUM:
      return is_word(one) && two == L::ASSIGN;
    case L::PURPOSE:
      return is_name(one) && two == L::ASSIGN;
    case L::ALGORITHM:
      return is_name(one) && (two == L::ASSIGN || two == L::COMMA);
    case L::PROVIDER:
      return is_name(one) && two == L::MATCHES;
    case L::ATTRIBUTE:
      return is_name(one) && (two == L::DOT || two == L::COLON);
    case L::MANAGEMENT:
      return one == L::ASSIGN;
    default:
      return false;
  }
}

Block block_of(std::uint16_t type) {
  switch (type) {
    case L::ACL:
      return Block::Acl;
    case L::GUARD:
      return Block::Guard;
    case L::ROLE:
      return Block::Role;
    case L::KEY:
      return Block::Key;
    case L::AUDIT:
      return Block::Audit;
    case L::TEST:
      return Block::Test;
    default:
      return Block::None;
  }
}

/// The token after `at`, or after the bracket that `at` opens.
std::size_t step(const Tokens& tokens, std::size_t at, std::size_t end) {
  if (!is_bracket_open(tokens[at].type))
    return at + 1;
  const std::size_t partner = tokens[at].partner;
  // A bracket that nothing closes has the cut as its partner, which is no token of this piece.
  const bool closed = partner < tokens.size() && !is_bracket_open(tokens[partner].type) &&
                      (tokens[partner].type == L::RBRACE || tokens[partner].type == L::RPAREN ||
                       tokens[partner].type == L::RBRACKET);
  return std::min(end, closed && !tokens[at].spoiled ? partner + 1 : std::max(partner, at + 1));
}

bool begins_here(const Tokens& tokens, std::size_t start, std::size_t at) {
  if (!begins_declaration(tokens, at))
    return false;
  const std::uint16_t before = type_at(tokens, at - 1);
  // `group group = …`: the word after the first is its name; so is the one after `external group`.
  if (at == start + 1 || (at == start + 2 && tokens[start].type == L::EXTERNAL))
    return false;
  return tokens[at].line_start || can_end(before);
}

bool begins_item(const Tokens& tokens, std::size_t start, std::size_t at, Block block) {
  const std::uint16_t type = tokens[at].type;
  const std::uint16_t before = type_at(tokens, at - 1);
  const std::uint16_t one = type_at(tokens, at + 1);
  switch (block) {
    case Block::None:
      return false;
    case Block::Acl:
    case Block::Guard:
      return (type == L::ALLOW || type == L::DENY) && before != L::DOT;
    case Block::Key:
      if ((type == L::ALLOW || type == L::DENY) && before != L::DOT)
        return true;
      // `purpose purpose`: the word after the first is its value.
      return type == L::PURPOSE && is_word(one) && can_end(before) && at > start + 1;
    case Block::Role:
      if (type == L::ALLOW || type == L::DENY)
        return before != L::DOT;
      if (type == L::INCLUDE)
        return is_name(one) && can_end(before);
      return type == L::AT && is_word(one) && type_at(tokens, at + 2) == L::LBRACE;
    case Block::Audit:
      if (type != L::LEVEL && type != L::ROUTE && type != L::REDACT && type != L::COALESCE)
        return false;
      return can_end(before) && at > start + 1 &&
             (is_name(one) || one == L::ALLOW || one == L::DENY || one == L::ANY);
    case Block::Test:
      if (type == L::PRINCIPAL_NAME)
        return can_end(before);
      return type == L::GIVEN && is_name(one) && can_end(before) && before != L::GUARD;
  }
  return false;
}

}  // namespace

bool begins_declaration(const Tokens& tokens, std::size_t at) {
  const std::uint16_t type = tokens[at].type;
  // At the begin of a line a word with a name behind it is a declaration, if perhaps a broken one.
  if (tokens[at].line_start && is_declaration_word(type) && is_name(type_at(tokens, at + 1)))
    return true;
  if (type == L::LOWER || type == L::UPPER)
    return begins_scope(tokens, at) || begins_imply(tokens, at);
  return begins_policy(tokens, at) || begins_model(tokens, at) ||
         (is_word(type) && begins_imply(tokens, at));
}

Cut cut_declaration(const Tokens& tokens, std::size_t start) {
  Cut cut;
  cut.piece = {start, tokens.size()};
  cut.block = block_of(tokens[start].type);
  std::size_t at = start;
  while (at < tokens.size()) {
    if (at > start && begins_here(tokens, start, at))
      break;
    if (tokens[at].type == L::LBRACE && cut.block != Block::None) {
      const std::size_t after = step(tokens, at, tokens.size());
      cut.piece.end = at;
      cut.has_body = true;
      const bool closed = !tokens[at].spoiled;
      cut.body = {at + 1, closed ? after - 1 : after};
      cut.next = after;
      return cut;
    }
    at = step(tokens, at, tokens.size());
  }
  cut.piece.end = at;
  cut.next = at;
  return cut;
}

std::size_t cut_item(const Tokens& tokens, std::size_t start, std::size_t end, Block block) {
  std::size_t at = step(tokens, start, end);
  while (at < end && !begins_item(tokens, start, at, block))
    at = step(tokens, at, end);
  return std::min(at, end);
}

}  // namespace writ::syntax
