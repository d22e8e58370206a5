//! The answers as text: one task, one paragraph. For tests, and for people who ask why.

use super::{AccessPath, At, Ending, Fate, Program, Reach, Root, Task, Type, TypeRef, Via, gives_signal};
use crate::{
    facts::Pat,
    questions::{DropHow, Failure, FieldUse, GuardKind, VainAbort, VainCall, Value, WaitLength},
    span::{FileId, Sources, Span},
};
use std::fmt::Write;

impl Program {
    /// Every task with what is known of it.
    pub fn print_tasks(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for (task, fate, ending, reach) in self.answers() {
            self.print_task(&mut out, sources, task, fate, ending, *reach);
        }
        out
    }

    /// Every abort that cannot end what it is meant for.
    pub fn print_aborts(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for (task, fate, ending, _) in self.answers() {
            let Some(vain) = self.vain_abort(task, fate, ending) else { continue };
            let (what, at) = match vain {
                VainAbort::Started(at) => ("a closure that has started", at),
                VainAbort::NeverPauses(at, _) => ("a loop that never yields", at),
                VainAbort::HandleDropped(at) => ("an abort handle that is dropped", at),
                VainAbort::AbortableDropped(at) => ("the abort handle of a future that is dropped", at),
            };
            let _ = writeln!(out, "{}: {what}", place(sources, self.span(task.site)));
            let _ = writeln!(out, "  at {}", place(sources, at));
        }
        for call in self.vain_calls() {
            let (what, at) = match call {
                VainCall::Cancel(at) => ("cancelled without await", at),
                VainCall::Registration(at) => ("without registration", at),
            };
            let _ = writeln!(out, "{}: {what}", place(sources, self.span(at)));
        }
        out
    }

    /// What each task takes along, with the way to it.
    pub fn print_taken(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for (task, ..) in self.answers() {
            let _ = writeln!(out, "{}: {}", place(sources, self.span(task.site)), task.api);
            for taken in self.taken_values(self.runs(&task.future)) {
                let value = Value::bare(taken);
                let shared = if self.is_shared(&value) { ", shared" } else { "" };
                let way = self.access_path(&value).map_or("?".to_owned(), |path| self.print_path(sources, &path));
                let _ = writeln!(out, "  `{}`: {way}{shared}", self.text_of(taken));
            }
        }
        out
    }

    fn print_path(&self, sources: &Sources, path: &AccessPath) -> String {
        let mut text = match path.root {
            Root::Local(pat) => {
                let file = self.file(pat.file);
                let name = if let Pat::Bind { name, .. } = file[pat.id] { &file[name] } else { "_" };
                format!("({name} at {})", place(sources, file.pat_range(pat.id).in_file(pat.file)))
            }
            Root::Static(item) => {
                let file = self.file(item.file);
                file[file.consts[item.index as usize].name].to_owned()
            }
        };
        for field in &path.fields {
            let _ = write!(text, ".{field}");
        }
        if let Some(owner) = path.owner {
            let file = self.file(owner.file);
            let _ = write!(text, ", a field of `{}`", &file[file[owner.id].name]);
        }
        text
    }

    /// Every guard that is dropped as soon as it is made.
    pub fn print_guards(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for guard in self.discarded_guards() {
            let _ = writeln!(out, "{}: {:?}", place(sources, self.span(guard.at)), guard.loss);
            let what = match guard.kind {
                GuardKind::Handle => "handle".to_owned(),
                GuardKind::Token(token) => format!("guard of `{token}`"),
                GuardKind::Set => "set".to_owned(),
                GuardKind::Owner(name, _) => format!("`{name}`"),
            };
            let made = guard.made.map(|at| format!(" made at {}", place(sources, at)));
            let task = guard.task.map(|task| format!(" of {task}"));
            let _ = writeln!(out, "  {what}{}{}", task.unwrap_or_default(), made.unwrap_or_default());
        }
        out
    }

    /// Every set that grows with a loop, with what is known of it.
    pub fn print_sets(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for set in self.growing_sets() {
            let line = |span: Span| place(sources, span);
            let (looped, keyword) = set.looped;
            let _ = writeln!(out, "{}: {:?} `{}`", line(self.span(set.filled)), set.kind, set.name);
            let _ = writeln!(out, "  {:?} in `{}` at {}", set.turn, keyword.word(), line(looped));
            for call in set.calls {
                let _ = writeln!(out, "  through {}", line(call));
            }
            if let Some(at) = set.emptied_late {
                let _ = writeln!(out, "  emptied late at {}", line(at));
            }
        }
        out
    }

