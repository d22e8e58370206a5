//! Answers that hang on one another, each found once.
//!
//! A question asks others, and these may come back to it: functions call one another in a circle, fields store what
//! other fields held. [`Table::get`] gives such a circle its least fixpoint: it takes the worst answer for granted at
//! first, finds the answers of the circle again until none gets better, and keeps them all. So nothing is cut off at
//! a depth, a question outside of a circle is answered once, and those of a circle a few times.
//!
//! Circles are told apart as Tarjan does it (Depth-first search and linear graph algorithms, 1972): only the outermost
//! question of a strongly connected component goes round.

use rustc_hash::FxHashMap;
use std::{cell::RefCell, hash::Hash};

/// An answer that may get better while those that it hangs on do.
pub(crate) trait Answer: Clone {
    /// Takes over what `found` says if that is better, and says whether it was. There is an end to getting better; of
    /// two that are equally good the older one stays.
    fn improve(&mut self, found: Self) -> bool;
}

/// The answers to questions of one family.
#[derive(Debug)]
pub(crate) struct Table<K, A> {
    state: RefCell<State<K, A>>,
}

#[derive(Debug)]
struct State<K, A> {
    /// Answers that hold.
    known: FxHashMap<K, A>,
    /// Answers of circles that are being gone round.
    open: FxHashMap<K, Open<A>>,
    /// What is known of the questions that are being answered, outermost first.
    stack: Vec<Frame<K>>,
    /// Questions of circles that were answered in this round.
    answered: Vec<K>,
    /// The question that an answer is kept for.
    keep_for: fn(K, &A) -> K,
}

#[derive(Debug)]
struct Open<A> {
    answer: A,
    /// The outermost place of the stack that it hangs on; its own, while it is being answered.
    low: usize,
    /// Whether the answer was found in this round, or is being found.
    is_fresh: bool,
    /// Whether somebody took the answer for granted while it was being found.
    was_assumed: bool,
}

#[derive(Debug)]
struct Frame<K> {
    question: K,
    /// Questions that are answered with it.
    others: Vec<K>,
    /// The outermost place that an answer below hangs on.
    low: usize,
    /// Whether something below got better after somebody took it for granted.
    has_changed: bool,
    /// How many questions had been answered before this one was asked.
    answered_before: usize,
}

impl<K, A> Default for Table<K, A> {
    fn default() -> Self {
        Table::keeping(|question, _| question)
    }
}

impl<K, A> Table<K, A> {
    /// A table that keeps an answer for the question that `keep_for` says: a more general one, if it holds for that.
    pub(crate) fn keeping(keep_for: fn(K, &A) -> K) -> Self {
        let state = State {
            known: FxHashMap::default(),
            open: FxHashMap::default(),
            stack: Vec::new(),
            answered: Vec::new(),
            keep_for,
        };
        Table { state: RefCell::new(state) }
    }
}

impl<K: Copy + Eq + Hash, A: Answer> Table<K, A> {
    /// The answer to a question: the one that is known, or what `find` says, which may ask this table. `worst` is what
    /// is taken for granted where a question comes back to itself.
    pub(crate) fn get(&self, question: K, worst: impl FnOnce() -> A, find: impl Fn() -> A) -> A {
        if let Some(answer) = self.state.borrow_mut().look_up(question, worst) {
            return answer;
        }
        loop {
            let found = find();
            if let Some(answer) = self.state.borrow_mut().take_in(question, found) {
                return answer;
            }
        }
    }

    /// [`Table::get`] for one of several questions that are known to ask one another: all are open from the start, and
    /// answered in that order, so that a circle is not gone into question by question.
    pub(crate) fn get_with(&self, asked: K, all: &[K], worst: impl Fn(K) -> A, find: impl Fn(K) -> A) -> A {
        if let Some(answer) = self.state.borrow_mut().look_up(asked, || worst(asked)) {
            return answer;
        }
        self.state.borrow_mut().open_with(all, worst);
        loop {
            for question in all {
                if self.state.borrow().is_open_here(*question) {
                    let found = find(*question);
                    self.state.borrow_mut().improve(*question, found);
                }
            }
            if let Some(answer) = self.state.borrow_mut().take_from_stack() {
                return answer;
            }
        }
    }

