//! Where a value that ends a task is put: a field, the block, the result of a function.

use super::holder::{Holder, Making};
use crate::{
    finding::Piece,
    program::{
        BuiltStruct, Each, ExprRef, FnRef, LiteralPlace, LostForm, LostValue, Program, ResultPlace, Statement,
        TakenValue, TypeRef,
    },
    rewrite::{ABORT_ON_DROP, DROP_GUARD, Draft, JOIN_SET, Toolbox},
    span::{Span, TextRange},
};

/// Through how many functions a value is given back.
const MAX_FUNCTIONS: usize = 6;
/// How many calls of one function are changed.
const MAX_CALLERS: usize = 6;

/// Where a value may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the struct that the function builds.
    Field,
    /// In the block.
    Scope,
    /// By the caller.
    Result,
}

/// What was changed on the way to who keeps a value: nothing is changed twice.
#[derive(Debug, Clone, Default)]
pub(super) struct Through {
    /// Functions that give one more value back.
    functions: Vec<FnRef>,
    /// Structs that have one more field.
    owners: Vec<TypeRef>,
}

/// Puts a value where somebody keeps it.
#[derive(Clone, Copy)]
pub(super) struct Keep<'a> {
    pub(super) program: &'a Program,
}

impl Keep<'_> {
    /// Adds the edits that keep a value which is lost now. `through` is what was changed for it already.
    pub(super) fn at(
        self,
        draft: Draft,
        lost: &LostValue,
        holder: &Holder,
        place: Place,
        through: &mut Through,
    ) -> Option<Draft> {
        match place {
            Place::Field => {
                let built = self.program.built_struct(lost.statement)?;
                if through.owners.contains(&built.owner) {
                    return None;
                }
                through.owners.push(built.owner);
                self.in_field(draft, lost, holder, &built)
            }
            Place::Scope => {
                let is_kept = self.program.waits_after(lost.statement) || self.program.is_in_test(lost.value);
                is_kept.then(|| self.in_scope(draft, lost, holder))?
            }
            Place::Result => {
                let result = self.program.result_place(lost.statement)?;
                self.returned(draft, lost, holder, &result, through)
            }
        }
    }

    /// `let _task = AbortOnDropHandle::new(tokio::spawn(f));`
    fn in_scope(self, draft: Draft, lost: &LostValue, holder: &Holder) -> Option<Draft> {
        // What has a name keeps it, and lives as long as the name does.
        if let LostForm::Several { name: Some(name), .. } = &lost.form {
            let draft = bind(self.program, draft, lost, holder, Bound::Let(name))?;
            return Some(add_item(draft, holder));
        }
        let name = format!("_{}", wanted_name(lost, holder));
        let name = self.program.free_name(lost.value, &name);
        let draft = bind(self.program, draft, lost, holder, Bound::Let(&name))?;
        Some(add_item(draft, holder))
    }

    /// `-> AbortOnDropHandle<()>`
    fn returned(
        self,
        mut draft: Draft,
        lost: &LostValue,
        holder: &Holder,
        result: &ResultPlace,
        through: &mut Through,
    ) -> Option<Draft> {
        let ty = holder.ty.clone()?;
        let name = match &lost.form {
            LostForm::Several { name: Some(name), .. } => name.clone(),
            _ => self.program.free_name(lost.value, wanted_name(lost, holder)),
        };
        let stmts = self.program.statements(result.body);
        let is_last = stmts.len() == lost.statement.index + 1;
        let is_simple = is_last
            && result.ty.is_none()
            && result.returns.is_empty()
            && matches!(lost.form, LostForm::Alone | LostForm::Named { given_up: None, .. })
            && !matches!(holder.making, Making::Apart { .. });
        // What the statement itself gives back cannot be bound.
        if is_last && result.tail.is_some() && lost.form != LostForm::Within {
            return None;
        }
        if is_simple {
            draft = bind(self.program, draft, lost, holder, Bound::Tail)?;
            draft = self.give_back(draft, result, &ty, "", None, through)?;
        } else {
            draft = bind(self.program, draft, lost, holder, Bound::Let(&name))?;
            // The statement that gives the handle up gives it back instead, or keeps it under another name.
            let mut value = held(holder, &name);
            let mut instead = None;
            if let LostForm::Named { given_up: Some(given_up), .. } = &lost.form {
                match stmts.len() == given_up.index + 1 {
                    true => instead = Some(*given_up),
                    false => {
                        let kept = self.program.free_name(lost.value, "task");
                        draft = draft.replace(given_up.at, vec![Piece::New(format!("let {kept} = {value};"))]);
                        value = kept;
                    }
                }
            }
            draft = self.give_back(draft, result, &ty, &value, instead, through)?;
        }
        Some(add_item(draft, holder))
    }

    /// Gives one more value back: its type, the value (empty if it stands at the end already), and at every caller.
    pub(super) fn give_back(
        self,
        mut draft: Draft,
        result: &ResultPlace,
        ty: &[Piece],
        value: &str,
        instead_of: Option<Statement>,
        through: &mut Through,
    ) -> Option<Draft> {
        if through.functions.contains(&result.function)
            || through.functions.len() >= MAX_FUNCTIONS
            || result.callers.len() > MAX_CALLERS
        {
            return None;
        }
        through.functions.push(result.function);
        let is_optional = !result.returns.is_empty();
        let ty = match is_optional {
            false => ty.to_vec(),
            true => around("Option<", ty.to_vec(), ">"),
        };
        for (at, is_there) in &result.returns {
            let early = if *is_there { format!("return Some({value})") } else { "return None".to_owned() };
            draft = draft.replace(*at, vec![Piece::New(early)]);
        }
        let is_beside = match (&result.ty, result.tail) {
            (None, _) => {
                draft = draft.replace(result.params_end, around(" -> ", ty.clone(), ""));
                let value = if is_optional { format!("Some({value})") } else { value.to_owned() };
                match instead_of {
                    _ if value.is_empty() => {}
                    Some(statement) if self.program.statements(statement.block).len() == statement.index + 1 => {
                        draft = draft.replace(statement.at, vec![Piece::New(value)]);
                    }
                    Some(_) => return None,
                    None => {
                        let last = *self.program.statements(result.body).last()?;
                        let statement = self.program.statement_around(last)?;
                        if self.program.needs_semicolon_now(statement) && !draft.touches(statement.at) {
                            draft = draft.after(statement.at, ";");
                        }
                        let brace = self.program.span(result.body).range.end - 1;
                        let brace = TextRange::new(brace, brace).in_file(result.body.file);
                        draft = draft.replace(brace, vec![Piece::New(format!("    {value}\n"))]);
                    }
                }
                false
            }
            (Some(old), Some(tail)) if old.is_unit => {
                draft = draft.replace(old.at, ty.clone()).replace(tail, vec![Piece::New(value.to_owned())]);
                false
            }
            (Some(old), Some(tail)) if old.is_tuple && result.tail_is_tuple && result.callers.is_empty() => {
                draft = draft.replace(last_byte(old.at), around(", ", ty.clone(), ""));
                draft = draft.replace(last_byte(tail), vec![Piece::New(format!(", {value}"))]);
                true
            }
            (Some(old), Some(tail)) => {
                draft = draft.before(old.at, "(").replace(end_point(old.at), around(", ", ty.clone(), ")"));
                draft = draft.before(tail, "(").after(tail, format!(", {value})"));
                true
            }
            (Some(_), None) => return None,
        };
        for call in &result.callers {
            draft = self.at_caller(draft, *call, &ty, result, is_beside, through)?;
        }
        Some(draft)
    }

    /// Keeps at a call what the called function now gives.
    fn at_caller(
        self,
        draft: Draft,
        call: ExprRef,
        ty: &[Piece],
        result: &ResultPlace,
        is_beside: bool,
        through: &mut Through,
    ) -> Option<Draft> {
        let program = self.program;
        let ty = self.type_elsewhere(ty, result.function, call);
        // `fn outer() -> T { inner() }`
        if let Some(outer) = program.passed_on(call) {
            let (ty, old) = (ty?, outer.ty?);
            if through.functions.contains(&outer.function) || through.functions.len() >= MAX_FUNCTIONS {
                return None;
            }
            through.functions.push(outer.function);
            let mut draft = match old.is_unit {
                true => draft.replace(old.at, ty.clone()),
                false => draft.before(old.at, "(").replace(end_point(old.at), around(", ", ty.clone(), ")")),
            };
            for call in &outer.callers {
                draft = self.at_caller(draft, *call, &ty, &outer, !old.is_unit, through)?;
            }
            return Some(draft);
        }
        if is_beside {
            return match program.taken_value(call)? {
                // The temporary lives as long as what it is called on did.
                TakenValue::CalledOn(at) => Some(draft.after(at, ".0")),
                TakenValue::Bound { pat, statement, stays } => {
                    let waits = stays || program.waits_after(statement) || program.is_in_test(call);
                    let name = program.free_name(call, if waits { "_task" } else { "task" });
                    let draft = draft.before(pat, "(").after(pat, format!(", {name})"));
                    match waits {
                        true => Some(draft),
                        false => {
                            let result = program.result_place(statement)?;
                            self.give_back(draft, &result, &ty?, &name, None, through)
                        }
                    }
                }
            };
        }
        let lost = program.lost_value(program.given_value(call)?)?;
        let making = Making::Around(String::new(), String::new());
        let holder = Holder { making, ty, needs: None, words: String::new(), item: None };
        let places = [Place::Scope, Place::Field, Place::Result];
        let before = through.clone();
        places.into_iter().find_map(|place| {
            through.clone_from(&before);
            self.at(draft.clone(), &lost, &holder, place, through)
        })
    }

    /// How a type that is written in one function is written at a call of it.
    fn type_elsewhere(self, ty: &[Piece], function: FnRef, call: ExprRef) -> Option<Vec<Piece>> {
        let program = self.program;
        if function.file == call.file && program.module_around(call) == Some(program.function(function).body_module) {
            return Some(ty.to_vec());
        }
        let text: Option<String> =
            ty.iter().map(|piece| if let Piece::New(text) = piece { Some(text.as_str()) } else { None }).collect();
        let text = text?;
        let tools = Toolbox::new(program, call);
        for tool in [ABORT_ON_DROP, DROP_GUARD, JOIN_SET] {
            let name = tool.path.rsplit("::").next().unwrap_or(tool.path);
            let head = text.split('<').next().unwrap_or(&text);
            if head.rsplit("::").next() == Some(name) {
                let written = format!("{}{}", tools.path(tool), &text[head.len()..]);
                return tools.has(tool).then(|| vec![Piece::New(written)]);
            }
        }
        // A guard of the file's own.
        let name = text.rsplit("::").next().unwrap_or(&text);
        let path = (function.file != call.file).then(|| program.path_to_root_item(function.file, name, call.file));
        Some(vec![Piece::New(path.unwrap_or_else(|| Some(program.in_own_file(call, name)))?)])
    }

    /// `_task: AbortOnDropHandle<()>`
    fn in_field(self, mut draft: Draft, lost: &LostValue, holder: &Holder, built: &BuiltStruct) -> Option<Draft> {
        let ty = holder.ty.clone()?;
        let program = self.program;
        // The types are written where the task is started.
        if !program.is_in_module_of(lost.value, built.owner) {
            return None;
        }
        let field = program.free_field(built.owner, &format!("_{}", field_name(holder)));
        let name = program.free_name(lost.value, wanted_name(lost, holder));
        draft = bind(program, draft, lost, holder, Bound::Let(&name))?;
        let value = held(holder, &name);
        let is_optional = !built.others.is_empty();
        let (ty, value) = match is_optional {
            true => (around("Option<", ty, ">"), format!("Some({value})")),
            false => (ty, value),
        };
        draft = draft.replace(end_point(built.last_field), around(&format!(",\n{field}: "), ty, ""));
        draft = into_literal(draft, built.literal, &field, &value);
        for other in &built.others {
            draft = into_literal(draft, *other, &field, "None");
        }
        Some(add_item(draft, holder))
    }
}

