//! Text of strangers, made harmless: no control character or bidi override of a source file, path or name
//! reaches the terminal. Each is replaced by one character, so that columns stay where they are.

use std::borrow::Cow;

/// What is printed for a character.
pub(super) fn visible_char(it: char) -> char {
    match it {
        '\t' => it,
        // The pictures of control characters stand in the same order.
        '\0'..='\x1f' => char::from_u32(0x2400 + it as u32).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => char::REPLACEMENT_CHARACTER,
        _ => it,
    }
}

/// A text of several lines, with its line breaks.
pub fn lines(text: &str) -> Cow<'_, str> {
    replace(text, |it| if it == '\n' { it } else { visible_char(it) })
}

/// A text of one line; line breaks become visible too.
pub fn line(text: &str) -> Cow<'_, str> {
    replace(text, visible_char)
}

/// A longer word is a name that some tool made up; its ends tell it apart.
const LONG_WORD: usize = 160;

/// A text whose words are short enough to be read: of a longer one both ends are kept.
pub(super) fn short_words(text: &str) -> Cow<'_, str> {
    let is_long = |word: &str| word.len() > LONG_WORD && word.chars().count() > LONG_WORD;
    if !text.split(char::is_whitespace).any(is_long) {
        return Cow::Borrowed(text);
    }
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let end = word.trim_end();
        if !is_long(end) {
            return word.to_owned();
        }
        let start = end.floor_char_boundary(LONG_WORD / 2);
        let rest = end.ceil_char_boundary(end.len() - LONG_WORD / 4);
        format!("{}…{}", &end[..start], &word[rest..])
    });
    Cow::Owned(words.collect())
}

/// JSON in which every character that steers a terminal is an escape, whatever text it stands in. Of a parser's view it is
/// the same.
pub(super) fn json(text: &str) -> Cow<'_, str> {
    // Outside of strings there are no such characters but line breaks, and inside no line breaks.
    let is_plain = |it: char| it == '\n' || visible_char(it) == it;
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 16);
    for it in text.chars() {
        if is_plain(it) {
            plain.push(it);
        } else {
            let mut units = [0; 2];
            it.encode_utf16(&mut units).iter().for_each(|unit| plain.push_str(&format!("\\u{unit:04x}")));
        }
    }
    Cow::Owned(plain)
}

fn replace(text: &str, replacement: impl Fn(char) -> char) -> Cow<'_, str> {
    if text.chars().all(|it| replacement(it) == it) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(replacement).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        assert_eq!(line("a\x1b[31m\u{202e}b\r\n\t\u{9b}1m"), "a␛[31m�b␍␊\t�1m");
        assert_eq!(lines("plain\nüñí 🦀"), "plain\nüñí 🦀");
    }

    #[test]
    fn long_words_keep_their_ends() {
        assert_eq!(short_words("a b"), "a b");
        let name = format!("`{}z` is long", "é".repeat(5000));
        let short = short_words(&name).into_owned();
        assert!(short.starts_with("`éé") && short.ends_with("ééz` is long") && short.chars().count() < 80, "{short}");
    }

    #[test]
    fn json_says_the_same() {
        let text = "\u{202e} \u{9b}1m \x7f \u{e0001} üñí 🦀";
        let json = json(&format!("[\n\"{text}\"\n]")).into_owned();
        assert_eq!(json, "[\n\"\\u202e \\u009b1m \\u007f \\udb40\\udc01 üñí 🦀\"\n]");
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [text]);
    }
}
