//! `paste!`: names that are put together, `[<spawn_ $name>]`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// What `paste!` makes of its tokens. A name that cannot be put together stays as it is.
pub(in crate::lower) fn paste(tokens: TokenStream, place: Span) -> TokenStream {
    let mut out: Vec<TokenTree> = vec![];
    for token in tokens {
        let TokenTree::Group(group) = token else {
            out.push(token);
            continue;
        };
        let is_attribute = matches!(out.last(), Some(TokenTree::Punct(it)) if it.as_char() == '#');
        if is_attribute && is_doc(&group) {
            // `#[doc = "of `" $name "`"]` is no attribute yet, and says nothing.
            out.pop();
            continue;
        }
        out.push(match name_of(&group) {
            Some(name) => Ident::new(&name, place).into(),
            None => {
                let mut pasted = Group::new(group.delimiter(), paste(group.stream(), place));
                pasted.set_span(group.span());
                pasted.into()
            }
        });
    }
    out.into_iter().collect()
}

fn is_doc(group: &Group) -> bool {
    matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(it)) if it == "doc")
}

/// The name that stands as `[< .. >]`.
fn name_of(group: &Group) -> Option<String> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let all: Vec<TokenTree> = group.stream().into_iter().collect();
    let [first, parts @ .., last] = all.as_slice() else { return None };
    if !is_punct(first, '<') || !is_punct(last, '>') {
        return None;
    }
    let mut name = String::new();
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        let mut text = text_of(part)?;
        while parts.next_if(|it| is_punct(it, ':')).is_some() {
            let TokenTree::Ident(change) = parts.next()? else { return None };
            text = changed(&text, &change.to_string())?;
        }
        name.push_str(&text);
    }
    syn::parse_str::<Ident>(&name).is_ok().then_some(name)
}

fn is_punct(it: &TokenTree, expected: char) -> bool {
    matches!(it, TokenTree::Punct(punct) if punct.as_char() == expected)
}

fn text_of(it: &TokenTree) -> Option<String> {
    match it {
        TokenTree::Ident(ident) => Some(ident.to_string().trim_start_matches("r#").to_owned()),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            Some(quoted.unwrap_or(&text).replace('-', "_"))
        }
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let mut inside = group.stream().into_iter();
            let text = text_of(&inside.next()?)?;
            inside.next().is_none().then_some(text)
        }
        _ => None,
    }
}

fn changed(text: &str, how: &str) -> Option<String> {
    Some(match how {
        "lower" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "snake" => snake(text),
        "camel" | "upper_camel" => camel(text),
        "lower_camel" => {
            let text = camel(text);
            let mut chars = text.chars();
            chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
        }
        _ => return None,
    })
}

/// `SpawnAll` as `spawn_all`.
fn snake(text: &str) -> String {
    let mut out = String::new();
    let mut previous = '_';
    for it in text.chars() {
        if it.is_uppercase() && previous != '_' {
            out.push('_');
        }
        out.extend(it.to_lowercase());
        previous = it;
    }
    out
}

/// `spawn_all` as `SpawnAll`.
fn camel(text: &str) -> String {
    let mut out = String::new();
    let mut previous = '_';
    for it in text.chars() {
        match it {
            '_' => {}
            it if previous == '_' => out.extend(it.to_uppercase()),
            it if previous.is_uppercase() => out.extend(it.to_lowercase()),
            it => out.push(it),
        }
        previous = it;
    }
    out
}
