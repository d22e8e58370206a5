//! A rule that finds functions by what their names begin with, and proposes rewrites to match.

use spawnlint_analysis::{
    facts::Function,
    span::{FileId, Span, TextRange},
};
use spawnlint_rules::{
    declare_rule,
    finding::{Applicability, Finding, Need, Piece, Rewrite},
    rewrite::Draft,
    rule::{Cx, Rule},
};

pub(crate) static MENDS: &[&Rule] = &[&mendable::RULE];

mod mendable {
    use super::*;

    declare_rule!(
        /// Finds functions whose name says how they can be mended.
        fixable_name,
        Leak
    );

    fn check(cx: &mut Cx<'_>) {
        let mut findings = Vec::new();
        for (at, summary) in cx.program.files.iter().enumerate() {
            let file = FileId(at as u32);
            let end = summary.modules[0].range.end;
            for function in &summary.functions {
                let name = &summary[function.name];
                let found = Found { file, end, function, name };
                if let Some(rewrites) = found.rewrites() {
                    findings.push(found.finding(rewrites));
                }
            }
        }
        findings.into_iter().for_each(|finding| cx.report(finding));
    }
}

const TOKIO_UTIL: Need = Need { package: "tokio-util", version: "0.7.12", features: &["rt"] };

struct Found<'a> {
    file: FileId,
    /// Where the file ends.
    end: u32,
    function: &'a Function,
    name: &'a str,
}

impl Found<'_> {
    fn rewrites(&self) -> Option<Vec<Rewrite>> {
        use Applicability::{HasPlaceholders, MachineApplicable, MaybeIncorrect};
        let safe = || Draft::new("call it done", MachineApplicable);
        let maybe = || Draft::new("call it done", MaybeIncorrect);
        let end = self.span(self.end, self.end);
        let all = self.function.range.in_file(self.file);
        let drafts = match self.name.split('_').next()? {
            // Nothing can be done.
            "hopeless" => vec![],
            "safe" => vec![self.rename(safe())],
            "maybe" => vec![self.rename(maybe())],
            "gaps" => vec![self.rename(Draft::new("fill it in", HasPlaceholders))],
            "needy" => vec![self.rename(safe()).needs(Some(TOKIO_UTIL))],
            "either" => vec![self.rename(Draft::new("call it perhaps", MaybeIncorrect)), self.rename(safe())],
            // Touches all of the function, and repeats most of it.
            "outer" => {
                let rest = self.span(self.function.name_range.end, all.range.end);
                let pieces = vec![Piece::New("fn done_outer".to_owned()), Piece::Kept(rest)];
                vec![safe().replace(all, pieces)]
            }
            // Ends nothing.
            "stays" => vec![Draft::new("say it again", MachineApplicable).before(all, "/* again */ ")],
            // The first one ends nothing.
            "stubborn" => {
                vec![Draft::new("say it again", MachineApplicable).before(all, "/* again */ "), self.rename(safe())]
            }
            // Leads to two of its kind.
            "split" => vec![self.rename(safe()).before(end, "fn hopeless_x() {}\nfn hopeless_y() {}\n")],
            // Each leads to the other one.
            "ping" => vec![self.call_it("pong", "call it pong")],
            "pong" => vec![self.call_it("ping", "call it ping")],
            // Leads to one that can be mended.
            "first" => vec![self.call_it("second", "call it second")],
            "second" => vec![self.rename(safe())],
            // Several edits, of several lines.
            "grow" => {
                let added = "\nfn added() {\n    if true {\n        run();\n    }\n}\n";
                vec![self.rename(safe()).before(all, "#[inline]\n#[must_use]\n").before(end, added)]
            }
            // Does not compile.
            "broken" => vec![self.rename(maybe()).before(end, "const WRONG: u8 = \"\";\n")],
            // Is no Rust.
            "garbled" => vec![self.rename(safe()).before(all, "fn (")],
            // Touches the first file, too.
            "pair" => vec![self.rename(safe()).before(TextRange::new(0, 0).in_file(FileId(0)), "// paired\n")],
            // Speaks of text that is not there.
            "beyond" => vec![safe().before(self.span(self.end + 7, self.end + 7), "x")],
            _ => return None,
        };
        Some(drafts.into_iter().map(|draft| draft.finish().unwrap()).collect())
    }

    /// Puts `done` for the first word of the name.
    fn rename(&self, draft: Draft) -> Draft {
        self.put("done", draft)
    }

    fn call_it(&self, word: &str, title: &str) -> Draft {
        self.put(word, Draft::new(title, Applicability::MachineApplicable))
    }

    fn put(&self, new: &str, draft: Draft) -> Draft {
        let start = self.function.name_range.start;
        let word = self.name.split('_').next().map_or(0, str::len) as u32;
        draft.replace(self.span(start, start + word), vec![Piece::New(new.to_owned())])
    }

    fn span(&self, start: u32, end: u32) -> Span {
        TextRange::new(start, end).in_file(self.file)
    }

    fn finding(&self, rewrites: Vec<Rewrite>) -> Finding {
        Finding {
            rule: MENDS[0].name,
            at: self.function.name_range.in_file(self.file),
            task: None,
            message: format!("`{}` can be mended", self.name),
            label: "this name".to_owned(),
            labels: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            rewrites,
        }
    }
}