    /// Every long-lived span with the loop that it is open for and what is opened below it.
    pub fn print_spans(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for it in self.long_lived_spans() {
            let looped = place(sources, it.looped);
            let _ = writeln!(
                out,
                "{}: {:?}, `{}` at {looped}: {:?}",
                place(sources, it.at),
                it.opened,
                it.keyword.word(),
                it.lasting
            );
            for (at, function) in &it.children {
                let name = function.map_or("", |function| self.function_name(function));
                let _ = writeln!(out, "  below it: {name} at {}", place(sources, self.call_head(*at)));
            }
        }
        out
    }

    fn print_task(&self, out: &mut String, sources: &Sources, task: &Task, fate: &Fate, ending: &Ending, reach: Reach) {
        let line = |span: Span| place(sources, span);
        let via = match &task.via {
            Via::Direct => String::new(),
            Via::Wrapper(way) => {
                let names: Vec<String> = way.iter().map(|it| self.wrapper_name(*it)).collect();
                format!(" via {}", names.join(", "))
            }
        };
        let _ = writeln!(out, "{}: {}{via}", line(self.span(task.site)), task.api);
        let _ = writeln!(out, "  fate: {}", self.print_fate(sources, fate));
        if let Some(it) = self.overwrites(task, fate) {
            let again = it.again.map(|at| format!(", again at {}", line(at)));
            let _ = writeln!(out, "  overwrites: {} at {}{}", it.field, line(it.at), again.unwrap_or_default());
        }
        if let Some(it) = self.sustained(task, fate) {
            let owner = &self.file(it.owner.file)[self.file(it.owner.file)[it.owner.id].name];
            let (ended, taken) = (line(it.ended_by), line(it.taken_at));
            let _ = writeln!(
                out,
                "  sustained: {owner}.{} is ended at {ended}, kept by `{}` at {taken}",
                it.field, it.taken
            );
        }
        let _ = writeln!(out, "  ending: {}", ending.kind.word());
        for wait in &ending.waits {
            let length = match &wait.length {
                WaitLength::Known(length) => format!("{length:?}"),
                WaitLength::Unknown(text) => format!("`{text}`"),
            };
            let what = if wait.is_timeout { "timeout" } else { "sleep" };
            let _ = writeln!(out, "    {what} of {length} at {}, inside: {}", line(wait.at), wait.inner.word());
        }
        for fact in &ending.loops {
            let _ = writeln!(out, "    endless `{}` at {}", fact.keyword.word(), line(fact.at));
            for exit in &fact.dead_exits {
                let _ = writeln!(out, "      dead exit at {}: {}", line(exit.at), exit.dead.why);
            }
        }
        for close in &ending.ignored {
            let _ = writeln!(out, "    ignored close of {:?} ({:?}) at {}", close.half, close.passing, line(close.at));
        }
        for signal in &ending.signals {
            let _ = writeln!(out, "    signal: {:?} `{}` at {}", signal.kind, signal.name, line(signal.at));
        }
        for evidence in &ending.evidence {
            let _ = writeln!(out, "    {}: {}", line(evidence.at), evidence.text);
        }
        if let Some((why, at)) = ending.open_reason() {
            let _ = writeln!(out, "    {} at {}", why.words(), line(at));
        }
        match self.failure(task) {
            Some(Failure::Error { at, .. }) => {
                let _ = writeln!(out, "  fails: with an error at {}", line(at));
            }
            Some(Failure::Panic { at, what }) => {
                let _ = writeln!(out, "  fails: with a panic of {what} at {}", line(at));
            }
            None => {}
        }
        let _ = writeln!(out, "  reach: {}", reach.word());
        let captures: Vec<String> =
            self.captures(task).into_iter().map(|(name, ty, _)| format!("{name}: {}", self.print_type(&ty))).collect();
        if !captures.is_empty() {
            let _ = writeln!(out, "  captures: {}", captures.join(", "));
        }
    }