    /// Whether a question has an answer for which something holds.
    pub(crate) fn is_known(&self, question: K, holds: impl FnOnce(&A) -> bool) -> bool {
        self.state.borrow().known.get(&question).is_some_and(holds)
    }

    /// The answer to a question that is known.
    pub(crate) fn known(&self, question: K) -> Option<A> {
        self.state.borrow().known.get(&question).cloned()
    }

    /// How many questions are being answered.
    pub(crate) fn depth(&self) -> usize {
        self.state.borrow().stack.len()
    }

    /// Forgets what was being found when there were more than `depth` questions: they are given up.
    pub(crate) fn unwind(&self, depth: usize) {
        let mut state = self.state.borrow_mut();
        let State { open, stack, answered, .. } = &mut *state;
        let Some(first) = stack.get(depth) else { return };
        for answer in answered.drain(first.answered_before..) {
            open.remove(&answer);
        }
        for given_up in stack.drain(depth..) {
            for question in given_up.others.iter().chain([&given_up.question]) {
                open.remove(question);
            }
        }
    }
}

impl<K: Copy + Eq + Hash, A: Answer> State<K, A> {
    /// An answer that need not be found. Otherwise the question is put on the stack.
    fn look_up(&mut self, question: K, worst: impl FnOnce() -> A) -> Option<A> {
        if let Some(answer) = self.known.get(&question) {
            return Some(answer.clone());
        }
        let place = self.stack.len();
        let open = self.open.entry(question).or_insert_with(|| Open {
            answer: worst(),
            low: place,
            is_fresh: false,
            was_assumed: false,
        });
        if open.is_fresh {
            open.was_assumed = true;
            let asker = self.stack.last_mut().expect("a question that is not known has an asker");
            asker.low = asker.low.min(open.low);
            return Some(open.answer.clone());
        }
        open.is_fresh = true;
        open.was_assumed = false;
        open.low = place;
        self.stack.push(Frame {
            question,
            others: Vec::new(),
            low: usize::MAX,
            has_changed: false,
            answered_before: self.answered.len(),
        });
        None
    }

    /// Takes in what was found for the question on top of the stack; `None` if it is to be found once more.
    fn take_in(&mut self, question: K, found: A) -> Option<A> {
        let place = self.stack.len() - 1;
        let frame = self.stack.last_mut().expect("the question is on the stack");
        let (low, answered_before) = (frame.low, frame.answered_before);
        if low == usize::MAX {
            // It hangs on nothing that is open.
            self.stack.pop();
            self.open.remove(&question);
            self.keep(question, found.clone());
            return Some(found);
        }
        let open = self.open.get_mut(&question).expect("what is on the stack is open");
        let has_improved = open.answer.improve(found) && open.was_assumed;
        let has_changed = frame.has_changed || has_improved;
        let answer = open.answer.clone();
        if low < place {
            // A question further out goes round, if need be.
            open.low = low;
            self.stack.pop();
            self.answered.push(question);
            let asker = self.stack.last_mut().expect("it hangs on a question further out");
            asker.low = asker.low.min(low);
            asker.has_changed |= has_changed;
            return Some(answer);
        }
        if has_changed {
            for again in self.answered.drain(answered_before..) {
                self.open.get_mut(&again).expect("what was answered in a circle is open").is_fresh = false;
            }
            self.open.get_mut(&question).expect("what is on the stack is open").was_assumed = false;
            self.stack[place] =
                Frame { question, others: Vec::new(), low: usize::MAX, has_changed: false, answered_before };
            return None;
        }
        self.stack.pop();
        for settled in self.answered.split_off(answered_before).into_iter().chain([question]) {
            let open = self.open.remove(&settled).expect("what was answered in a circle is open");
            self.keep(settled, open.answer);
        }
        Some(answer)
    }

