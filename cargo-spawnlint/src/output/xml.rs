//! Text in XML.

use super::visible::visible_char;

/// A text for an attribute or between tags: nothing in it ends either, and no reader refuses it.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // In an attribute these would be read as spaces.
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            // XML has no way to say these.
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            it => out.push(visible_char(it)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_an_attribute_or_a_section() {
        assert_eq!(
            escape("<a b=\"c\">&'\n]]>\x1b[0m\u{ffff}"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&apos;&#10;]]&gt;␛[0m\u{fffd}"
        );
    }
}