fn into_literal(draft: Draft, place: LiteralPlace, field: &str, value: &str) -> Draft {
    let text = match place.is_short {
        true => format!(", {field}: {value}"),
        false => format!(",\n{field}: {value}"),
    };
    draft.after(place.last_field, text)
}

fn add_item(draft: Draft, holder: &Holder) -> Draft {
    match &holder.item {
        Some(item) => item.add(draft),
        None => draft,
    }
}

fn around(before: &str, mut pieces: Vec<Piece>, after: &str) -> Vec<Piece> {
    pieces.insert(0, Piece::New(before.to_owned()));
    if !after.is_empty() {
        pieces.push(Piece::New(after.to_owned()));
    }
    pieces
}

fn end_point(at: Span) -> Span {
    TextRange::new(at.range.end, at.range.end).in_file(at.file)
}

/// Before the parenthesis that ends a place.
fn last_byte(at: Span) -> Span {
    TextRange::new(at.range.end - 1, at.range.end - 1).in_file(at.file)
}

/// The expression that has the value once it is bound.
fn held(holder: &Holder, name: &str) -> String {
    match &holder.making {
        Making::Apart { value, .. } => value.clone(),
        _ => name.to_owned(),
    }
}

/// A name for the value: the author's, if there is one.
fn wanted_name<'a>(lost: &'a LostValue, holder: &Holder) -> &'a str {
    match (&holder.making, &lost.form) {
        (Making::Apart { .. }, _) => "stop",
        (Making::Behind(_), _) => "guard",
        (_, LostForm::Named { name, .. }) => name.trim_start_matches('_'),
        (_, LostForm::Several { name: Some(name), .. }) => name,
        (_, LostForm::Several { .. }) => "tasks",
        _ => "task",
    }
}

