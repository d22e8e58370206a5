//! Random edits: what is shown after each is what a fresh run of the command line finds.

use crate::client::{Client, Folder};
use serde_json::json;
use std::collections::BTreeMap;

/// A generator of numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// Functions that a file is made of. `{n}` is a number, `{m}` a module.
const PIECES: [&str; 7] = [
    "pub fn leak{n}() {\n    tokio::spawn(async {\n        loop {\n            tokio::time::sleep(std::time::Duration::from_secs(1)).await;\n        }\n    });\n}\n",
    "pub fn starts{n}() {\n    tokio::spawn(crate::{m}::runs{n}());\n}\n",
    "pub async fn runs{n}() {\n    loop {\n        tokio::time::sleep(std::time::Duration::from_secs(1)).await;\n    }\n}\n",
    "pub async fn runs{n}() {\n    tokio::time::sleep(std::time::Duration::from_secs(1)).await;\n}\n",
    "pub struct Owner{n}(tokio::task::JoinHandle<()>);\nimpl Owner{n} {\n    pub fn new() -> Self {\n        Owner{n}(tokio::spawn(crate::{m}::runs{n}()))\n    }\n}\n",
    "// ü😀 nothing to see here\n",
    "macro_rules! start{n} {\n    ($work:expr) => {\n        tokio::spawn($work)\n    };\n}\npub fn by_macro{n}() {\n    start{n}!(crate::{m}::runs{n}());\n}\n",
];

fn piece(dice: &mut Dice) -> String {
    let (n, m) = (dice.below(3).to_string(), ["a", "b", "c"][dice.below(3)]);
    PIECES[dice.below(PIECES.len())].replace("{n}", &n).replace("{m}", m)
}

/// Where pieces begin and end in a text.
fn seams(text: &str) -> Vec<usize> {
    let ends = text.match_indices("\n}\n").map(|(at, end)| at + end.len());
    [0].into_iter().chain(ends).chain([text.len()]).collect()
}

fn position(text: &str, at: usize) -> serde_json::Value {
    let line = text[..at].matches('\n').count();
    let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
    json!({ "line": line, "character": text[start..at].encode_utf16().count() })
}

/// Replaces a part of an open text, as an editor tells it.
fn edit(client: &mut Client, uri: &str, version: &mut i32, text: &mut String, range: (usize, usize), new: &str) {
    let range_of = json!({ "start": position(text, range.0), "end": position(text, range.1) });
    *version += 1;
    client.change(uri, *version, json!([{ "range": range_of, "text": new }]));
    text.replace_range(range.0..range.1, new);
}

#[test]
fn after_any_edit_the_findings_are_those_of_a_fresh_run() {
    /// Each is compared with a fresh run.
    const ROUNDS: usize = 40;
    let mut dice = Dice(0x5eed_1e55);
    let folder = Folder::package(&[("src/lib.rs", "pub mod a;\npub mod b;\npub mod c;\n")]);
    let names = ["a", "b", "c"].map(|name| format!("src/{name}.rs"));
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for name in &names {
        let text: String = (0..4).map(|_| piece(&mut dice)).collect();
        folder.write(name, &text);
        texts.insert(name.clone(), text);
    }
    let mut client = Client::start(&folder);
    names.iter().for_each(|name| client.open(&folder.uri(name), &texts[name]));
    let mut version = 1;
    let mut found = 0;
    for round in 0..ROUNDS {
        let name = &names[dice.below(3)];
        let uri = folder.uri(name);
        let mut text = texts[name].clone();
        let seams = seams(&text);
        let (from, to) = (dice.below(seams.len()), dice.below(seams.len()));
        let (from, to) = (seams[from.min(to)], seams[(from.min(to) + 1).min(seams.len() - 1)]);
        match dice.below(4) {
            0 if text.len() > 400 => edit(&mut client, &uri, &mut version, &mut text, (from, to), ""),
            1 => {
                // Moved to another file.
                let moved = text[from..to].to_owned();
                edit(&mut client, &uri, &mut version, &mut text, (from, to), "");
                let other = &names[dice.below(3)];
                if other != name {
                    let mut there = texts[other].clone();
                    edit(&mut client, &folder.uri(other), &mut version, &mut there, (0, 0), &moved);
                    folder.write(other, &there);
                    texts.insert(other.clone(), there);
                }
            }
            _ => {
                // Typed: in pieces that do not parse, the middle ones, with an answer in between now and then.
                let new = piece(&mut dice);
                let mut at = from;
                let letters: Vec<char> = new.chars().collect();
                for chunk in letters.chunks(1 + dice.below(40)) {
                    let chunk: String = chunk.iter().collect();
                    edit(&mut client, &uri, &mut version, &mut text, (at, at), &chunk);
                    at += chunk.len();
                    if dice.below(4) == 0 {
                        client.settle();
                    }
                }
            }
        }
        folder.write(name, &text);
        texts.insert(name.clone(), text);
        client.settle();
        let fresh = folder.findings();
        found += fresh.len();
        assert_eq!(client.findings(&folder), fresh, "round {round}: {texts:#?}");
    }
    assert!(found > ROUNDS, "there was something to find: {found}");
    client.leave();
}
