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
        "changes" => CHANGES.iter().map(|it| it.as_bytes().to_vec()).collect(),
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
    for page in ["README.md", "docs/adopting.md", "docs/ci.md", "docs/configuring.md"] {
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

const CHANGES: &[&str] = &[
    ":100644 100755 1111111 2222222 M\0src/a b.rs\0:100644 100644 1111111 2222222 R090\0old.rs\0n\u{e4}\n.rs\0",
    ":000000 100644 0000000 2222222 A\0../out.rs\0:160000 160000 1 2 M\0sub\0:100644 000000 1 0 U\0both.rs\0",
    "H 100644 1111111 0\tsrc/a.rs\0  ctime: 1:2\n  mtime: 3:4\n  dev: 5\tino: 6\n  uid: 0\tgid: 0\n  size: 7\tflags: 0\nS 120000 2222222 0\tlink\0",
    "1111111 blob 4\nfn a\n2222222 blob 0\n\n",
    "fn a() {}\n\0fn a() {}\r\n// more\n\0// on disk\nfn a() {}\n// more",
    "a\nb\nc\n\0a\nc\n\0\nc\na\n",
];

const COMMENTS: &[&str] = &[
    " allow(all)\n allow(dropped_join_handle, reason = \"it ends by itself\")\n\n detached\n expect(x)\n allow\n allow(\n",
    " allow(detached_task) -- why\n allow(dropped-join-handle)\n allow(a, b,)\nallow(all)\n allow ( all ) : text\n",
    " disallow(x)\n allow(warnings)\n allow(unbounded_task_loop): \"\n allow(\u{202e})\n allow(all, reason = \"\\u{1b}\")\n",
    "\n\n\n allow(suppression_without_reason)\n allow(unused_suppression)\n allow(unknown_suppression)\n",
];
