//! Rules that find something in any code, so that the shell can be tested without the real ones.

use spawnlint_analysis::{facts::Function, span::FileId};
use spawnlint_rules::{
    declare_rule,
    finding::{Applicability, Edit, Finding, Label, Piece, Rewrite},
    rule::{Cx, Rule},
};

/// The rules of most tests.
pub(crate) static PROBES: &[&Rule] = &[&leaky::RULE, &wasteful::RULE, &listed::RULE];

/// A rule whose texts want to be more than texts.
pub(crate) static HOSTILE: &[&Rule] = &[&hostile::RULE];

/// What a name, a literal or a comment of the code may bring into a text.
pub(crate) const EVIL: &str = "a\nb\r\n::error file=x::y ]]></failure> <b> \"q\" 'q' `t | [l](http://x) @you www.x.y \
    \u{1b}[31m \u{202e} \u{9b}1m %0A {0} &amp; \\ \u{ffff} é🦀";

/// A rule that fails.
pub(crate) static PANICS: &[&Rule] = &[&panics::RULE, &leaky::RULE];

fn report(cx: &mut Cx<'_>, rule: &'static str, prefix: &str) {
    findings(cx, rule, prefix).into_iter().for_each(|finding| cx.report(finding));
}

fn findings(cx: &Cx<'_>, rule: &'static str, prefix: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, summary) in cx.program.files.iter().enumerate() {
        let file = FileId(at as u32);
        let place = cx.program.crates.files[at];
        let krate = &cx.program.crates.crates[place.krate.index()].name;
        for Function { name, name_range, range, .. } in &summary.functions {
            let name = &summary[*name];
            if !name.starts_with(prefix) || (place.is_test && !cx.program.options.include_tests) {
                continue;
            }
            findings.push(Finding {
                task: None,
                rule,
                at: name_range.in_file(file),
                message: format!("`{name}` of `{krate}` is called `{prefix}`"),
                label: "this name".to_owned(),
                labels: vec![Label { at: range.in_file(file), text: "of this function".to_owned() }],
                notes: vec!["names tell".to_owned()],
                helps: vec!["call it otherwise:\nfn sound() {}".to_owned()],
                rewrites: Vec::new(),
            });
        }
    }
    findings
}

mod leaky {
    use super::*;

    declare_rule!(
        /// Finds functions whose name begins with `leak`.
        ///
        /// More about it.
        leaky_name,
        Leak
    );

    fn check(cx: &mut Cx<'_>) {
        report(cx, "leaky_name", "leak");
    }
}

mod wasteful {
    use super::*;

    declare_rule!(
        /// Finds functions whose name begins with `waste`.
        wasteful_name,
        Waste
    );

    fn check(cx: &mut Cx<'_>) {
        report(cx, "wasteful_name", "waste");
    }
}

mod listed {
    use super::*;

    declare_rule!(
        /// Lists functions whose name begins with `list`.
        listed_name,
        Audit
    );

    fn check(cx: &mut Cx<'_>) {
        report(cx, "listed_name", "list");
    }
}

mod hostile {
    use super::*;

    declare_rule!(
        /// Finds functions whose name begins with `leak`, and says strange things.
        ///
        /// ]]> `code` <b>
        hostile_name,
        Leak
    );

    fn check(cx: &mut Cx<'_>) {
        for mut finding in findings(cx, "hostile_name", "leak") {
            let evil = || EVIL.to_owned();
            (finding.message, finding.label) = (evil(), evil());
            finding.labels.iter_mut().for_each(|label| label.text = evil());
            finding.notes = vec![evil()];
            finding.helps = vec![evil()];
            let at = finding.at;
            let edits = vec![Edit { at, text: vec![Piece::New(evil())] }];
            let applicability = Applicability::MaybeIncorrect;
            finding.rewrites = vec![Rewrite { title: evil(), applicability, edits: edits.into(), needs: Vec::new() }];
            cx.report(finding);
        }
    }
}

mod panics {
    use super::*;

    declare_rule!(
        /// Fails.
        failing,
        Leak
    );

    fn check(_: &mut Cx<'_>) {
        panic!("on purpose");
    }
}
