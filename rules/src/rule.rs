//! What a rule is: a name, a page for the user, and a judgement over the linked program.

use crate::{
    evidence::{Drafts, Evidenced},
    finding::{Edit, Finding, Piece},
};
use spawnlint_analysis::{questions::Program, span::Span};
use std::{collections::BTreeSet, sync::Arc};

/// Rules that are switched on and off together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Memory or tasks that grow without end.
    Leak,
    /// Work that serves nobody.
    Waste,
    /// Tasks that nothing ends when what started them is dropped: the strict suite.
    Ownership,
    /// Inventories for teams that want them.
    Audit,
    /// Comments for the linter that do not do what they say.
    Comment,
}

impl Group {
    /// All groups, in the order in which they are printed.
    pub const ALL: [Group; 5] = [Group::Leak, Group::Waste, Group::Ownership, Group::Audit, Group::Comment];

    /// The name that the command line and the configuration use.
    pub fn name(self) -> &'static str {
        match self {
            Group::Leak => "leak",
            Group::Waste => "waste",
            Group::Ownership => "ownership",
            Group::Audit => "audit",
            Group::Comment => "comment",
        }
    }
}

/// One rule. Made by [`declare_rule!`](crate::declare_rule), registered in [`RULES`](crate::rules::RULES).
#[derive(Debug)]
pub struct Rule {
    /// `dropped_join_handle`; reads well after the word "allow".
    pub name: &'static str,
    /// What it is switched on and off with.
    pub group: Group,
    /// The user's page, in Markdown: the rule's own doc comment. Its first paragraph is the summary.
    pub page: &'static str,
    /// Looks at the program and reports.
    pub check: fn(&mut Cx<'_>),
}

impl Rule {
    /// First paragraph of the page, as one line.
    pub fn summary(&self) -> String {
        let lines = self.page.lines().map(str::trim).skip_while(|line| line.is_empty());
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// What a rule sees: the program to ask, and where to put what it found.
#[derive(Debug)]
pub struct Cx<'a> {
    /// The linked program.
    pub program: &'a Program,
    /// Rewrites that findings may share.
    pub drafts: &'a Drafts,
    findings: Vec<Finding>,
    /// The shared edits that were looked at last, and whether they may be proposed.
    looked_at: Option<(Arc<Vec<Edit>>, bool)>,
}

impl<'a> Cx<'a> {
    /// A context without findings.
    pub(crate) fn new(program: &'a Program, drafts: &'a Drafts) -> Cx<'a> {
        Cx { program, drafts, findings: Vec::new(), looked_at: None }
    }

    /// Judges each task by what is known of it. Of one that takes too much work nothing more is said.
    pub fn each_task(&mut self, judge: impl Fn(&mut Cx<'a>, Evidenced<'a>)) {
        let (program, drafts) = (self.program, self.drafts);
        for (task, fate, ending, reach) in program.answers() {
            let it = Evidenced { program, task, fate, ending, reach: *reach, drafts };
            program.ask(Some(task.site), || judge(self, it));
        }
    }

    /// Judges each of some other things. Of one that takes too much work nothing more is said.
    pub fn each<T>(&mut self, things: Vec<T>, judge: impl Fn(&mut Cx<'a>, T)) {
        let program = self.program;
        for thing in things {
            program.ask(None, || judge(self, thing));
        }
    }

    /// Reports a finding. Where a macro wrote the code, only the comment above its call is proposed: its text stands
    /// elsewhere, and is others' too.
    pub fn report(&mut self, mut finding: Finding) {
        // A function that the task calls in several places has the same evidence each time.
        let mut seen = BTreeSet::new();
        finding.labels.retain(|label| seen.insert(label.clone()));
        if !finding.rewrites.is_empty() {
            let program = self.program;
            let looked_at = &mut self.looked_at;
            let is_written = |at: Span| !program.file(at.file).touches_expansion(at.range);
            let is_kept = |piece: &Piece| !matches!(piece, Piece::Kept(at) if !is_written(*at));
            let is_comment =
                |edit: &Edit| edit.is_comment() && !program.file(edit.at.file).is_in_expansion(edit.at.range);
            finding.rewrites.retain(|rewrite| {
                let are_of_text = match looked_at {
                    Some((edits, found)) if Arc::ptr_eq(edits, &rewrite.edits) => *found,
                    _ => {
                        let mut edits = rewrite.edits.iter();
                        let found = edits.all(|edit| is_written(edit.at) && edit.text.iter().all(is_kept));
                        if Arc::strong_count(&rewrite.edits) > 1 {
                            *looked_at = Some((Arc::clone(&rewrite.edits), found));
                        }
                        found
                    }
                };
                is_written(finding.at) && are_of_text || rewrite.edits.iter().all(is_comment)
            });
        }
        self.findings.push(finding);
    }

    /// What was reported.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// Declares `static RULE: Rule` from a doc comment (which becomes the user's page), a name and a group.
/// The file's `fn check(cx: &mut Cx<'_>)` is the judgement.
#[macro_export]
macro_rules! declare_rule {
    ($(#[doc = $line:literal])+ $name:ident, $group:ident) => {
        $(#[doc = $line])+
        pub(super) static RULE: $crate::rule::Rule = $crate::rule::Rule {
            name: stringify!($name),
            group: $crate::rule::Group::$group,
            page: concat!($($line, "\n"),+),
            check,
        };
    };
}
