use super::*;
use spawnlint_rules::rewrite::Draft;
use std::sync::Arc;

/// The one file of a test, with the places that `«` and `»` enclose.
struct Text {
    sources: Sources,
    places: Vec<Span>,
}

fn text(marked: &str) -> Text {
    let (mut plain, mut open, mut places) = (String::new(), Vec::new(), Vec::new());
    for it in marked.chars() {
        match it {
            '«' => open.push(plain.len() as u32),
            '»' => {
                let range = TextRange::new(open.pop().unwrap(), plain.len() as u32);
                places.push(range.in_file(FileId(0)));
            }
            other => plain.push(other),
        }
    }
    let mut sources = Sources::default();
    sources.add(Source::new("a.rs", plain));
    places.sort();
    Text { sources, places }
}

fn draft() -> Draft {
    Draft::new("mend it", Applicability::MachineApplicable)
}

impl Text {
    fn with(&self, draft: Draft) -> String {
        let suggestion = resolve(&self.sources, &draft.finish().unwrap()).unwrap();
        let mut text = self.sources.get(FileId(0)).text.to_string();
        for edit in suggestion.edits.iter().rev() {
            text.replace_range(edit.at.range.start as usize..edit.at.range.end as usize, &edit.text);
        }
        text
    }
}

#[test]
fn new_lines_are_indented_as_the_line_they_begin_on() {
    let it = text("fn f() {\n    a();\n    «spawn(b)»;\n}\n");
    let at = it.places[0];
    let new = it.with(draft().before(at, "if x {\n    c();\n\n    d();\n}\n"));
    assert_eq!(
        new, "fn f() {\n    a();\n    if x {\n        c();\n\n        d();\n    }\n    spawn(b);\n}\n",
        "a blank line stays blank"
    );
    let pieces = vec![Piece::New("{\n    ".to_owned()), Piece::Kept(at), Piece::New("\n}".to_owned())];
    assert_eq!(it.with(draft().replace(at, pieces)), "fn f() {\n    a();\n    {\n        spawn(b)\n    };\n}\n");
}

#[test]
fn what_is_kept_may_follow_a_line_break() {
    let it = text("    «x»;\n");
    let at = it.places[0];
    let pieces = vec![Piece::New("a;\n".to_owned()), Piece::Kept(at), Piece::New(";\n".to_owned())];
    assert_eq!(it.with(draft().replace(at, pieces)), "    a;\n    x;\n    ;\n");
    let it = text("    «x»\n");
    assert_eq!(it.with(draft().after(it.places[0], ";\ny;\n")), "    x;\n    y;\n\n", "no spaces before a line break");
}

#[test]
fn tabs() {
    let it = text("fn f() {\n\t\t«x»;\n}\n«»");
    let (at, end) = (it.places[0], it.places[1]);
    assert_eq!(it.with(draft().before(at, "{\n    a();\n      b();\n}\n")).lines().nth(2), Some("\t\t\ta();"));
    assert!(it.with(draft().before(at, "{\n      b();\n}\n")).contains("\n\t\t\t  b();\n\t\t}\n\t\tx;"));
    // Where the line itself does not tell, the file does.
    assert!(it.with(draft().before(end, "fn g() {\n    a();\n}\n")).ends_with("}\nfn g() {\n\ta();\n}\n"));
}

#[test]
fn line_ends() {
    let it = text("fn f() {\r\n    «x»;\r\n}\r\n«»");
    let (at, end) = (it.places[0], it.places[1]);
    assert_eq!(it.with(draft().before(at, "a;\n")), "fn f() {\r\n    a;\r\n    x;\r\n}\r\n");
    assert_eq!(it.with(draft().before(end, "\nfn g() {}\n")), "fn f() {\r\n    x;\r\n}\r\n\r\nfn g() {}\r\n");
    // The line that the edit stands in decides.
    let it = text("a;\r\n«b»;\nc;\n");
    assert_eq!(it.with(draft().before(it.places[0], "x;\n")), "a;\r\nx;\nb;\nc;\n");
}

#[test]
fn an_open_last_line_is_closed_before_something_follows() {
    let it = text("fn f() {\r\n}«»");
    assert_eq!(it.with(draft().before(it.places[0], "\nfn g() {}\n")), "fn f() {\r\n}\r\n\r\nfn g() {}\r\n");
    let it = text("a;«»");
    let at = it.places[0];
    assert_eq!(it.with(draft().before(at, "\nb;\n").before(at, "\nc;\n")), "a;\n\nb;\n\nc;\n");
    let it = text("fn f() { «x» }");
    assert_eq!(it.with(draft().around(it.places[0], "new(", ")")), "fn f() { new(x) }");
}

#[test]
fn text_before_the_edit_may_be_of_any_language() {
    let it = text("\u{feff}/* 🦀 é */ «x»;\n");
    assert_eq!(it.with(draft().before(it.places[0], "a;\n")), "\u{feff}/* 🦀 é */ a;\nx;\n");
}

#[test]
fn insertions_in_one_place_become_one() {
    let it = text("«x»");
    let at = it.places[0];
    let rewrite = draft().before(at, "a").before(at, "b").after(at, "c").finish().unwrap();
    let edits = resolve(&it.sources, &rewrite).unwrap().edits;
    assert_eq!(edits.iter().map(|edit| edit.text.as_str()).collect::<Vec<_>>(), ["ab", "c"]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let it = text("é«»");
    let at = |start, end| TextRange::new(start, end).in_file(FileId(0));
    let place = |range: Span| draft().before(range, "x").finish().unwrap();
    assert_eq!(resolve(&it.sources, &place(at(3, 3))), Err(Unresolved::OutOfBounds(FileId(0))));
    assert_eq!(resolve(&it.sources, &place(at(1, 1))), Err(Unresolved::OutOfBounds(FileId(0))), "inside a character");
    let kept = draft().replace(at(0, 2), vec![Piece::Kept(at(0, 5))]).finish().unwrap();
    assert_eq!(resolve(&it.sources, &kept), Err(Unresolved::OutOfBounds(FileId(0))));
    let gone = text("");
    assert_eq!(resolve(&gone.sources, &place(at(1, 1))), Err(Unresolved::Changed(FileId(0))));
    assert_eq!(resolve(&gone.sources, &place(at(0, 0))), Err(Unresolved::Changed(FileId(0))));
    let edit = |range| Edit { at: range, text: vec![Piece::New("y".to_owned())] };
    let twice = Rewrite { edits: Arc::new(vec![edit(at(0, 2)), edit(at(0, 2))]), ..place(at(0, 0)) };
    assert_eq!(resolve(&it.sources, &twice), Err(Unresolved::Overlapping));
}

#[test]
fn a_deletion_takes_its_line_with_it_but_no_other_edit() {
    let it = text("a;\n«b;»\n«»c;\n");
    let (gone, next) = (it.places[0], it.places[1]);
    assert_eq!(it.with(draft().replace(gone, vec![])), "a;\nc;\n");
    assert_eq!(it.with(draft().replace(gone, vec![]).before(next, "x;\n")), "a;\nx;\nc;\n");
    assert_eq!(it.with(draft().replace(gone, vec![]).after(gone, "x;")), "a;\nx;\nc;\n");
}
