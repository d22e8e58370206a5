//! By what findings are known again, and what wakes an old one.

use cargo_spawnlint::{
    engine::{Engine, Options},
    fingerprint::{Fingerprint, fingerprints},
    project,
};
use expect_test::expect;
use spawnlint_rules::rules::RULES;

const POOL: &str = "
mod net {
    impl<T> Drop for Pool<T> {
        fn drop(&mut self) {
            let _ = tokio::spawn(async move { loop { tokio::time::sleep(SECOND).await; poll(self.id, b'x').await } });
        }
    }
}
fn start() {
    tokio::spawn(async move { loop { poll(1).await } });
    tokio::spawn(async move { loop { poll(1).await } });
}
";

fn of(files: &[(&str, &str)]) -> Vec<Fingerprint> {
    let files = files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
    let mut options = Options::new(RULES);
    options.jobs = 1;
    fingerprints(&Engine::from_texts(project::stdin(), files, options).unwrap().check())
}

fn hashes(text: &str) -> Vec<String> {
    of(&[("pool.rs", text)]).iter().map(Fingerprint::hash).collect()
}

#[test]
fn a_fingerprint_is_the_same_for_ever() {
    let shown: Vec<String> = of(&[("pool.rs", POOL)])
        .iter()
        .map(|it| {
            format!(
                "{} {} {} | {} | {} {} {}\n",
                it.file,
                it.rule,
                it.module,
                it.item,
                it.snippet,
                it.occurrence,
                it.hash()
            )
        })
        .collect();
    expect![[r#"
        pool.rs unbounded_task_loop pool | net::Pool::drop | f31489da4981ec83 0 d3ec593cd9895a1810638ce4ed294b17
        pool.rs unbounded_task_loop pool | start | ceaed4025184d9ea 0 e13dd60569bc866699bb2e6c199ae7bc
        pool.rs unbounded_task_loop pool | start | ceaed4025184d9ea 1 68070dd534ca8972ac454179e802e68a
    "#]]
    .assert_eq(&shown.concat());
}

#[test]
fn layout_and_comments_are_nothing() {
    let other = "// a comment\r\n\r\nmod net {\r\n  impl <T> Drop for Pool<T> { /* here */ fn drop(&mut self) {\r\n let _ = tokio\r\n::spawn(\r\n
        async move { // x\r\n loop { { tokio::time::sleep(SECOND,).await }; poll(self.id, b'x',).await; } },); } } }
        fn before() {}
        /// Documented.
        fn start() { /**/tokio::spawn(async move { loop { (poll(1)).await; } }); before();
        tokio::spawn(async move { loop { poll(1,).await } }); }";
    assert_eq!(hashes(POOL), hashes(other));
}

#[test]
fn a_change_wakes_the_finding_that_it_is_in() {
    let old = hashes(POOL);
    assert_eq!(old.len(), 3);
    let is_same = |text: String| -> Vec<bool> { hashes(&text).iter().map(|it| old.contains(it)).collect() };
    assert_eq!(is_same(POOL.replace("self.id", "self.number")), [false, true, true]);
    assert_eq!(is_same(POOL.replacen("poll(1)", "poll(2)", 1)), [true, false, true]);
    assert_eq!(is_same(POOL.replace("fn start", "fn begin")), [true, false, false]);
    assert_eq!(is_same(POOL.replace("Pool<T>", "Set<T>")), [false, true, true]);
    // Far inside of a task nothing of what was found changes.
    let long = |last: &str| POOL.replace("poll(self.id, b'x')", &format!("poll({}{last})", "self.id, ".repeat(20)));
    assert_eq!(hashes(&long("1")), hashes(&long("2")));
}

#[test]
fn a_file_is_part_of_its_module_and_not_of_the_hash() {
    let lib = "mod pool;";
    let files = |path: &str| {
        let prints = of(&[("lib.rs", lib), (path, POOL)]);
        prints.into_iter().map(|it| (it.module.clone(), it.hash())).collect::<Vec<_>>()
    };
    assert_eq!(files("pool.rs"), files("pool/mod.rs"));
}
