//! Rules about comments for the linter. They look at no program, so they judge where the comments are read.

use spawnlint_rules::rule::{Group, Rule};

/// All of them, in the order in which they are listed.
pub static COMMENT_RULES: &[&Rule] = &[&UNUSED_SUPPRESSION, &SUPPRESSION_WITHOUT_REASON, &INVALID_SUPPRESSION];

/// A comment that silences nothing.
pub static UNUSED_SUPPRESSION: Rule = Rule {
    name: "unused_suppression",
    group: Group::Comment,
    page: "\
A comment allows a finding that is not there.

## What it does
Reports a `spawnlint: allow(..)` of which a rule finds nothing where the comment speaks. Only rules that are on are
judged, and only code that is: a comment in a test is left alone unless tests are checked.

## Why it matters
Whoever reads the comment believes that there is a leak, and the next real one in its reach is silenced unseen.

## Use instead
Remove the comment, or the rule from its list.",
    check: |_| {},
};

/// A comment that does not say why.
pub static SUPPRESSION_WITHOUT_REASON: Rule = Rule {
    name: "suppression_without_reason",
    group: Group::Comment,
    page: "\
A comment allows a finding and does not say why.

## What it does
Reports a `spawnlint: allow(rule)` without a reason behind a colon, if `require-reason` is set in the configuration, or
one of its rules is at deny level. `require-reason = false` switches it off.

## Why it matters
Nobody can tell later whether the leak was meant, or only in the way.

## Use instead
`// spawnlint: allow(rule): why this task may live as long as it does`",
    check: |_| {},
};

/// A comment that cannot be read.
pub static INVALID_SUPPRESSION: Rule = Rule {
    name: "invalid_suppression",
    group: Group::Comment,
    page: "\
A comment is meant to allow a finding, and cannot be read, or names no rule.

## What it does
Reports a comment that begins with `spawnlint:` and does not go on as `allow(rule, rule): reason`, one that names a rule
or group that does not exist, and one with nothing behind or below it that it could speak of.

## Why it matters
It silences nothing, although its author believes so.

## Use instead
`// spawnlint: allow(rule): reason`, behind the code on the same line or above the statement or item; or
`//! spawnlint: allow(rule): reason` at the top of a file.",
    check: |_| {},
};
