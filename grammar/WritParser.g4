// The grammar of Writ. compiler/syntax cuts a file into declarations, and the bodies of blocks into
// statements, and parses each piece on its own from one of the entry rules below; so a mistake stays
// in its piece and memory does not grow with the file. A block is its head (`headPiece`), `{`, its
// items and `}`; every other declaration is one piece.
parser grammar WritParser;
options { tokenVocab = WritLexer; }

// ── entry rules: what compiler/syntax asks for ──
declarations: declaration+ EOF;
headPiece: (aclHead | guardHead | roleHead | keyHead | auditHead | testHead) EOF;  // guard tls-floor "PCI DSS 4.2.1" at acme
aclItems: statement* EOF;
roleItems: roleItem* EOF;
keyItems: keyItem* EOF;
auditItems: auditItem* EOF;
testItems: testItem* EOF;

declaration
  : packageDecl        // package acme "The acme streaming platform"
  | modelDecl          // model kafka 4.4 "Apache Kafka"
  | editionDecl        // edition 2026
  | useDecl            // use kafka
  | includeDecl        // include acme.teams.ledger, acme.teams.analytics
  | scopeDecl          // cluster payments = "lkc-682o6" { tier = dedicated }
  | networkDecl        // network private_link at prod = listener "PLINK"
  | groupDecl          // group sre = User:alice, oncall
  | privilegedDecl     // superusers at acme = User:root from 10.0.9.0/24
  | bindDecl           // bind Namespace("ledger") to ledger-writers at prod.payments
  | loadDecl           // acl at prod.analytics load "acls/analytics.jsonl" as kafka
  | tagDecl            // tag pci at prod on Topic "ledger."*
  | protectDecl        // protect Topic tagged pci at prod.payments with ledger-cmk
  | defaultDecl        // default allow when unlisted at prod.payments "moving from open"
  | laterDecl          // conflict custodians with CloudClusterAdmin "dual control"
  | principalTypeDecl  // principal ServiceAccount = User when name startsWith "sa-"
  | unauthenticatedDecl // unauthenticated User:ANONYMOUS
  | levelDecl          // level organization
  | operationDecl      // operation Read = 3
  | kindDecl           // kind Topic = 2 { Read, Write }
  | operationSetDecl   // operations reading = Read, Describe
  | infrastructureOperationsDecl // infrastructure operations ClusterAction on Cluster, Read on Topic
  | enumDecl           // enum SecurityProtocol = PLAINTEXT, SSL
  | attributeDecl      // attribute tls.version: Version? observed session
  | purposeDecl        // purpose encrypt-decrypt = Encrypt, Decrypt
  | algorithmDecl      // algorithm RSA_3072, RSA_4096 = encrypt-decrypt, sign-verify
  | providerDecl       // provider aws matches "arn:aws:kms:.*"
  | implyDecl          // Read, Write on Topic implies Describe
  ;

// ── the file ──
packageDecl: PACKAGE path STRING?;
modelDecl: MODEL word (VERSION | INT) STRING?;
editionDecl: EDITION INT;
useDecl: USE word (COMMA word)*;
includeDecl: INCLUDE path (COMMA path)*;

// ── where ──
// environment testdev { cluster sandbox = "lkc-1" { tier = basic, encryption = automatic } }
scopeDecl: level=(LOWER | UPPER) name (ASSIGN STRING)? (LBRACE scopeItem* RBRACE)?;
scopeItem
  : property COMMA?    # scopeProperty   // encryption = self-managed ledger-cmk
  | scopeDecl COMMA?   # scopeChild      // cluster sandbox = "lkc-1"
  ;
property: word ASSIGN propertyValue;
propertyValue
  : word word?         # wordsValue      // self-managed ledger-cmk
  | literal            # literalValue    // "us-west-2"
  ;
// network public otherwise   network peering at prod = listener "INTERNAL" and host in 10.20.0.0/16
networkDecl: NETWORK name (AT path)? (OTHERWISE | ASSIGN expr);

// ── who ──
groupDecl
  : GROUP name ASSIGN subjects   # closedGroup     // group sre = User:alice, User:bob, oncall
  | EXTERNAL GROUP name          # externalGroup   // external group contractors
  ;
privilegedDecl: (INFRASTRUCTURE | SUPERUSERS) (AT path)? ASSIGN subjects fromClause?;

// ── roles and who holds them ──
roleHead: ROLE name (LPAREN (parameter (COMMA parameter)*)? RPAREN)? STRING?;
parameter: word COLON word;
roleItem
  : includeRole                                        # roleInclude    // include DeveloperRead
  | AT word LBRACE (includeRole | statement)* RBRACE   # rolePart       // at organization { allow … }
  | statement                                          # roleStatement  // allow Read on Topic ns + "."*
  ;
includeRole: INCLUDE roleCall (COMMA roleCall)*;
roleCall: path arguments?;
arguments: LPAREN (expr (COMMA expr)*)? RPAREN;
// bind DeveloperRead to contractors at testdev on Topic "demo."* from 192.0.2.0/24 until 2027-01-01
bindDecl: BIND roleCall TO subjects (AT path)? (ON resources)? fromClause? conditions;

