//! When a loop ends: its exits, and whether each can be taken.

use super::{Asking, DeadExit, Ending, EndingKind, Evidence, Gate, LoopFact};
use crate::{
    catalogue::{self, Does, Wait},
    effects::{
        Dead, DeadCause, Def, Effects, LoopKind, Value,
        exits::{Exit, Trigger},
    },
    facts::Expr,
};

impl Effects {
    /// What running a loop to its end takes.
    pub(super) fn loop_ending(&self, value: &Value, asking: &Asking) -> Ending {
        let at = self.span(value.expr);
        let (keyword, head, body) = match self.expr(value) {
            Expr::Loop { body, .. } => (LoopKind::Loop, None, body),
            Expr::While { cond, body, .. } => (LoopKind::While, Some(cond), body),
            Expr::For { iter, body, .. } => (LoopKind::For, Some(iter), body),
            _ => return Ending::short(),
        };
        let mut inner = head.map_or_else(Ending::short, |head| self.flow(&value.at(head), asking));
        inner = inner.then(self.flow(&value.at(body), asking));
        let exits = self.exits(value, asking.task());
        let mut ending = self.loop_with(inner, &exits, keyword, at);
        if ending.open_loop == Some(at) && !asking.blocking && self.only_computes(value) {
            ending = Ending { kind: EndingKind::Within, open_loop: None, unknown: None, ..ending };
        }
        ending.ignored.extend(self.ignored_closes(value, keyword, &exits, asking.task()));
        ending
    }

    /// Whether a loop has no wait in it: one that leaves on a condition of its own then ends within the turn of its
    /// task, as `while i < all.len() { .. i += 1; }` does.
    fn only_computes(&self, looped: &Value) -> bool {
        let mut waits = false;
        self.walk(looped.expr, &mut |at, expr| {
            waits |= match expr {
                Expr::Await(_) | Expr::Select(_) => true,
                Expr::Call { callee, .. } => matches!(self.callee(at.with(callee)), Def::External(path)
                    if path.starts_with("std::thread::") || path.ends_with("::block_on")),
                Expr::MethodCall { method, args, .. } => {
                    let method = &self.file(at.file)[method];
                    let by_name = catalogue::method_wait_by_name(method, args.len as usize);
                    by_name.is_some_and(|wait| wait != Wait::Short) || catalogue::method(method).does(Does::Blocks)
                }
                _ => false,
            };
            !waits && !matches!(expr, Expr::Closure { .. })
        });
        !waits
    }

    fn loop_with(&self, inner: Ending, exits: &[Exit], keyword: LoopKind, at: crate::span::Span) -> Ending {
        if inner.kind == EndingKind::Never && !inner.loops.is_empty() {
            return inner;
        }
        // A long wait in a loop is its period, or an idle timeout.
        let mut ending = Ending { waits: Vec::new(), evidence: Vec::new(), ..inner };
        let mut dead_exits = Vec::new();
        let mut kind: Option<EndingKind> = None;
        let mut better = |found: EndingKind| {
            kind = Some(kind.map_or(found, |known| if found.rank() < known.rank() { found } else { known }))
        };
        for exit in exits {
            match &exit.trigger {
                Trigger::Signal(signal) => match &signal.dead {
                    None => {
                        if !ending.signals.contains(signal) {
                            ending.signals.push(signal.clone());
                        }
                        better(EndingKind::OnSignal);
                    }
                    Some(dead) => dead_exits.push(DeadExit { at: exit.at, dead: dead.clone() }),
                },
                Trigger::Peer(origin) => {
                    ending.evidence.push(Evidence {
                        at: exit.at,
                        text: "ends only when the peer closes the connection".to_owned(),
                        dead: None,
                    });
                    better(EndingKind::OnPeer(*origin));
                }
                Trigger::Own(why) => {
                    ending.unknown.get_or_insert((*why, exit.at));
                    better(EndingKind::Unknown);
                }
                Trigger::Time => better(EndingKind::Within),
                Trigger::Always => {
                    let turn = if ending.kind == EndingKind::Never { EndingKind::Unknown } else { ending.kind };
                    better(turn);
                }
                Trigger::Impossible(why) => {
                    let dead =
                        Dead { cause: DeadCause::NoExit, why: why.words().to_owned(), at: None, is_silent: true };
                    dead_exits.push(DeadExit { at: exit.at, dead });
                }
            }
        }
        let (given, unknown) = (ending.given.take(), ending.unknown.take());
        match kind {
            // A loop over what is there ends with it: only what it does in a turn is not known.
            Some(EndingKind::Unknown) if !exits.iter().any(|exit| exit.trigger == Trigger::Always) => {
                Ending { kind: EndingKind::Unknown, open_loop: Some(at), given, unknown, ..ending }
            }
            Some(kind) if kind.is_open() => Ending { kind, given, unknown, ..ending },
            Some(kind) => {
                ending.gates.extend(gate(exits, LoopFact { at, keyword, dead_exits, function: None }));
                Ending { kind, ..ending }
            }
            None => {
                // What is listened to inside does not leave the loop.
                ending.signals.clear();
                ending.gates.clear();
                ending.kind = EndingKind::Never;
                ending.loops.push(LoopFact { at, keyword, dead_exits, function: None });
                ending
            }
        }
    }
}

/// A loop that nothing but signs from outside ends.
fn gate(exits: &[Exit], looped: LoopFact) -> Option<Gate> {
    let sign = |exit: &Exit| match &exit.trigger {
        Trigger::Signal(signal) if !signal.opens_otherwise => Some((exit.at, signal.clone())),
        _ => None,
    };
    let open = exits.iter().filter(|exit| exit.can_be_taken());
    let exits: Vec<_> = open.map(sign).collect::<Option<_>>()?;
    (!exits.is_empty()).then_some(Gate { looped: Some(looped), exits })
}
