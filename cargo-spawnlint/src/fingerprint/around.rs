//! What stands around a place: of many ranges those that contain it, without a look at the others.

use spawnlint_analysis::span::TextRange;

/// Ranges with what each belongs to.
#[derive(Debug)]
pub(super) struct Around<T> {
    /// By start, the longer one first.
    all: Vec<(TextRange, T)>,
    /// For each the last one before it that does not end before it starts.
    before: Vec<Option<usize>>,
}

impl<T> Around<T> {
    pub(super) fn new(ranges: impl Iterator<Item = (TextRange, T)>) -> Around<T> {
        let mut all: Vec<(TextRange, T)> = ranges.collect();
        all.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut open: Vec<usize> = Vec::new();
        let mut before = Vec::with_capacity(all.len());
        for (at, (range, _)) in all.iter().enumerate() {
            // What ends before this one starts contains nothing that comes later.
            while open.last().is_some_and(|last| all[*last].0.end < range.start) {
                open.pop();
            }
            before.push(open.last().copied());
            open.push(at);
        }
        Around { all, before }
    }

    /// The ranges that contain a place, the last one first.
    pub(super) fn of(&self, at: TextRange) -> impl Iterator<Item = &(TextRange, T)> {
        let last = self.all.partition_point(|(range, _)| range.start <= at.start).checked_sub(1);
        let chain = std::iter::successors(last, |at| self.before[*at]);
        chain.map(|at| &self.all[at]).filter(move |(range, _)| range.contains(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_contain_a_place_are_found() {
        let ranges = [(0, 100), (0, 40), (5, 9), (10, 30), (10, 30), (12, 35), (36, 50), (60, 70), (60, 60)];
        let range = |(start, end)| TextRange::new(start, end);
        let around = Around::new(ranges.into_iter().map(|it| (range(it), it)));
        for start in 0..102 {
            for end in start..102 {
                let mut found: Vec<_> = around.of(range((start, end))).map(|(_, it)| *it).collect();
                let mut all: Vec<_> =
                    ranges.into_iter().filter(|it| range(*it).contains(range((start, end)))).collect();
                found.sort_unstable();
                all.sort_unstable();
                assert_eq!(found, all, "{start}..{end}");
            }
        }
    }
}
