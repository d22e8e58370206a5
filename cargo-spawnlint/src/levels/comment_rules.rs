//! Rules about comments for the linter. They look at no program, so they judge where the comments are read.

use spawnlint_rules::rule::{Group, Rule};

/// All of them, in the order in which they are listed.
pub static COMMENT_RULES: &[&Rule] = &[&UNUSED_SUPPRESSION, &SUPPRESSION_WITHOUT_REASON, &INVALID_SUPPRESSION];

/// A comment that suppresses nothing.
pub static UNUSED_SUPPRESSION: Rule = Rule {
    name: "unused_suppression",
    group: Group::Comment,
    page: "\
A comment suppresses a finding that does not exist.

## What it does
Reports a `spawnlint: allow(..)` that names a rule with no finding in the code that the comment applies to. Only rules
that are enabled count, and only code that is checked: a comment in a test is ignored unless tests are checked.

## Why it matters
The comment makes readers believe that there is a leak, and it hides the next real one.

## Use instead
Remove the comment, or remove the rule from its list.",
    check: |_| {},
};

/// A comment that does not say why.
pub static SUPPRESSION_WITHOUT_REASON: Rule = Rule {
    name: "suppression_without_reason",
    group: Group::Comment,
    page: "\
A comment suppresses a finding and does not say why.

## What it does
Reports a `spawnlint: allow(rule)` without a reason after a colon, if `require-reason` is set in the configuration or
one of the named rules is at deny level. `require-reason = false` turns this rule off.

## Why it matters
Nobody can tell later whether the leak was intended or just inconvenient.

## Use instead
`// spawnlint: allow(rule): why this task may live as long as it does`",
    check: |_| {},
};

/// A comment that cannot be read.
pub static INVALID_SUPPRESSION: Rule = Rule {
    name: "invalid_suppression",
    group: Group::Comment,
    page: "\
A comment is meant to suppress a finding, but cannot be parsed or names an unknown rule.

## What it does
Reports a comment that begins with `spawnlint:` but does not continue with `allow(rule, rule): reason`, a comment that
names a rule or group that does not exist, and a comment with no code before or below it that it could apply to.

## Why it matters
It suppresses nothing, although its author believes that it does.

## Use instead
`// spawnlint: allow(rule): reason`, after the code on the same line or above the statement or item; or
`//! spawnlint: allow(rule): reason` at the top of a file.",
    check: |_| {},
};