    fn keep(&mut self, question: K, answer: A) {
        self.known.insert((self.keep_for)(question, &answer), answer);
    }
}

/// Several questions that are answered together.
impl<K: Copy + Eq + Hash, A: Answer> State<K, A> {
    /// Opens the others of a circle beside the question on top of the stack.
    fn open_with(&mut self, all: &[K], worst: impl Fn(K) -> A) {
        let place = self.stack.len() - 1;
        let asked = self.stack[place].question;
        let mut others = Vec::new();
        for question in all.iter().filter(|it| **it != asked && !self.known.contains_key(*it)) {
            let open = self.open.entry(*question).or_insert_with(|| Open {
                answer: worst(*question),
                low: place,
                is_fresh: false,
                was_assumed: false,
            });
            if !open.is_fresh {
                *open = Open { answer: open.answer.clone(), low: place, is_fresh: true, was_assumed: false };
                others.push(*question);
            }
        }
        self.stack[place].others = others;
    }

    /// Whether a question is answered by what is on top of the stack.
    fn is_open_here(&self, question: K) -> bool {
        self.open.get(&question).is_some_and(|open| open.low == self.stack.len() - 1)
    }

    fn improve(&mut self, question: K, found: A) {
        let open = self.open.get_mut(&question).expect("it was opened");
        let has_improved = open.answer.improve(found) && open.was_assumed;
        self.stack.last_mut().expect("the circle is on the stack").has_changed |= has_improved;
    }

    /// Takes the questions on top of the stack from it, with the answer to the first; `None` if they are to be found once
    /// more.
    fn take_from_stack(&mut self) -> Option<A> {
        let place = self.stack.len() - 1;
        let frame = &mut self.stack[place];
        let answer = self.open.get(&frame.question).expect("what is on the stack is open").answer.clone();
        let (low, has_changed, answered_before) = (frame.low, frame.has_changed, frame.answered_before);
        let all: Vec<K> = [frame.question].into_iter().chain(frame.others.iter().copied()).collect();
        if low < place {
            for question in &all {
                self.open.get_mut(question).expect("it was opened").low = low;
            }
            self.answered.extend(all);
            self.stack.pop();
            let asker = self.stack.last_mut().expect("it hangs on a question further out");
            asker.low = asker.low.min(low);
            asker.has_changed |= has_changed;
            return Some(answer);
        }
        if has_changed {
            frame.low = usize::MAX;
            frame.has_changed = false;
            for again in self.answered.drain(answered_before..) {
                self.open.get_mut(&again).expect("what was answered in a circle is open").is_fresh = false;
            }
            for question in &all {
                self.open.get_mut(question).expect("it was opened").was_assumed = false;
            }
            return None;
        }
        self.stack.pop();
        for settled in self.answered.split_off(answered_before).into_iter().chain(all) {
            let open = self.open.remove(&settled).expect("what was answered in a circle is open");
            self.keep(settled, open.answer);
        }
        Some(answer)
    }
}

impl Answer for bool {
    fn improve(&mut self, found: bool) -> bool {
        let is_better = found && !*self;
        *self |= found;
        is_better
    }
}

/// Whether there is such a thing: one that is found stays.
impl<T: Clone> Answer for Option<T> {
    fn improve(&mut self, found: Option<T>) -> bool {
        let is_better = self.is_none() && found.is_some();
        if is_better {
            *self = found;
        }
        is_better
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    impl Answer for u32 {
        fn improve(&mut self, found: u32) -> bool {
            let is_better = found > *self;
            *self = found.max(*self);
            is_better
        }
    }

    /// A graph in which each node has a value of its own: the answer is the largest one that can be reached.
    struct Graph<'a> {
        edges: &'a [(u32, u32)],
        value: fn(u32) -> u32,
        table: Table<u32, u32>,
        found: Cell<u32>,
    }

