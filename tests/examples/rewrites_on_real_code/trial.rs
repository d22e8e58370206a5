//! Every rewrite of every finding of a package, one at a time.

use crate::{
    package::Package,
    table::{Outcome, Quality, Row},
};
use anyhow::{Context, Result};
use cargo_spawnlint::{
    engine::{Engine, Options},
    fix::{patched, resolve, unified},
    project::discover,
    report::Report,
};
use spawnlint_rules::{
    finding::{Applicability, Finding, Rewrite},
    rules::RULES,
};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What the compiler is to repeat if it sees a place.
const SEEN: &str = "spawnlint looks whether this is compiled";

/// Files with new texts.
type Texts = BTreeMap<PathBuf, String>;

/// Tries all of them; what was changed is the same again afterwards.
pub(crate) fn all(package: &Package, patches: &Path) -> Result<Vec<Row>> {
    let mut trial = Trial::new(package, patches)?;
    let report = trial.engine.check();
    let mut rows = Vec::new();
    for diagnostic in &report.diagnostics {
        let finding = &diagnostic.finding;
        let offered = finding.rewrites.iter().filter(|it| it.applicability != Applicability::HasPlaceholders);
        let offered: Vec<&Rewrite> = offered.collect();
        let is_seen = !offered.is_empty() && trial.is_seen(&report, finding)?;
        for rewrite in offered {
            let outcome = if is_seen {
                trial.outcome(&report, finding, rewrite)?
            } else {
                Outcome::Untried("the compiler does not see this place, with these features".to_owned())
            };
            rows.push(trial.row(&report, finding, rewrite, outcome));
        }
    }
    Ok(rows)
}

struct Trial<'a> {
    package: &'a Package,
    engine: Engine,
    patches: &'a Path,
    /// How many warnings the untouched copy has.
    warnings: usize,
    count: usize,
}

