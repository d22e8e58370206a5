//! What a rewrite has to make less, so that applying rewrites comes to an end.

use crate::{
    levels::{COMMENT_RULES, with_comments},
    report::Report,
};
use spawnlint_rules::rules::STORY;

/// How many findings each rule has.
///
/// One measure is less than another if there are no more findings in all, and fewer of the first rule of which there are
/// not as many. No measure can become less for ever. What a rule outside of the stories says is about the code around
/// a task, so its rules come first: once it is mended, the story of the task shows. In a story, the first rule speaks,
/// and the next one has its turn when that has been seen to. Comments come last.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Measure {
    counts: Vec<(&'static str, usize)>,
}

impl Measure {
    pub(super) fn of(report: &Report) -> Measure {
        let mut rules: Vec<&'static str> = with_comments(report.levels.rules()).map(|it| it.name).collect();
        rules.sort_by_key(|rule| rank(rule));
        let count = |rule| report.diagnostics.iter().filter(|it| it.finding.rule == rule).count();
        Measure { counts: rules.into_iter().map(|rule| (rule, count(rule))).collect() }
    }

    /// Whether this is less, and each of these findings has one less of its rule.
    pub(super) fn is_better(&self, before: &Measure, ended: &[&'static str]) -> bool {
        let (mut ended_at, mut is_first) = (0, true);
        for ((rule, new), (_, old)) in self.counts.iter().zip(&before.counts) {
            let ended = ended.iter().filter(|it| *it == rule).count();
            ended_at += ended;
            if ended > 0 && new + ended > *old {
                return false;
            }
            // Where the first of these findings has its rule, fewer are left, so what comes later may grow.
            if is_first && ended == 0 && new > old {
                return false;
            }
            is_first &= ended == 0;
        }
        ended_at > 0 && self.total() <= before.total()
    }

    /// The first rule that has more findings.
    pub(super) fn grown(&self, before: &Measure) -> Option<&'static str> {
        let mut pairs = self.counts.iter().zip(&before.counts);
        pairs.find(|((_, new), (_, old))| new > old).map(|((rule, _), _)| *rule)
    }

    fn total(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

/// What comes first has to become less first.
fn rank(rule: &str) -> (usize, usize) {
    match STORY.iter().position(|it| *it == rule) {
        Some(at) => (1, at),
        None if COMMENT_RULES.iter().any(|it| it.name == rule) => (2, 0),
        None => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(counts: &[usize]) -> Measure {
        Measure { counts: ["a", "b", "c"].into_iter().zip(counts.iter().copied()).collect() }
    }

    #[test]
    fn what_is_less() {
        let is_better = |new: &[usize], old: &[usize], ended: &[&'static str]| {
            let is_better = measure(new).is_better(&measure(old), ended);
            // Whatever is accepted is less in the order of the rules, so that it has an end.
            assert!(!is_better || new < old, "{new:?} is not less than {old:?}");
            is_better
        };
        assert!(is_better(&[0, 1, 1], &[1, 1, 1], &["a"]));
        assert!(is_better(&[0, 2, 1], &[1, 1, 1], &["a"]), "a later rule has its turn");
        assert!(is_better(&[0, 0, 1], &[0, 2, 1], &["b", "b"]));
        assert!(is_better(&[0, 0, 0], &[1, 2, 1], &["b"]), "others may end with it");
        assert!(!is_better(&[1, 1, 1], &[1, 1, 1], &["a"]), "it is still there");
        assert!(!is_better(&[0, 1, 1], &[1, 1, 1], &["a", "b"]), "one of two is still there");
        assert!(!is_better(&[1, 0, 1], &[0, 2, 1], &["b"]), "an earlier rule has more to say");
        assert!(!is_better(&[0, 3, 1], &[1, 1, 1], &["a"]), "one finding becomes two");
        assert!(!is_better(&[0, 0, 0], &[1, 0, 0], &[]));
        assert_eq!(measure(&[0, 2, 1]).grown(&measure(&[1, 1, 1])), Some("b"));
        assert_eq!(measure(&[0, 1, 1]).grown(&measure(&[1, 1, 1])), None);
    }
}
