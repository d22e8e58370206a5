//! What is deleted leaves no gap: no line of spaces, and no blank line that rustfmt would take out.

use spawnlint_analysis::span::TextRange;

/// The range to delete, so that a line that has nothing left goes as a whole. A comment behind it stays, and moves up
/// to where the line begins.
pub(super) fn closed(text: &str, range: TextRange) -> TextRange {
    let (start, end) = (range.start as usize, range.end as usize);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    if !is_blank(&text[line..start]) {
        let rest = &text[end..];
        let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        // Where nothing follows, what stands before it ends the line.
        let ends_line = break_at(&rest[spaces..]).is_some() && !text[start..end].ends_with('\n');
        let before = text[..start].trim_end_matches([' ', '\t']).len();
        return if ends_line { TextRange::new(before as u32, (end + spaces) as u32) } else { range };
    }
    // A line that is given as a whole is the same as one without its end.
    let gone = &text[start..end];
    let end = start + gone.strip_suffix('\n').map_or(gone, |it| it.strip_suffix('\r').unwrap_or(it)).len();
    let rest = &text[end..];
    let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let Some(line_end) = break_at(&rest[spaces..]) else {
        return TextRange::new(range.start, (end + spaces) as u32);
    };
    let (mut start, mut end) = (line, end + spaces + line_end);
    let before = &text[..line];
    let last = before.trim_end_matches(['\n', '\r']).rfind('\n').map_or(0, |at| at + 1);
    // Of two line breaks in a row the second one ends a blank line.
    let blank_before = before.strip_suffix('\n').and_then(|it| Some(it.rfind('\n')? + 1));
    let blank_before = blank_before.filter(|at| is_blank(before[*at..].trim_end()));
    let next = text[end..].split_inclusive('\n').next().unwrap_or_default();
    let opens = before.is_empty() || blank_before.is_some() || before[last..].trim_end().ends_with('{');
    if opens && is_blank(next.trim_end()) {
        end += next.len();
    } else if next.trim_start().starts_with('}') {
        start = blank_before.unwrap_or(start);
    }
    TextRange::new(start as u32, end as u32)
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|it| matches!(it, b' ' | b'\t'))
}

/// The length of the line break that a text begins with; the end of the text is one, too.
fn break_at(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [] => Some(0),
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text without what `«` and `»` enclose.
    fn without(marked: &str) -> String {
        let (head, rest) = marked.split_once('«').unwrap();
        let (gone, tail) = rest.split_once('»').unwrap();
        let mut text = format!("{head}{gone}{tail}");
        let range = closed(&text, TextRange::new(head.len() as u32, (head.len() + gone.len()) as u32));
        text.replace_range(range.start as usize..range.end as usize, "");
        text
    }

    #[test]
    fn a_line_that_is_empty_now_goes() {
        assert_eq!(without("{\n    a;\n    «b;»\n    c;\n}\n"), "{\n    a;\n    c;\n}\n");
        assert_eq!(without("{\r\n\ta;\r\n\t«b(\r\n\t);» \r\n\tc;\r\n}\r\n"), "{\r\n\ta;\r\n\tc;\r\n}\r\n");
        assert_eq!(without("a;\n«b;»"), "a;\n");
        assert_eq!(without("«use a;»\nuse b;\n"), "use b;\n");
    }

    #[test]
    fn blank_lines_around_it_do_not_add_up() {
        assert_eq!(without("a;\n\n«b;»\n\nc;\n"), "a;\n\nc;\n");
        assert_eq!(without("a;\n«b;»\n\nc;\n"), "a;\n\nc;\n");
        assert_eq!(without("a;\n«b;\n»\nc;\n"), "a;\n\nc;\n");
        assert_eq!(without("a;\r\n«b;\r\n»\r\nc;\r\n"), "a;\r\n\r\nc;\r\n");
        assert_eq!(without("{\n    «b;»\n\n    c;\n}\n"), "{\n    c;\n}\n");
        assert_eq!(without("{\n    a;\n\n    «b;»\n}\n"), "{\n    a;\n}\n");
        assert_eq!(without("«use a;»\n\nfn b() {}\n"), "fn b() {}\n");
    }

    #[test]
    fn what_else_is_in_the_line_stays() {
        assert_eq!(without("    «b;» // why\n"), "    // why\n");
        assert_eq!(without("    «let _ =» c;\n"), "    c;\n");
        assert_eq!(without("    a; «b;»\n"), "    a;\n");
        assert_eq!(without("    «let _ = »c;\n"), "    c;\n");
    }
}