// ── grants ──
// acl A4 "who may write the ledger" at prod.payments
aclHead: ACL word? STRING? (AT path)?;
loadDecl: aclHead loadClause;
// load "acls.jsonl" rows 900_000..1_100_000 sha256 "…" as kafka
loadClause: LOAD STRING (ROWS INT (RANGE INT)?)? (SHA256 STRING)? (AS word)?;
// deny any except Read, Describe on Topic "audit."* to any except infrastructure
statement: (ALLOW | DENY) operations (ON resources)? (TO subjects)? fromClause? conditions;
tagDecl: TAG name (AT path)? ON resources;
guardHead: GUARD name STRING? (OBSERVE (UNTIL moment)?)? (AT path)?;
defaultDecl: DEFAULT ALLOW WHEN UNLISTED (AT path)? STRING?;

// ── pieces of statements ──
operations
  : ANY (EXCEPT word (COMMA word)*)?   # anyOperation     // any except Read, Describe
  | word (COMMA word)*                 # someOperations   // Read, Write
  ;
resources: resource (COMMA resource)*;
resource
  : ANY                                                                   # anyResource   // any
  | word pattern? (EXCEPT pattern (COMMA pattern)*)? (AS word)?           # kindResource  // Topic "a."* except tagged pci as t
  ;
pattern
  : STAR (STRING STAR?)?          # starPattern     // *   *"-changelog"   *"pii"*
  | piece (PLUS piece)* STAR?     # textPattern     // "orders"   "orders."*   ns + "."*
  | TAGGED path                   # taggedPattern   // tagged pci
  ;
piece
  : STRING      # textPiece        // "orders."
  | parameterName  # parameterPiece   // ns
  ;
subjects: subject (COMMA subject)*;
subject
  : PRINCIPAL_NAME except?   # principalSubject   // User:alice
  | ANY word? except?        # anySubject         // any   any Human   any except infrastructure
  | name except?             # namedSubject       // ledger-writers
  ;
except: EXCEPT subject (COMMA subject)*;
fromClause: FROM network (COMMA network)*;
network
  : ADDRESS    # addressNetwork   // 192.0.2.1
  | SUBNET     # subnetNetwork    // 10.0.0.0/8
  | name       # classNetwork     // private_link
  ;
// when a unless b trust since 2026-01-01 until 2027-01-01
conditions: (condition+ TRUST?)? (SINCE moment)? (UNTIL moment)?;
condition
  : WHEN expr      # whenCondition     // when t.name startsWith principal.name + "."
  | UNLESS expr    # unlessCondition   // unless principal in oncall
  ;
moment: DATE | DATETIME;

// ── keys ──
keyHead: KEY name (AT path)?;
keyItem
  : word (word | literal)   # keyFact   // purpose encrypt-decrypt
  | statement               # keyRule   // allow Encrypt to ServiceAccount:sa-broker
  ;
protectDecl: PROTECT resources (AT path)? WITH name;

// ── the audit trail ──
// audit "confluent.cloud": the authority in the events' CRNs
auditHead: AUDIT STRING?;
auditItem
  : LEVEL word selection                # auditLevel      // level durable deny any
  | ROUTE selection TO word STRING      # auditRoute      // route deny Read on Topic at prod to topic "denied"
  | REDACT path word                    # auditRedact     // redact client.id omit
  | COALESCE selection WITHIN DURATION  # auditCoalesce   // coalesce allow Read, Write on Topic within 1s
  ;
// Decisions: their verdict (both where none is said), operations, kinds, scope.
selection: (ALLOW | DENY)? operations (ON selectedKind (COMMA selectedKind)*)? (AT path)?;
selectedKind: ANY | word;

// ── tests ──
testHead: TEST STRING (AT path)?;
testItem
  : GIVEN givens   # testGiven   // given tls.version = 1.3, network = private_link
  | claim          # testClaim   // User:alice may not Delete on Topic "audit.2026" because deny at "audit."*
  ;
givens: given (COMMA given)*;
given: path ASSIGN expr;
claim: PRINCIPAL_NAME (FROM address=(ADDRESS | STRING))? MAY NOT? operations ON kind_=word target=name (AT path)?
       (WITH givens)? (BECAUSE reason)?;
reason: (word | ALLOW | DENY) (name)? (AT pattern)?;

// ── what later versions have: read so that it can be refused by name ──
laterDecl: (CONFLICT | INVARIANT | FUN) anything*;
anything: ~(LBRACE | RBRACE | EOF) | LBRACE anything* RBRACE;

// ── models ──
principalTypeDecl
  // principal type User with "*" as any: the name by which the system means everybody
  : PRINCIPAL TYPE word (WITH STRING AS ANY)? # systemType // principal type User
  | PRINCIPAL word ASSIGN word WHEN expr    # subtype      // principal Human = User when not (name startsWith "sa-")
  ;
