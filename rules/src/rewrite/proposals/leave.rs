//! Rewrites for a loop that passes over the close of its channel: it leaves.

use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{
        Draft,
        keepers::{self, Leaving, Tells},
    },
};
use spawnlint_analysis::{questions::IgnoredClose, span::TextRange};

impl Evidenced<'_> {
    /// Rewrites for a task that does not notice a close, best first.
    pub fn leavers(&self, closes: &[IgnoredClose], rule: &str) -> Vec<Rewrite> {
        let mut found: Vec<Rewrite> = closes.iter().filter_map(|close| self.leave(close)).collect();
        // Each close alone ends the task; the first is told.
        found.truncate(1);
        found.extend(self.keepers(rule));
        found
    }

    fn leave(&self, close: &IgnoredClose) -> Option<Rewrite> {
        let draft = Draft::new("leave the loop when the channel is closed", MaybeIncorrect);
        let new = |text: &str| vec![Piece::New(text.to_owned())];
        let draft = match keepers::leaving(self.program, close)? {
            Leaving::LookAt { statement, value, tells } => {
                let at = statement.at;
                let head = TextRange::new(at.range.start, value.range.start).in_file(at.file);
                let tail = TextRange::new(value.range.end, at.range.end).in_file(at.file);
                let (before, after) = match tells {
                    Tells::Nothing => ("if ".to_owned(), ".is_none()"),
                    Tells::Error => ("if ".to_owned(), ".is_err()"),
                    Tells::Closed => (format!("if let Err({BROADCAST_CLOSED}) = "), ""),
                };
                draft.replace(head, new(&before)).replace(tail, new(&format!("{after} {{\n    break;\n}}")))
            }
            Leaving::Else(at) => draft.replace(at, new(" else {\n    break;\n}")),
            Leaving::ElseIfClosed(at, receiver) => draft.replace(
                at,
                vec![
                    Piece::New(" else if ".to_owned()),
                    Piece::Kept(receiver),
                    Piece::New(".is_closed() {\n    break;\n}".to_owned()),
                ],
            ),
            Leaving::BehindLoop(statement, receiver) => draft.replace(
                statement.at.end(),
                vec![
                    Piece::New("\nif ".to_owned()),
                    Piece::Kept(receiver),
                    Piece::New(".is_closed() {\n    break;\n}".to_owned()),
                ],
            ),
            Leaving::Continue(at) => draft.replace(at, new("break")),
            Leaving::OwnArm(at) => draft.replace(at, new(&format!("Err({BROADCAST_CLOSED}) => break,\n"))),
            Leaving::EndOfBlock(at) => draft.replace(at, new("    break;\n")),
            Leaving::ShortBlock(at, None) => draft.replace(at, new("{\n    break;\n}")),
            Leaving::ShortBlock(at, Some(inside)) => draft.replace(
                at,
                vec![Piece::New("{\n    ".to_owned()), Piece::Kept(inside), Piece::New("\n    break;\n}".to_owned())],
            ),
            Leaving::Body(at) => draft.replace(
                at,
                vec![Piece::New("{\n    ".to_owned()), Piece::Kept(at), Piece::New(";\n    break;\n}".to_owned())],
            ),
            Leaving::SelectArm { pat, name, opens: Some(at), .. } => {
                let bound = vec![
                    Piece::New("\n    let ".to_owned()),
                    Piece::Kept(pat),
                    Piece::New(format!(" = {name} else {{ break }};")),
                ];
                draft.replace(pat, new(&name)).replace(at, bound)
            }
            Leaving::SelectArm { pat, body, name, opens: None } => {
                let bound = vec![
                    Piece::New("{\n    let ".to_owned()),
                    Piece::Kept(pat),
                    Piece::New(format!(" = {name} else {{ break }};\n    ")),
                    Piece::Kept(body),
                    Piece::New("\n}".to_owned()),
                ];
                draft.replace(pat, new(&name)).replace(body, bound)
            }
        };
        draft.finish_in(self.program)
    }
}

const BROADCAST_CLOSED: &str = "tokio::sync::broadcast::error::RecvError::Closed";
