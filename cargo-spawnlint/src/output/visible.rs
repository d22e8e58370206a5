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
}
