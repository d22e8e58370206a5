//! Tests of the lowering: sources in, printed summaries out.

use super::{Lowered, lower};
use expect_test::Expect;
use spawnlint_analysis::facts::{ExprId, FileSummary, Id};
use spawnlint_analysis::span::TextRange;

mod bad_input;
mod comments;
mod editions;
mod items;
mod macros;
mod mbe;
mod pieces;
mod quick;
mod sample;

/// Lowers a text that is in order.
#[track_caller]
fn lowered(text: &str) -> FileSummary {
    let Lowered { summary, errors, .. } = lower(text);
    assert_eq!(errors, []);
    check_order(&summary);
    summary
}

/// Compares the printed summary of a text.
#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&lowered(text).to_string());
}

/// The text of a range.
fn at(text: &str, range: TextRange) -> &str {
    &text[range.start as usize..range.end as usize]
}

/// Every body is a run of its own, the runs cover all expressions, and in a run each expression but
/// the last is the child of exactly one that comes after it and stands around it.
#[track_caller]
fn check_order(it: &FileSummary) {
    let functions = it.functions.iter().filter_map(|it| Some((it.first_expr?, it.body?)));
    let constants = it.consts.iter().filter_map(|it| Some((it.first_expr?, it.init?)));
    let mut runs: Vec<(usize, usize)> =
        functions.chain(constants).map(|(first, last)| (first.index(), last.index())).collect();
    runs.sort_unstable();
    let mut next = 0;
    let mut parents = vec![0; it.exprs.len()];
    for (first, last) in runs {
        assert_eq!(first, next, "a body begins where the one before it ends");
        next = last + 1;
        for parent in first..=last {
            let id = ExprId::from_index(parent);
            it.each_child(id, &mut |child| {
                assert!((first..parent).contains(&child.index()), "{child:?} of {id:?}");
                assert!(it.range(id).contains(it.range(child)), "{:?} around {:?}", it[id], it[child]);
                parents[child.index()] += 1;
            });
        }
        assert_eq!(parents[last], 0);
        assert!(parents[first..last].iter().all(|parents| *parents == 1), "every expression has one parent");
    }
    assert_eq!(next, it.exprs.len());
}

#[test]
fn test_support_is_test_code() {
    let is_test = |cfg: &str| {
        let summary = lower(&format!("#[cfg({cfg})]\npub mod support {{ pub fn f() {{}} }}\n")).summary;
        summary.functions[0].attrs.is_test
    };
    for cfg in ["test", "feature = \"test-utils\"", "any(test, feature = \"testing\")", "all(unix, test)", "any()"] {
        assert!(is_test(cfg), "{cfg}");
    }
    for cfg in ["unix", "feature = \"tls\"", "any(test, unix)", "not(test)"] {
        assert!(!is_test(cfg), "{cfg}");
    }
}