    /// Every type of the workspace that ends a task when it is dropped, or that holds a handle, a token or a
    /// sender, with what the code does with those.
    pub fn print_owners(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for (at, file) in self.files.iter().enumerate() {
            for (id, item) in file.types.iter().enumerate().filter(|(_, item)| !item.is_test) {
                let owner: TypeRef = At::from_index(FileId(at as u32), id);
                let ends = self.ends_task_on_drop(&Type::Item(owner, [].into()));
                let fields: Vec<_> = (item.fields.iter())
                    .map(|field| (field, self.declared_type(owner, field)))
                    .filter(|(_, ty)| self.stands_for_task(ty) || gives_signal(&ty.innermost()))
                    .collect();
                if ends.is_none() && fields.is_empty() {
                    continue;
                }
                let _ = writeln!(out, "{}", &file[item.name]);
                if let Some(ends) = ends {
                    let place = ends.at.map(|at| format!(" at {}", place(sources, at)));
                    let shared = if ends.is_shared { ", by the last of those who share it" } else { "" };
                    let how = format!("{:?} through {}{}", ends.does, ends.how, place.unwrap_or_default());
                    let _ = writeln!(out, "  dropped: {how}{shared}");
                }
                for (field, ty) in fields {
                    let key = self.field_key(owner, field);
                    let _ = writeln!(out, "  {key}: {}", self.print_type(&ty));
                    for used in self.field_acts(owner, &key) {
                        let by = used.by.map_or("a constant", |by| self.function_name(by));
                        let _ = writeln!(out, "    `{by}` {} at {}", used.act.word(), place(sources, used.at));
                    }
                }
            }
        }
        out
    }

    /// A type as code would write it, with `?` for what is not known.
    pub fn print_type(&self, ty: &Type) -> String {
        let list = |types: &[Type]| types.iter().map(|ty| self.print_type(ty)).collect::<Vec<_>>().join(", ");
        let with = |name: &str, args: &[Type]| match args {
            [] => name.to_owned(),
            args => format!("{name}<{}>", list(args)),
        };
        match ty {
            Type::Unknown => "?".to_owned(),
            Type::Item(item, args) => {
                let file = self.file(item.file);
                with(&file[file[item.id].name], args)
            }
            Type::External(path, args) => with(path, args),
            Type::Tuple(members) => format!("({})", list(members)),
            Type::Future(output) => format!("Future<{}>", self.print_type(output)),
            Type::Closure(_) => "closure".to_owned(),
        }
    }

    /// A fate in a few words.
    pub fn print_fate(&self, sources: &Sources, fate: &Fate) -> String {
        let line = |span: &Span| place(sources, *span);
        match fate {
            Fate::Dropped { how, at } => format!("dropped ({}) at {}", words(how), line(at)),
            Fate::PartlyDropped { lost, used } => format!("lost at {}, used at {}", line(lost), line(used)),
            Fate::Raced(race) => {
                let inner = race.inner.map(|at| format!(", used at {}", line(&at)));
                format!("lost to {:?} at {}{}", race.kind, line(&race.at), inner.unwrap_or_default())
            }
            Fate::Awaited(at) => format!("awaited at {}", line(at)),
            Fate::Aborted(at) => format!("aborted at {}", line(at)),
            Fate::AbortOnDrop(at) => format!("aborted on drop, wrapped at {}", line(at)),
            Fate::Returned { at } => format!("returned at {}", line(at)),
            Fate::Stored { owner, field, use_, .. } => {
                let file = self.file(owner.file);
                let use_ = match use_ {
                    FieldUse::Kept(at) => format!("used at {}", line(at)),
                    FieldUse::Raced(race) => format!("raced at {}", line(&race.at)),
                    FieldUse::Nothing => "never used".to_owned(),
                    FieldUse::Unknown(why) => format!("unknown: {}", why.words()),
                };
                format!("stored in {}.{field}, {use_}", &file[file[owner.id].name])
            }
            Fate::Moved { into, at } => format!("moved into {} at {}", into.words(), line(at)),
            Fate::Owned => "owned by what it is spawned on".to_owned(),
            Fate::Cancelled => "cancelled when the handle is dropped".to_owned(),
            Fate::Unknown(why) => format!("unknown: {}", why.words()),
        }
    }
}

fn words(how: &DropHow) -> String {
    match how {
        DropHow::Statement => "statement".to_owned(),
        DropHow::LetUnderscore => "let _".to_owned(),
        DropHow::TypedUnderscore => "let _: T".to_owned(),
        DropHow::Unused(name) => format!("`{name}` is never used"),
        DropHow::EndOfScope(name) => format!("`{name}` goes out of scope"),
        DropHow::DropCall => "drop()".to_owned(),
        DropHow::Forget => "forget()".to_owned(),
        DropHow::Detach => "detached".to_owned(),
        DropHow::Discarded => "discarded value".to_owned(),
        DropHow::AbortHandleUnused => "abort handle never used".to_owned(),
        DropHow::NoHandle => "no handle".to_owned(),
        DropHow::Adapted(method) => format!("`.{method}` of the handle discarded"),
    }
}

fn place(sources: &Sources, span: Span) -> String {
    let source = sources.get(span.file);
    let (line, column) = source.line_column(span.range.start);
    format!("{}:{line}:{column}", source.path)
}
