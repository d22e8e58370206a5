//! Rewrites for a task that keeps alive what would end it: it holds that weakly.

use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{
        Draft,
        keepers::{self, Strong, StrongUse, WeakChange, WeakFrom},
        places,
    },
};
use spawnlint_analysis::span::Span;

impl Evidenced<'_> {
    /// Rewrites for a task that keeps its owner, or a sender of its own, best first.
    pub fn weakeners(&self, taken: Option<Span>, strong: Strong, rule: &str) -> Vec<Rewrite> {
        let mut found: Vec<Rewrite> = self.weaken(taken, strong).into_iter().collect();
        if strong == Strong::Pointer && found.is_empty() {
            found.extend(self.weaken_callee());
        }
        // For a loop they may come to the same.
        for keeper in self.keepers(rule) {
            if !found.contains(&keeper) {
                found.push(keeper);
            }
        }
        found
    }

    pub(super) fn weaken(&self, taken: Option<Span>, strong: Strong) -> Option<Rewrite> {
        let program = self.program;
        let weak = keepers::weakened(program, self.task, taken, strong)?;
        let is_own = weak.name == "self";
        let name = if is_own { places::free_name(program, self.task.site, "weak") } else { weak.name.clone() };
        let inside = if is_own { places::free_name(program, self.task.site, "this") } else { weak.name.clone() };
        let title = match strong {
            Strong::Pointer => {
                format!(
                    "hold only a weak pointer to `{}` in the task, and leave the loop when the value is gone",
                    weak.name
                )
            }
            Strong::Sender => {
                format!("hold `{}` as a weak sender in the task, so that the channel can close", weak.name)
            }
        };
        let mut draft = Draft::new(title, MaybeIncorrect);
        let new = |text: String| vec![Piece::New(text)];
        draft = match (weak.from, strong) {
            (WeakFrom::Clone { value, of, is_reference }, Strong::Pointer) => {
                let before = if is_reference { "std::sync::Arc::downgrade(" } else { "std::sync::Arc::downgrade(&" };
                draft.replace(value, vec![Piece::New(before.to_owned()), Piece::Kept(of), Piece::New(")".to_owned())])
            }
            (WeakFrom::Clone { value, of, .. }, Strong::Sender) => {
                draft.replace(value, vec![Piece::Kept(of), Piece::New(".downgrade()".to_owned())])
            }
            (WeakFrom::Before(at), Strong::Pointer) => {
                draft.replace(at, new(format!("let {name} = std::sync::Arc::downgrade(&{});\n", weak.name)))
            }
            (WeakFrom::Before(at), Strong::Sender) => {
                draft.replace(at, new(format!("let {name} = {}.downgrade();\n", weak.name)))
            }
        };
        strong_again(draft, &weak.uses, &inside, &name).finish_in(program)
    }

    /// `run(pointer: Weak<T>)`, and `Arc::downgrade(&pointer)` where it is called.
    fn weaken_callee(&self) -> Option<Rewrite> {
        let weak = keepers::weakened_callee(self.program, self.task)?;
        let reference = if weak.is_reference { "" } else { "&" };
        let downgraded = |before: &str, after: &str| {
            let open = format!("{before}std::sync::Arc::downgrade({reference}");
            vec![Piece::New(open), Piece::Kept(weak.passed), Piece::New(format!("){after}"))]
        };
        let title =
            format!("pass the task a weak pointer to `{}`, and leave the loop when the value is gone", weak.name);
        let draft = Draft::new(title, MaybeIncorrect);
        let (draft, inside, name) = match weak.change {
            WeakChange::Parameter { argument, pointer } => {
                let draft = draft.replace(argument, downgraded("", ""));
                let draft = draft.replace(pointer, vec![Piece::New("std::sync::Weak<".to_owned())]);
                (draft, weak.name.as_str(), weak.name.as_str())
            }
            WeakChange::Receiver { call, function, parameter } => {
                let name = self.program.function_name(function);
                let draft = draft.replace(call, downgraded(&format!("Self::{name}("), ")"));
                let parameter = draft.replace(parameter, vec![Piece::New("weak: std::sync::Weak<Self>".to_owned())]);
                (parameter, "this", "weak")
            }
        };
        strong_again(draft, &weak.uses, inside, name).finish_in(self.program)
    }
}

/// Makes a weak name strong again where it is used.
fn strong_again(mut draft: Draft, uses: &[StrongUse], inside: &str, name: &str) -> Draft {
    let new = |text: String| vec![Piece::New(text)];
    let upgrade = format!("let Some({inside}) = {name}.upgrade() else {{ break }};\n");
    for used in uses {
        draft = match used {
            StrongUse::From(at) => draft.replace(*at, new(upgrade.clone())),
            StrongUse::Arm(at) => draft.around(*at, format!("{{\n    {upgrade}    "), "\n}"),
            StrongUse::Statement(at) => {
                draft.around(*at, format!("if let Some({inside}) = {name}.upgrade() {{\n    "), "\n}")
            }
            StrongUse::SelfPath(at) => draft.replace(*at, new(inside.to_owned())),
        };
    }
    draft
}