fn field_name(holder: &Holder) -> &'static str {
    match holder.making {
        Making::Apart { .. } => "stop",
        Making::Behind(_) => "guard",
        _ => "task",
    }
}

/// What becomes of the value in its statement.
enum Bound<'a> {
    /// `let name = value;`
    Let(&'a str),
    /// `value`
    Tail,
}

/// Changes the statement in which a handle is lost so that the value is made there, and has a name.
fn bind(program: &Program, draft: Draft, lost: &LostValue, holder: &Holder, bound: Bound<'_>) -> Option<Draft> {
    let value = program.span(lost.value);
    let whole = lost.statement.at;
    let head = TextRange::new(whole.range.start, value.range.start).in_file(whole.file);
    let tail = TextRange::new(value.range.end, whole.range.end).in_file(whole.file);
    let start = TextRange::new(whole.range.start, whole.range.start).in_file(whole.file);
    let new = |text: String| vec![Piece::New(text)];
    Some(match (&holder.making, &lost.form) {
        (Making::Around(before, after), LostForm::Alone) => {
            let (open, close) = match bound {
                Bound::Let(name) => (format!("let {name} = {before}"), format!("{after};")),
                Bound::Tail => (before.clone(), after.clone()),
            };
            draft.replace(head, new(open)).replace(tail, new(close))
        }
        (Making::Around(before, after), LostForm::Named { given_up: None, .. }) if matches!(bound, Bound::Tail) => {
            draft.replace(head, new(before.clone())).replace(tail, new(after.clone()))
        }
        (Making::Around(before, after), LostForm::Named { name, pat, given_up }) => {
            let Bound::Let(wanted) = bound else { return None };
            let mut draft = draft.around(value, before.clone(), after.clone());
            if wanted != name {
                draft = draft.replace(*pat, new(wanted.to_owned()));
            }
            if given_up.is_some() && wanted.starts_with('_') {
                return None;
            }
            draft
        }
        (Making::Around(before, after), LostForm::Several { name, handle_type, each, .. }) => {
            let Bound::Let(wanted) = bound else { return None };
            let mut draft = match each {
                Each::Value => draft.around(value, before.clone(), after.clone()),
                // `AbortOnDropHandle::new(` as a function.
                Each::Behind(at) => draft.replace(*at, new(format!(".map({})", before.trim_end_matches('(')))),
            };
            if let Some(at) = handle_type {
                // A guard of the file's own has no arguments.
                let ty = before.strip_suffix("::new(")?;
                draft = draft.replace(*at, new(format!("{ty}<")));
            }
            match name {
                Some(name) if name == wanted => draft,
                Some(_) => return None,
                None => draft.replace(start, new(format!("let {wanted} = "))),
            }
        }
        (Making::Behind(value), _) => {
            let Bound::Let(wanted) = bound else { return None };
            draft.after(whole, format!("\nlet {wanted} = {value};"))
        }
        (Making::Beside(before, after), LostForm::Used { name }) => {
            let Bound::Let(wanted) = bound else { return None };
            draft.after(whole, format!("\nlet {wanted} = {before}{name}{after};"))
        }
        (Making::Beside(before, after), LostForm::Within) => {
            let Bound::Let(wanted) = bound else { return None };
            let handle = program.free_name(lost.value, "handle");
            let prelude = vec![
                Piece::New(format!("let {handle} = ")),
                Piece::Kept(value),
                Piece::New(format!(";\nlet {wanted} = {before}{handle}{after};\n")),
            ];
            draft.replace(start, prelude).replace(value, new(handle))
        }
        (Making::Apart { prelude, future, value }, _) => {
            let draft = draft.replace(start, prelude.clone()).replace(future.0, future.1.clone());
            match bound {
                Bound::Let(name) if name.starts_with('_') => {
                    let semicolon = if program.needs_semicolon_now(lost.statement) { ";" } else { "" };
                    draft.after(whole, format!("{semicolon}\nlet {name} = {value};"))
                }
                _ => draft,
            }
        }
        _ => return None,
    })
}
