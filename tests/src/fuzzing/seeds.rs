//! What fuzzing starts from: the fixtures, the documentation's examples, and bytes that are a program of the grammar.

use crate::{fixture, root};
use std::fs;

/// The seeds of a target; none if there is no such target.
///
/// # Panics
/// If a file of the repository cannot be read.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "lower" => fixtures(),
        "link" => bytes(24, 2000),
        "config" => configurations(),
        "baseline" => BASELINES.iter().map(|it| it.as_bytes().to_vec()).collect(),
        "patch" => PATCHES.iter().map(|it| it.as_bytes().to_vec()).collect(),
        "suppressions" => COMMENTS.iter().map(|it| it.as_bytes().to_vec()).collect(),
        "formats" => bytes(20, 600),
        _ => Vec::new(),
    }
}

fn fixtures() -> Vec<Vec<u8>> {
    let files = fixture::all().into_iter().flat_map(|it| it.files);
    let old = [
        "trait T { fn f(&self, u8, Box<Fn(u8) -> &'a str + Send>); }\nfn async(x: &'a (FnMut() + 'a)) {}\n",
        "type A = for<'a> Fn(&'a u8) + Send; fn f() { match x { 0...9 => r#try!(dyn), _ => await } }\n",
    ];
    files.map(|file| file.text.into_bytes()).chain(old.map(|it| it.as_bytes().to_vec())).collect()
}

/// Bytes that look random, and are always the same.
fn bytes(count: usize, len: usize) -> Vec<Vec<u8>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(|_| (0..len).map(|_| next()).collect()).collect()
}

/// The blocks of TOML in the documentation.
fn configurations() -> Vec<Vec<u8>> {
    let mut blocks: Vec<Vec<u8>> = CONFIGURATIONS.iter().map(|it| it.as_bytes().to_vec()).collect();
    for page in ["README.md", "docs/adopting.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        let starts = text.split("```toml\n").skip(1);
        blocks.extend(starts.filter_map(|it| Some(it.split_once("```")?.0.as_bytes().to_vec())));
    }
    blocks
}

const CONFIGURATIONS: &[&str] = &[
    "long-wait = \"2m\"\nrequire-reason = true\nexclude = [\"src/generated/**\"]\n\n[levels]\nall = \"warn\"\ndetached-task = \"deny\"\n",
    "[[override]]\npaths = [\"src/a.rs\"]\nlevels = { dropped_join_handle = \"allow\" }\n\n[[spawn]]\npath = \"a::b::spawn\"\narg = 1\nruns = \"future\"\ndrop = \"detaches\"\n",
    "[cost]\narrivals-per-second = 1.5\nabandoned = 0.1\nbytes-per-task = 4096\n\n[[owner]]\npath = \"a::Owner\"\ndrop = \"aborts\"\n[[stop]]\npath = \"a::stop\"\n[[wrapper]]\npath = \"a::wrap\"\narg = 0\n",
    "",
];

const BASELINES: &[&str] = &[
    "{\n  \"version\": 1,\n  \"findings\": []\n}\n",
    "{\n  \"version\": 1,\n  \"findings\": [\n    { \"file\": \"src/a.rs\", \"item\": \"Pool::start\", \"rule\": \"dropped_join_handle\", \"snippet\": \"0123456789abcdef\", \"count\": 2 },\n    { \"file\": \"src/b.rs\", \"item\": \"\", \"rule\": \"detached_task\", \"snippet\": \"0123456789abcdef\", \"count\": 1 }\n  ]\n}\n",
    "{\"version\":1,\"findings\":[{\"file\":\"a\",\"item\":\"f\",\"rule\":\"x\",\"snippet\":\"0000000000000000\",\"count\":4294967295},{\"file\":\"a\",\"item\":\"f\",\"rule\":\"x\",\"snippet\":\"0000000000000000\",\"count\":1}]}",
    "<<<<<<< ours\n{\"version\":2}",
];

const PATCHES: &[&str] = &[
    "diff --git a/src/a b.rs b/src/a b.rs\nindex 1..2 100644\n--- a/src/a b.rs\t\n+++ b/src/a b.rs\t\n@@ -3,2 +2,0 @@ fn f() {\n-\n-    // a comment\n@@ -9 +8,2 @@\n--- a/src/x.rs\n+++ b/src/x.rs\n+diff --git a/x b/x\n\\ No newline at end of file\n",
    "diff --git a/old2.rs \"b/n\\303\\244\\t\\\"w\\\".rs\"\nsimilarity index 90%\nrename from old2.rs\nrename to \"n\\303\\244\\t\\\"w\\\".rs\"\nindex 1..2 100644\n--- a/old2.rs\n+++ \"b/n\\303\\244\\t\\\"w\\\".rs\"\n@@ -1 +1 @@\n-a\n+b\n",
    "diff --git a/sub b/sub\nindex 1..2 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n-Subproject commit 1111\n+Subproject commit 2222-dirty\n",
    "* Unmerged path both.rs\ndiff --cc both.rs\nindex 1,2..0\n--- a/both.rs\n+++ b/both.rs\n@@@ -1,1 -1,1 +1,5 @@@\n++<<<<<<< ours\n",
    "diff --git a/gone.rs b/gone.rs\ndeleted file mode 100644\nindex 1..0\n--- a/gone.rs\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\ndiff --git a/x b/y.rs b/x b/y.rs\nindex 1..2 100644\nBinary files a/x b/y.rs and b/x b/y.rs differ\n",
];

const COMMENTS: &[&str] = &[
    " allow(all)\n allow(dropped_join_handle, reason = \"it ends by itself\")\n\n detached\n expect(x)\n allow\n allow(\n",
    " allow(detached_task) -- why\n allow(dropped-join-handle)\n allow(a, b,)\nallow(all)\n allow ( all ) : text\n",
    " disallow(x)\n allow(warnings)\n allow(unbounded_task_loop): \"\n allow(\u{202e})\n allow(all, reason = \"\\u{1b}\")\n",
    "\n\n\n allow(suppression_without_reason)\n allow(unused_suppression)\n allow(unknown_suppression)\n",
];
