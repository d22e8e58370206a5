//! Names that a format string takes from around it.

/// Calls `visit` for each name captured by a format string: `{h}`, `{h:?}`, `{:width$}`.
pub(super) fn captures(text: &str, visit: &mut dyn FnMut(&str)) {
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            rest = after;
            continue;
        }
        let Some(end) = rest.find('}') else { return };
        let hole = &rest[..end];
        rest = &rest[end + 1..];
        let (name, spec) = hole.split_once(':').unwrap_or((hole, ""));
        if is_name(name.trim()) {
            visit(name.trim());
        }
        for part in spec.split_inclusive('$') {
            let Some(part) = part.strip_suffix('$') else { continue };
            let start = part.rfind(|c: char| !ra_ap_rustc_lexer::is_id_continue(c)).map_or(0, |at| at + 1);
            if let Some(name) = part.get(start..).filter(|name| is_name(name)) {
                visit(name);
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    text != "_" && ra_ap_rustc_lexer::is_ident(text)
}