impl Trial<'_> {
    fn new<'a>(package: &'a Package, patches: &'a Path) -> Result<Trial<'a>> {
        let project = discover(&package.cargo(), &package.root.join("Cargo.toml"));
        let engine = Engine::open(project, Options::new(RULES))?;
        Ok(Trial { package, engine, patches, warnings: package.check()?.warnings, count: 0 })
    }

    /// Whether the compiler comes to the place of a finding.
    fn is_seen(&self, report: &Report, finding: &Finding) -> Result<bool> {
        let text = &report.sources.get(finding.at.file).text;
        let (start, end) = (finding.at.range.start as usize, finding.at.range.end as usize);
        let error = format!("compile_error!(\"{SEEN}\")");
        let put = |text: String| {
            let texts = Texts::from([(self.engine.path(finding.at.file).to_owned(), text)]);
            self.with(&texts, || Ok(self.package.check()?.errors.iter().any(|it| it.contains(SEEN))))
        };
        // In the place of an expression; or before an attribute.
        let instead = format!("{}{error}{}", &text[..start], &text[end..]);
        let before = format!("{}{error}; {}", &text[..start], &text[start..]);
        Ok(put(instead)? || put(before)?)
    }

    fn outcome(&mut self, report: &Report, finding: &Finding, rewrite: &Rewrite) -> Result<Outcome> {
        let suggestion = match resolve(&report.sources, rewrite) {
            Ok(suggestion) => suggestion,
            Err(why) => return Ok(Outcome::Fails(why.to_string())),
        };
        let Some(new) = patched(&report.sources, &suggestion) else {
            return Ok(Outcome::Fails("its edits do not go together".to_owned()));
        };
        let texts: Texts = new.into_iter().map(|(file, text)| (self.engine.path(file).to_owned(), text)).collect();
        self.count += 1;
        self.keep_patch(report, finding, rewrite, &texts)?;
        // The manifest as it is, whatever `cargo add` makes of it.
        let mut same = Texts::new();
        for file in ["Cargo.toml", "Cargo.lock"].map(|it| self.package.root.join(it)) {
            let text = fs::read_to_string(&file)?;
            same.insert(file, text);
        }
        let said = self.with(&same, || {
            if let Err(why) = self.package.add(&rewrite.needs) {
                return Ok(Err(why));
            }
            self.with(&texts, || self.package.check()).map(Ok)
        })?;
        let said = match said {
            Ok(said) => said,
            Err(why) => return Ok(Outcome::Untried(why.to_string())),
        };
        if let Some(first) = said.errors.first() {
            return Ok(Outcome::Fails(first.clone()));
        }
        let unformatted = texts.iter().any(|(path, new)| {
            let old = fs::read_to_string(path).unwrap_or_default();
            self.is_formatted(&old) && !self.is_formatted(new)
        });
        let quality =
            Quality { warns: said.warnings > self.warnings, repeats: self.repeats(finding, &texts)?, unformatted };
        Ok(Outcome::Compiles(quality))
    }

    /// Whether the rule says as much about the file as before.
    fn repeats(&mut self, finding: &Finding, texts: &Texts) -> Result<bool> {
        let path = self.engine.path(finding.at.file).to_owned();
        let found = |engine: &mut Engine| {
            let report = engine.check();
            let is_same = |it: &Finding| it.rule == finding.rule && engine.path(it.at.file) == path;
            report.diagnostics.iter().filter(|it| is_same(&it.finding)).count()
        };
        let before = found(&mut self.engine);
        texts.iter().for_each(|(path, text)| self.engine.update(&path.to_string_lossy(), text.clone()));
        let after = found(&mut self.engine);
        for path in texts.keys() {
            self.engine.update(&path.to_string_lossy(), fs::read_to_string(path)?);
        }
        Ok(after >= before)
    }

    /// Does something while files have other texts.
    fn with<T>(&self, texts: &Texts, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let old: Vec<(&PathBuf, Vec<u8>)> =
            texts.keys().map(|path| Ok((path, fs::read(path)?))).collect::<Result<_>>()?;
        texts.iter().try_for_each(|(path, text)| fs::write(path, text))?;
        let done = work();
        old.into_iter().try_for_each(|(path, text)| fs::write(path, text))?;
        done
    }

    /// Whether rustfmt has nothing to say; `false` if it does not say.
    fn is_formatted(&self, text: &str) -> bool {
        let formatted = || -> Result<Vec<u8>> {
            let mut child = Command::new("rustfmt")
                .args(["--edition", "2021", "--quiet"])
                .current_dir(&self.package.root)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()?;
            child.stdin.take().context("no input")?.write_all(text.as_bytes())?;
            Ok(child.wait_with_output()?.stdout)
        };
        formatted().is_ok_and(|it| it == text.as_bytes())
    }

    fn keep_patch(&self, report: &Report, finding: &Finding, rewrite: &Rewrite, texts: &Texts) -> Result<()> {
        let source = report.sources.get(finding.at.file);
        let (line, column) = source.line_column(finding.at.range.start);
        let mut text = format!(
            "{} {}:{line}:{column} {}: {}\n{:?}: {}\n",
            self.package.name, source.path, finding.rule, finding.message, rewrite.applicability, rewrite.title
        );
        for (path, new) in texts {
            let shown = path.strip_prefix(&self.package.root).unwrap_or(path).to_string_lossy().into_owned();
            text.extend(unified(&shown, &fs::read_to_string(path)?, new).into_iter().map(|(_, line)| line));
        }
        fs::write(self.patches.join(format!("{}-{:02}.diff", self.package.name, self.count)), text)?;
        Ok(())
    }

    fn row(&self, report: &Report, finding: &Finding, rewrite: &Rewrite, outcome: Outcome) -> Row {
        let source = report.sources.get(finding.at.file);
        let (line, _) = source.line_column(finding.at.range.start);
        Row {
            package: self.package.name.clone(),
            place: format!("{}:{line}", source.path),
            rule: finding.rule,
            applicability: rewrite.applicability,
            title: rewrite.title.clone(),
            needs: !rewrite.needs.is_empty(),
            outcome,
        }
    }
}
