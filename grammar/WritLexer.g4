// Tokens of Writ (LANGUAGE.md section 2, "Lexical"; docs/language). The longest match wins, then
// the first rule. Words are split in two: the hard ones (clauses, operators) can only be names in
// quotes; the soft ones are names wherever they do not begin a statement (rule `word` of WritParser).
lexer grammar WritLexer;

// ── words that begin a clause or are operators ──
ALLOW: 'allow';
DENY: 'deny';
AT: 'at';
TO: 'to';
ON: 'on';
FROM: 'from';
WHEN: 'when';
UNLESS: 'unless';
SINCE: 'since';
UNTIL: 'until';
EXCEPT: 'except';
TAGGED: 'tagged';
AS: 'as';
WITH: 'with';
BECAUSE: 'because';
MAY: 'may';
ANY: 'any';
ALL: 'all';
AND: 'and';
OR: 'or';
NOT: 'not';
IN: 'in';
HAS: 'has';
CONTAINS: 'contains';
STARTS_WITH: 'startsWith';
ENDS_WITH: 'endsWith';
MATCHES: 'matches';
IF: 'if';
THEN: 'then';
ELSE: 'else';
TRUE: 'true';
FALSE: 'false';

// ── words that begin a statement, and names everywhere else ──
PACKAGE: 'package';
MODEL: 'model';
EDITION: 'edition';
USE: 'use';
INCLUDE: 'include';
NETWORK: 'network';
OTHERWISE: 'otherwise';
EXTERNAL: 'external';
GROUP: 'group';
INFRASTRUCTURE: 'infrastructure';
SUPERUSERS: 'superusers';
ROLE: 'role';
BIND: 'bind';
ACL: 'acl';
LOAD: 'load';
ROWS: 'rows';
SHA256: 'sha256';
TAG: 'tag';
GUARD: 'guard';
OBSERVE: 'observe';
KEY: 'key';
PROTECT: 'protect';
DEFAULT: 'default';
UNLISTED: 'unlisted';
TEST: 'test';
GIVEN: 'given';
CONFLICT: 'conflict';
INVARIANT: 'invariant';
FUN: 'fun';
AUDIT: 'audit';
ROUTE: 'route';
REDACT: 'redact';
COALESCE: 'coalesce';
WITHIN: 'within';
TRUST: 'trust';
PRINCIPAL: 'principal';
TYPE: 'type';
UNAUTHENTICATED: 'unauthenticated';
LEVEL: 'level';
OPERATION: 'operation';
OPERATIONS: 'operations';
KIND: 'kind';
EXTEND: 'extend';
IMPLIES: 'implies';
ENUM: 'enum';
ATTRIBUTE: 'attribute';
PURPOSE: 'purpose';
ALGORITHM: 'algorithm';
PROVIDER: 'provider';
MANAGEMENT: 'management';

// ── names ──
// User:alice   ServiceAccount:sa-1   User:"CN=alice,O=acme": one token, no space
PRINCIPAL_NAME: UpperStart IdPart* ('-' IdPart+)* ':' (NamePart | Quoted);
// Topic   CloudClusterAdmin   AES_256_GCM
UPPER: UpperStart IdPart* ('-' IdPart+)*;
// ledger-writers   t   _x: a hyphen belongs to the name, so minus stands between spaces
LOWER: LowerStart IdPart* ('-' IdPart+)*;

// ── literals ──
// "orders."   "a \"quoted\" word\n"   "\u{1F512}"
STRING: Quoted;
// a string that its line ends: reported
OPEN_STRING: '"' (Escape | ~["\\\r\n])* '\\'?;
// 8   900_000   -1
INT: '-'? Digit (Digit | '_')*;
// 1.2   4.4.1
VERSION: Digit+ '.' Digit+ ('.' Digit+)?;
// 10.1.2.3   ::1   2001:db8::1   ::ffff:10.0.0.1
ADDRESS: Dotted | Colons;
// 10.0.0.0/8   2001:db8::/32
SUBNET: (Dotted | Colons) '/' Digit+;
// 2026-12-20
DATE: Day;
// 2026-12-20T08:30:00Z   2026-12-20T08:30:00.5+01:00
DATETIME: Day 'T' [0-9:.]+ ('Z' | [+-] Digit Digit ':' Digit Digit)?;
// 365d   8h   1d12h   2y
DURATION: (Digit+ [ydhms])+;

// ── signs ──
LBRACE: '{';
RBRACE: '}';
LPAREN: '(';
RPAREN: ')';
LBRACKET: '[';
RBRACKET: ']';
COMMA: ',';
DOT: '.';
COLON: ':';
QUESTION: '?';
RANGE: '..';
RANGE_BELOW: '..<';
EQ: '==';
NE: '!=';
LE: '<=';
GE: '>=';
LT: '<';
GT: '>';
ASSIGN: '=';
PLUS: '+';
MINUS: '-';
STAR: '*';
ARROW: '->';

// ── between tokens ──
// a comment; `///` documents what follows
COMMENT: '//' ~[\r\n]* -> skip;
SPACE: [ \t\r\n]+ -> skip;

// What other languages write, as tokens of their own so that the message can name the cure.
SEMICOLON: ';';
FOREIGN: '&&' | '||' | '!' | '=>' | '&' | '|' | '=~' | '<>' | '\'' ~['\r\n]* '\''? | '#' ~[\r\n]* | '/*' (.*? '*/')?;
// anything else
UNEXPECTED: .;

fragment Digit: [0-9];
fragment Hex: [0-9a-fA-F];
fragment UpperStart: [\p{Lu}];
fragment LowerStart: [\p{Ll}\p{Lt}\p{Lm}\p{Lo}_];
fragment IdPart: [\p{L}\p{N}\p{Mn}_];
fragment NamePart: NameEnd ((NameEnd | [.@-])* NameEnd)?;
fragment NameEnd: [\p{L}\p{N}\p{Mn}_];
fragment Escape: '\\' ~[\r\n];
fragment Quoted: '"' (Escape | ~["\\\r\n])* '"';
fragment Dotted: Digit+ '.' Digit+ '.' Digit+ '.' Digit+;
// Contains `::`, or seven colons and more; what it means is checked when it is read.
fragment Colons: (Hex+ ':')* (Hex* '::' | Hex+ ':' Hex+ ':' Hex+ ':' Hex+ ':' Hex+ ':' Hex+ ':' Hex+ ':') (Hex+ ':')* (Hex+ | Dotted)?;
fragment Day: Digit Digit Digit Digit '-' Digit Digit '-' Digit Digit;
