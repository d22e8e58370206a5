//! Stand-in: text → summary.

use spawnlint_rules::{
    span::TextRange,
    summary::{FileSummary, Function, FunctionAttrs, Id, List, Module, ModuleId, ModuleKind, Name, Owner, Visibility},
};

/// A summary, and what kept it from being complete.
#[derive(Debug)]
pub struct Lowered {
    /// The facts.
    pub summary: FileSummary,
    /// Syntax errors.
    pub errors: Vec<SyntaxError>,
}

/// A place that does not parse.
#[derive(Debug)]
pub struct SyntaxError {
    /// Where.
    pub range: TextRange,
    /// What is wrong.
    pub message: String,
}

/// Finds `mod x;` and `fn x`, at the start of lines.
pub fn lower(text: &str) -> Lowered {
    let mut summary = FileSummary::default();
    let mut errors = Vec::new();
    let whole = TextRange::new(0, text.len() as u32);
    let file = ModuleId::from_index(0);
    let module = |name, kind, range, path_attr, is_test| Module {
        name,
        parent: (kind != ModuleKind::File).then_some(file),
        kind,
        path_attr,
        is_test,
        range,
    };
    summary.modules.push(module(None, ModuleKind::File, whole, None, false));
    let mut at = 0;
    let mut path_attr = None;
    let mut is_test = false;
    for line in text.split_inclusive('\n') {
        let range = TextRange::new(at as u32, (at + line.len()) as u32);
        at += line.len();
        let plain = line.trim().trim_start_matches("pub ").trim_start_matches("async ");
        if let Some(path) = plain.strip_prefix("#[path = \"") {
            summary.names.push(path.split('"').next().unwrap_or("").into());
            path_attr = Some(Name::from_index(summary.names.len() - 1));
        } else if plain == "#[cfg(test)]" {
            is_test = true;
        } else if let Some(name) = plain.strip_prefix("mod ").and_then(|it| it.strip_suffix(';')) {
            summary.names.push(name.into());
            let name = Name::from_index(summary.names.len() - 1);
            let made = module(Some(name), ModuleKind::Declared, range, path_attr.take(), is_test);
            is_test = false;
            summary.modules.push(made);
        } else if let Some(rest) = plain.strip_prefix("fn ") {
            let name = rest.split('(').next().unwrap_or("");
            summary.names.push(name.into());
            let start = range.start + line.find("fn ").unwrap_or(0) as u32 + 3;
            summary.functions.push(Function {
                name: Name::from_index(summary.names.len() - 1),
                range,
                name_range: TextRange::new(start, start + name.len() as u32),
                owner: Owner::Module,
                module: file,
                body_module: file,
                visibility: Visibility::Private,
                is_async: false,
                self_param: None,
                params: Vec::new(),
                generics: Vec::new(),
                ret: None,
                body: None,
                first_expr: None,
                attrs: FunctionAttrs::default(),
            });
        } else if plain.starts_with("fn(") || plain == "}}" {
            errors.push(SyntaxError { range, message: "expected identifier".to_owned() });
        }
    }
    let _: List<Name> = List::EMPTY;
    Lowered { summary, errors }
}
