//! Values that are given back: by the function that makes them, and by those that call it.

use super::{
    bind::{Bound, bind, held, wanted_name},
    holder::{Holder, Making},
    place::{Keep, Place, Through},
};
use crate::{
    finding::Piece,
    rewrite::{
        ABORT_ON_DROP, DROP_GUARD, Draft, JOIN_SET, Toolbox,
        keepers::{self, LostForm, LostValue, ResultPlace, ResultType, TakenValue},
        places::{self, Statement},
    },
};
use spawnlint_analysis::{
    questions::{ExprRef, FnRef},
    span::TextRange,
};

/// Through how many functions a value is given back: more is no edit that a reader takes in.
const MAX_FUNCTIONS: usize = 6;
/// How many calls of one function are changed, for the same reason.
const MAX_CALLERS: usize = 6;

impl Keep<'_> {
    /// `-> AbortOnDropHandle<()>`
    pub(super) fn returned(
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
            _ => self.name_for(lost, holder, wanted_name(lost, holder)),
        };
        let stmts = places::statements(self.program, result.body);
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
                        let kept = places::free_name(self.program, lost.value, "task");
                        draft = draft.replace(given_up.at, vec![Piece::New(format!("let {kept} = {value};"))]);
                        value = kept;
                    }
                }
            }
            draft = self.give_back(draft, result, &ty, &value, instead, through)?;
        }
        Some(self.with_item(draft, holder, through))
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
            let early = if *is_there { format!("Some({value})") } else { "None".to_owned() };
            let early = match result.returned_in {
                Some(outer) => format!("return {outer}({early})"),
                None => format!("return {early}"),
            };
            draft = draft.replace(*at, vec![Piece::New(early)]);
        }
        let is_beside = match (&result.ty, result.tail) {
            (None, _) => {
                draft = draft.replace(result.params_end, around(" -> ", ty.clone(), ""));
                let value = if is_optional { format!("Some({value})") } else { value.to_owned() };
                match instead_of {
                    _ if value.is_empty() => {}
                    Some(statement)
                        if places::statements(self.program, statement.block).len() == statement.index + 1 =>
                    {
                        draft = draft.replace(statement.at, vec![Piece::New(value)]);
                    }
                    Some(_) => return None,
                    None => {
                        let last = places::last_statement(self.program, result.body)?;
                        let statement = places::statement_around(self.program, last)?;
                        if places::needs_semicolon_now(self.program, statement) && !draft.touches(statement.at) {
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
                let value = if is_optional { format!("Some({value})") } else { value.to_owned() };
                draft = draft.replace(old.at, ty.clone()).replace(tail, vec![Piece::New(value)]);
                false
            }
            (Some(ResultType { member: Some(ty_member), .. }), Some(_)) if self.is_one_more_part(result) => {
                // Before a comma that may stand behind the last member.
                draft = draft.replace(ty_member.end(), around(", ", ty.clone(), ""));
                draft = draft.after(result.tail_member?, format!(", {value}"));
                true
            }
            (Some(old), Some(tail)) => {
                draft = draft.before(old.at, "(").replace(old.at.end(), around(", ", ty.clone(), ")"));
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
        if let Some(outer) = keepers::passed_on(program, call) {
            let (ty, old) = (ty?, outer.ty?);
            if through.functions.contains(&outer.function) || through.functions.len() >= MAX_FUNCTIONS {
                return None;
            }
            through.functions.push(outer.function);
            let mut draft = match old.is_unit {
                true => draft.replace(old.at, ty.clone()),
                false => draft.before(old.at, "(").replace(old.at.end(), around(", ", ty.clone(), ")")),
            };
            for call in &outer.callers {
                draft = self.at_caller(draft, *call, &ty, &outer, !old.is_unit, through)?;
            }
            return Some(draft);
        }
        if is_beside {
            return match keepers::taken_value(program, call)? {
                // One more part of a tuple that is taken apart.
                TakenValue::Parts { pat, last, statement } => {
                    let waits = keepers::is_body_of_test(program, statement.block)
                        || keepers::lives_on_in_block(program, statement);
                    let name = places::free_name(program, call, if waits { "_task" } else { "task" });
                    let draft = match self.is_one_more_part(result) {
                        true => draft.after(last, format!(", {name}")),
                        false => draft.before(pat, "(").after(pat, format!(", {name})")),
                    };
                    match waits {
                        true => Some(draft),
                        false => {
                            let result = keepers::result_place(program, statement)?;
                            self.give_back(draft, &result, &ty?, &name, None, through)
                        }
                    }
                }
                // The temporary lives as long as what it is called on did.
                TakenValue::CalledOn(at) => Some(draft.after(at, ".0")),
                TakenValue::Bound { pat, statement, stays } => {
                    // At the end of a test everything ends.
                    let ends_here = stays || keepers::is_body_of_test(program, statement.block);
                    let waits = ends_here || keepers::lives_on_in_block(program, statement);
                    let name = places::free_name(program, call, if waits { "_task" } else { "task" });
                    let draft = draft.before(pat, "(").after(pat, format!(", {name})"));
                    match waits {
                        true => Some(draft),
                        false => {
                            let result = keepers::result_place(program, statement)?;
                            self.give_back(draft, &result, &ty?, &name, None, through)
                        }
                    }
                }
            };
        }
        let lost = keepers::lost_value(program, keepers::given_value(program, call)?)?;
        let making = Making::Around(String::new(), String::new());
        let holder = Holder { making, ty, needs: None, words: "", many: "", guard: None };
        let places = [Place::Scope, Place::Field, Place::Given, Place::Result];
        let before = through.clone();
        places.into_iter().find_map(|place| {
            through.clone_from(&before);
            self.at(draft.clone(), &lost, &holder, place, through)
        })
    }

    /// Whether a tuple gets one more part: it is written as one, and whoever takes it takes it apart.
    fn is_one_more_part(self, result: &ResultPlace) -> bool {
        let takes_parts =
            |call: &ExprRef| matches!(keepers::taken_value(self.program, *call), Some(TakenValue::Parts { .. }));
        result.tail_member.is_some()
            && result.ty.is_some_and(|ty| ty.member.is_some())
            && result.callers.iter().all(takes_parts)
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
        let path =
            (function.file != call.file).then(|| places::path_to_root_item(program, function.file, name, call.file));
        Some(vec![Piece::New(path.unwrap_or_else(|| Some(places::in_own_file(program, call, name)))?)])
    }
}

/// Type or value between new text.
pub(super) fn around(before: &str, mut pieces: Vec<Piece>, after: &str) -> Vec<Piece> {
    pieces.insert(0, Piece::New(before.to_owned()));
    if !after.is_empty() {
        pieces.push(Piece::New(after.to_owned()));
    }
    pieces
}