    impl Graph<'_> {
        fn new(edges: &[(u32, u32)], value: fn(u32) -> u32) -> Graph<'_> {
            Graph { edges, value, table: Table::default(), found: Cell::new(0) }
        }

        fn largest(&self, node: u32) -> u32 {
            self.table.get(
                node,
                || 0,
                || {
                    self.found.set(self.found.get() + 1);
                    let next = self.edges.iter().filter(|(from, _)| *from == node);
                    next.map(|(_, to)| self.largest(*to)).fold((self.value)(node), u32::max)
                },
            )
        }
    }

    #[test]
    fn without_a_circle_each_is_found_once() {
        let edges: Vec<(u32, u32)> = (0..20).flat_map(|at| [(at, at + 1), (at, at + 1)]).collect();
        let graph = Graph::new(&edges, |node| node);
        assert_eq!((graph.largest(0), graph.largest(7)), (20, 20));
        assert_eq!(graph.found.get(), 21);
    }

    #[test]
    fn circles_agree_wherever_they_are_entered() {
        // Two circles that meet in 3, one behind them, and one in front that does not come back.
        let edges = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 3), (4, 5), (5, 1), (6, 0), (6, 6), (5, 7), (7, 7)];
        for first in 0..8 {
            let graph = Graph::new(&edges, |node| [1, 9, 2, 3, 4, 5, 6, 8][node as usize]);
            graph.largest(first);
            let all: Vec<u32> = (0..8).map(|node| graph.largest(node)).collect();
            assert_eq!(all, [9, 9, 9, 9, 9, 9, 9, 8], "entered at {first}");
            assert!(graph.table.state.borrow().open.is_empty());
        }
    }

    #[test]
    fn a_large_circle_is_gone_round_a_few_times() {
        let edges: Vec<(u32, u32)> = (0..500).flat_map(|at| [(at, (at + 1) % 500), (at, (at * 7 + 3) % 500)]).collect();
        let graph = Graph::new(&edges, |node| node);
        assert_eq!(graph.largest(0), 499);
        assert!(graph.found.get() <= 500 * 4, "{} times", graph.found.get());
    }

    #[test]
    fn a_circle_that_is_known_is_answered_at_once() {
        let edges: Vec<(u32, u32)> = (0..500).flat_map(|at| [(at, (at + 1) % 500), (at, 500)]).collect();
        let graph = Graph::new(&edges, |node| if node < 500 { 500 - node } else { 3 });
        let all: Vec<u32> = (0..500).rev().collect();
        let depth = Cell::new(0);
        let ask = |node: u32| -> u32 {
            fn ask(graph: &Graph<'_>, all: &[u32], depth: &Cell<usize>, node: u32) -> u32 {
                if node == 500 {
                    return graph.largest(node);
                }
                graph.table.get_with(
                    node,
                    all,
                    |_| 0,
                    |node| {
                        depth.set(depth.get().max(graph.table.depth()));
                        graph.found.set(graph.found.get() + 1);
                        let next = graph.edges.iter().filter(|(from, _)| *from == node);
                        next.map(|(_, to)| ask(graph, all, depth, *to)).fold((graph.value)(node), u32::max)
                    },
                )
            }
            ask(&graph, &all, &depth, node)
        };
        assert_eq!((ask(77), ask(0), ask(499)), (500, 500, 500));
        assert!(graph.found.get() <= 500 * 3 + 1, "{} times", graph.found.get());
        assert_eq!(depth.get(), 1);
        assert!(graph.table.state.borrow().open.is_empty());
    }

    #[test]
    fn what_is_given_up_can_be_asked_again() {
        let graph = Graph::new(&[(0, 1), (1, 2), (2, 1), (1, 0)], |node| node);
        graph.table.state.borrow_mut().look_up(0, || 0);
        let depth = graph.table.depth();
        // In the middle of a circle, of which one was answered for the time being.
        graph.table.state.borrow_mut().look_up(1, || 0);
        graph.largest(2);
        graph.table.unwind(depth);
        assert_eq!((graph.table.depth(), graph.table.state.borrow().open.len()), (1, 1));
        assert_eq!(graph.largest(1), 2);
        graph.table.unwind(0);
        assert!(graph.table.state.borrow().open.is_empty());
        assert_eq!(graph.largest(0), 2);
    }
}
