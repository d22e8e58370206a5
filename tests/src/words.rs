//! One word for one thing, in all that people read.

/// Words that have a plainer one, which is used everywhere.
const PLAINER: [(&str, &str); 24] = [
    ("way out", "exit"),
    ("ways out", "exits"),
    ("goes on", "keeps running"),
    ("go on", "keep running"),
    ("at once", "immediately"),
    ("for ever", "forever"),
    ("each turn", "each iteration"),
    ("every turn", "every iteration"),
    ("whoever", "whatever"),
    ("thrown away", "dropped"),
    ("lets go of", "drops"),
    ("given up", "dropped"),
    ("in so many words", "explicitly"),
    ("in place of", "instead of"),
    ("clean-up", "cleanup"),
    ("is to end", "ends"),
    ("goes along", "is captured"),
    ("a task more", "spawned into"),
    ("is told", "is reported"),
    ("mend", "fix"),
    ("half-way", "before it finishes"),
    ("a sign", "a signal"),
    ("there is none", "none found"),
    ("the other end", "the peer"),
];

/// What is wrong with the words of a text, if anything is.
pub fn plainer(text: &str) -> Option<String> {
    let is_said = |word: &str| {
        text.match_indices(word).any(|(at, _)| {
            let (before, behind) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
            ![before, behind].into_iter().flatten().any(char::is_alphabetic)
        })
    };
    let (word, plainer) = PLAINER.iter().find(|(word, _)| is_said(word))?;
    Some(format!("says `{word}` for `{plainer}`"))
}

#[test]
fn whole_words_are_found() {
    assert_eq!(plainer("a new one is started for every request"), None);
    assert_eq!(plainer("it runs for ever").as_deref(), Some("says `for ever` for `forever`"));
}
