use super::*;
use std::path::PathBuf;

/// Files by name; those whose new text is in place bring the errors that `breaks` says.
struct Memory<F> {
    new: BTreeSet<PathBuf>,
    breaks: F,
    builds: usize,
    locked: &'static str,
}

impl<F: Fn(&dyn Fn(&str) -> bool) -> Vec<(&'static str, &'static str)>> Site for Memory<F> {
    fn put(&mut self, change: &Change, is_new: bool) -> Result<(), Refusal> {
        if change.path.ends_with(self.locked) {
            return Err(Refusal::Changed);
        }
        if is_new {
            self.new.insert(change.path.clone())
        } else {
            self.new.remove(&change.path)
        };
        Ok(())
    }

    fn build(&mut self) -> Result<Build> {
        self.builds += 1;
        let is_new = |path: &str| self.new.contains(&PathBuf::from(path));
        let error = |(path, message): (&str, &str)| BuildError {
            path: Some(PathBuf::from(path)),
            message: message.to_owned(),
            code: String::new(),
            rendered: message.to_owned(),
        };
        Ok(Build { errors: (self.breaks)(&is_new).into_iter().map(error).collect() })
    }
}

/// Verifies changes to these files, each with its group, and tells what was taken back for what.
fn run(
    files: &[(&str, usize)],
    breaks: impl Fn(&dyn Fn(&str) -> bool) -> Vec<(&'static str, &'static str)>,
) -> Vec<(String, String)> {
    run_locked(files, "none", breaks).0
}

fn run_locked(
    files: &[(&str, usize)],
    locked: &'static str,
    breaks: impl Fn(&dyn Fn(&str) -> bool) -> Vec<(&'static str, &'static str)>,
) -> (Vec<(String, String)>, Vec<String>) {
    let change = |(path, group): &(&str, usize)| Change {
        path: PathBuf::from(path),
        shown: (*path).to_owned(),
        old: "old".into(),
        new: "new".into(),
        group: *group,
    };
    let changes: Vec<Change> = files.iter().map(change).collect();
    let mut site = Memory { new: BTreeSet::new(), breaks, builds: 0, locked };
    let before = site.build().unwrap();
    site.new.extend(changes.iter().map(|it| it.path.clone()));
    let verified = verify(&changes, &before, &mut site).unwrap();
    let told = verified.rolled_back.iter().map(|(at, error)| (changes[*at].shown.clone(), error.message.clone()));
    let told: Vec<_> = told.collect();
    let stuck: Vec<String> = verified.stuck.iter().map(|(at, _)| changes[*at].shown.clone()).collect();
    for change in &changes {
        let is_back = told.iter().any(|(path, _)| *path == change.shown) || stuck.contains(&change.shown);
        assert!(is_back || site.new.contains(&change.path), "{} was lost", change.shown);
    }
    assert!(site.builds < 20, "{} builds", site.builds);
    (told, stuck)
}

fn told(path: &str, message: &str) -> (String, String) {
    (path.to_owned(), message.to_owned())
}

#[test]
fn what_builds_stays() {
    assert_eq!(run(&[("a", 1), ("b", 2)], |_| vec![]), []);
    assert_eq!(run(&[("a", 1)], |_| vec![("a", "was there before")]), []);
}

#[test]
fn an_error_in_a_changed_file_is_its_own() {
    let breaks = |is_new: &dyn Fn(&str) -> bool| match is_new("b") {
        true => vec![("b", "first"), ("b", "second")],
        false => vec![],
    };
    assert_eq!(run(&[("a", 1), ("b", 2), ("c", 3)], breaks), [told("b", "first")]);
}

#[test]
fn files_that_share_a_rewrite_go_together() {
    let breaks = |is_new: &dyn Fn(&str) -> bool| if is_new("b") { vec![("b", "no")] } else { vec![] };
    assert_eq!(run(&[("a", 1), ("b", 2), ("c", 2)], breaks), [told("b", "no"), told("c", "no")]);
}

#[test]
fn an_error_elsewhere_is_traced_by_trying() {
    let breaks = |is_new: &dyn Fn(&str) -> bool| if is_new("b") { vec![("user", "no")] } else { vec![] };
    assert_eq!(run(&[("a", 1), ("b", 2), ("c", 3)], breaks), [told("b", "no")]);
    // Two of them, each with an error of its own.
    let breaks = |is_new: &dyn Fn(&str) -> bool| {
        [("a", "from a"), ("c", "from c")]
            .into_iter()
            .filter(|(file, _)| is_new(file))
            .map(|(_, it)| ("user", it))
            .collect()
    };
    let taken: Vec<String> = run(&[("a", 1), ("b", 2), ("c", 3)], breaks).into_iter().map(|(path, _)| path).collect();
    assert_eq!(taken, ["a", "c"]);
}

#[test]
fn a_changed_file_that_only_shows_the_error_stays() {
    // `a` changes a type that `b` uses; `b` changed, too, somewhere else.
    let breaks = |is_new: &dyn Fn(&str) -> bool| if is_new("a") { vec![("b", "no such field")] } else { vec![] };
    assert_eq!(run(&[("a", 1), ("b", 2)], breaks), [told("a", "no such field")]);
}

#[test]
fn errors_that_hide_others_are_peeled_off() {
    let breaks = |is_new: &dyn Fn(&str) -> bool| match (is_new("a"), is_new("b")) {
        (true, _) => vec![("a", "does not parse")],
        (false, true) => vec![("b", "wrong type")],
        (false, false) => vec![],
    };
    assert_eq!(run(&[("a", 1), ("b", 2)], breaks), [told("a", "does not parse"), told("b", "wrong type")]);
}

#[test]
fn where_no_one_is_to_blame_all_are() {
    let breaks = |is_new: &dyn Fn(&str) -> bool| match is_new("a") || is_new("b") {
        true => vec![("user", "no")],
        false => vec![],
    };
    assert_eq!(run(&[("a", 1), ("b", 2)], breaks), [told("a", "no"), told("b", "no")]);
}

#[test]
fn what_cannot_be_taken_back_is_told() {
    let breaks = |is_new: &dyn Fn(&str) -> bool| if is_new("a") { vec![("a", "no")] } else { vec![] };
    let (rolled_back, stuck) = run_locked(&[("a", 1), ("b", 2)], "a", breaks);
    assert_eq!(stuck, ["a"]);
    assert!(rolled_back.is_empty(), "{rolled_back:?}");
}