unauthenticatedDecl: UNAUTHENTICATED PRINCIPAL_NAME;
levelDecl: LEVEL word;
operationDecl: OPERATION word (ASSIGN INT)?;
// kind Key as key { Encrypt, Decrypt }: what `key` declares is of this kind
kindDecl: EXTEND? KIND word (AS KEY)? (ASSIGN INT)? LBRACE (word (COMMA word)* COMMA?)? RBRACE;
operationSetDecl: OPERATIONS word ASSIGN word (COMMA word)*;
infrastructureOperationsDecl: INFRASTRUCTURE OPERATIONS operationsOnKind (COMMA operationsOnKind)*;
operationsOnKind: operations ON word;
enumDecl: ENUM word ASSIGN name (COMMA name)*;
attributeDecl: ATTRIBUTE path COLON typeName source=word moment_=word;
typeName
  : word QUESTION?          # scalarType   // Version?
  | LBRACE word RBRACE      # setType      // {String}
  ;
purposeDecl
  : PURPOSE name ASSIGN word (COMMA word)*       # keyPurpose     // purpose encrypt-decrypt = Encrypt, Decrypt
  | MANAGEMENT ASSIGN word (COMMA word)*         # keyManagement  // management = DescribeKey, CreateGrant
  ;
algorithmDecl: ALGORITHM name (COMMA name)* ASSIGN word (COMMA word)*;
providerDecl: PROVIDER name (MATCHES STRING)?;
implyDecl: operations ON (ANY | word) IMPLIES word;

// ── expressions, the tightest first ──
expr
  : LPAREN expr RPAREN (DOT pathPart)*                       # groupExpr     // (time in "Europe/Zurich").hour
  | literal                                                  # literalExpr   // 1.2
  | PRINCIPAL_NAME                                           # principalExpr // User:alice
  | dotted arguments (DOT pathPart)*                         # callExpr      // office_hours(time)
  | dotted STRING                                            # isExpr        // listener "PLINK", of a network class
  | dotted                                                   # nameExpr      // t.name
  | LBRACE (expr (COMMA expr)* COMMA?)? RBRACE               # setExpr       // { private_link, peering }
  | HAS dotted                                               # hasExpr       // has tls.version
  | expr STAR expr                                           # productExpr   // a * b
  | expr (PLUS | MINUS) expr                                 # sumExpr       // principal.name + "."
  | expr (RANGE | RANGE_BELOW) expr                          # rangeExpr     // 8..<18
  | expr (EQ | NE | LT | LE | GT | GE) expr                  # compareExpr   // tls.version >= 1.2
  | expr NOT? IN expr                                        # inExpr        // network in { private_link }
  | expr (CONTAINS | STARTS_WITH | ENDS_WITH | MATCHES) expr # textExpr      // t.name startsWith "a"
  | expr TAGGED path                                         # taggedExpr    // t tagged pci
  | NOT expr                                                 # notExpr       // not a
  | expr AND expr                                            # andExpr       // a and b
  | expr OR expr                                             # orExpr        // a or b
  | IF expr THEN expr ELSE expr                              # ifExpr        // if a then b else c
  | (ANY | ALL) word IN expr COLON expr                      # quantifierExpr // any g in groups: g startsWith "team-"
  ;
literal: STRING | INT | VERSION | ADDRESS | SUBNET | DATE | DATETIME | DURATION | TRUE | FALSE;

// ── names ──
path: name (DOT pathPart)*;
dotted: word (DOT pathPart)*;
// After a dot every word is a name.
pathPart: word | STRING | ALLOW | DENY | AT | TO | ON | FROM | WHEN | UNLESS | SINCE | UNTIL | EXCEPT | TAGGED | AS | WITH
  | BECAUSE | MAY | ANY | ALL | HAS | CONTAINS | IF | THEN | ELSE;
name: word | STRING;
// A word that begins a statement elsewhere is a name here.
word: LOWER | UPPER | PACKAGE | MODEL | EDITION | USE | INCLUDE | NETWORK | OTHERWISE | EXTERNAL | GROUP | INFRASTRUCTURE
  | SUPERUSERS | ROLE | BIND | ACL | LOAD | ROWS | SHA256 | TAG | GUARD | OBSERVE | KEY | PROTECT | DEFAULT | UNLISTED | TEST
  | GIVEN | CONFLICT | INVARIANT | FUN | AUDIT | ROUTE | REDACT | COALESCE | WITHIN | TRUST | PRINCIPAL | TYPE | UNAUTHENTICATED | LEVEL | OPERATION | OPERATIONS
  | KIND | EXTEND | IMPLIES | ENUM | ATTRIBUTE | PURPOSE | ALGORITHM | PROVIDER | MANAGEMENT;
// Parameters are lower-case; `include` and `trust` may follow a bare kind.
parameterName: LOWER | NETWORK | GROUP | ROLE | TAG | KEY | TYPE | KIND | LEVEL | OPERATION | PRINCIPAL | TEST | PACKAGE | ALGORITHM | PROVIDER;
