//! No document points at a file, or a heading, that is not there.

use spawnlint_tests::{fixture::entries, root};
use std::fs;

#[test]
fn links_lead_somewhere() {
    let documents = entries(&root()).into_iter().chain(entries(&root().join("docs")));
    let documents = documents.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let mut count = 0;
    for document in documents {
        let text = fs::read_to_string(&document).expect("a document");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let path =
                document.parent().expect("it stands in a folder").join(target.split('#').next().unwrap_or(target));
            assert!(path.exists(), "{} links to {target}", document.display());
            if let Some((page, anchor)) = target.split_once('#') {
                let page = if page.is_empty() { &document } else { &path };
                let page = fs::read_to_string(page).expect("a document");
                assert!(anchors(&page).any(|it| it == anchor), "{} links to {target}", document.display());
            }
            count += 1;
        }
    }
    assert!(count > 10, "only {count} links were found");
}

/// What the headings of a page are linked by: small letters, without signs, words joined by hyphens.
fn anchors(page: &str) -> impl Iterator<Item = String> {
    let mut is_code = false;
    let headings = page.lines().filter(move |line| {
        is_code ^= line.starts_with("```");
        !is_code && line.starts_with('#')
    });
    headings.map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|it| it.is_alphanumeric() || [' ', '-', '_'].contains(it));
        kept.map(|it| if it == ' ' { '-' } else { it }).collect()
    })
}

#[test]
fn headings_have_anchors() {
    let found: Vec<String> = anchors("# `git`, and lines\n```sh\n# no\n```\n## It always ends\n").collect();
    assert_eq!(found, ["git-and-lines", "it-always-ends"]);
}
