//! No document points at a file that is not there.

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
            count += 1;
        }
    }
    assert!(count > 10, "only {count} links were found");
}
