//! Spans of `tracing` that are open for as long as a loop runs that does not end, and what is opened below them.

use super::{
    Def, Exit, ExprRef, Fate, FieldUse, FnRef, LoopKind, Program, Reach, Root, RunBy, SignalKind, Trigger, Type, Value,
};
use crate::{
    catalogue::{self, Does, Macro, Wait},
    crates::{Crate, CrateKind},
    facts::{BlockKind, Expr, ExprId, Pat},
    span::Span,
};

/// How many calls deep loops and spans are looked for.
const MAX_DEPTH: usize = 3;

/// How a span is held open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// `#[instrument]` on a function.
    Attribute,
    /// `.instrument(span)` round a future.
    Future,
    /// `let _guard = span.enter();`
    Guard,
    /// `span.in_scope(|| ..)`.
    Scope,
}

/// Who hears of the spans that a crate opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// A layer that keeps what happens in a span until it closes.
    Collects,
    /// Programs of the workspace, with no such layer of another crate.
    Programs,
    /// Programs that are not seen.
    Unknown,
}

/// Why a loop runs as long as the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// It has no way out.
    Endless,
    /// It accepts connections.
    Accepts,
    /// It is started once per process and only a signal ends it.
    Process,
    /// It is no loop: a server of a library, which is awaited.
    Serves,
}

/// A span that is open for as long as a loop runs, and what is opened below it on each turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongLivedSpan {
    /// Where it is opened.
    pub at: Span,
    /// How.
    pub opened: Opened,
    /// The loop.
    pub looped: Span,
    /// Its keyword.
    pub keyword: LoopKind,
    /// Why it lasts.
    pub lasting: Lasting,
    /// Spans that each turn opens below: a macro, or a call of a function with `#[instrument]`.
    pub children: Vec<(ExprRef, Option<FnRef>)>,
    /// Events that each turn adds to it, where no span is opened and something keeps events until their span closes.
    pub events: Vec<ExprRef>,
    /// How many calls lie between the span and the loop.
    depth: usize,
}

/// A span that is opened.
struct Opening {
    /// What to point at.
    at: Span,
    opened: Opened,
    /// The call that opens it, or the body of the function with the attribute.
    opener: ExprRef,
    /// What runs below it, or the call in whose block that stands.
    base: ExprRef,
}

/// How far a walk over what runs has come.
struct Run {
    /// Whether the expression is known to run, whatever stands around it.
    is_entered: bool,
    /// Functions that are gone into, outermost first.
    stack: Vec<FnRef>,
    /// Whether one of their calls stands in a loop.
    in_loop: bool,
}

impl Run {
    fn below(is_entered: bool) -> Run {
        Run { is_entered, stack: Vec::new(), in_loop: false }
    }
}

impl Program {
    /// Long-lived spans with children, by place. One for each loop: the innermost.
    pub fn long_lived_spans(&self) -> Vec<LongLivedSpan> {
        let mut found = Vec::new();
        for (at, file) in self.files.iter().enumerate() {
            let id = crate::span::FileId(at as u32);
            for (index, item) in file.functions.iter().enumerate() {
                let function = FnRef::from_index(id, index);
                let (Some(attribute), Some(body)) = (item.attrs.instrument, item.body) else { continue };
                let opener = function.with(body);
                if !attribute.is_trace && self.is_judged(opener) {
                    let at = attribute.range.in_file(id);
                    let opening = Opening { at, opened: Opened::Attribute, opener, base: opener };
                    self.ask(None, || {
                        self.add(&mut found, &opening, &[body], || self.is_ended_by_owner(None, Some(function)));
                    });
                }
            }
        }
        for name in catalogue::methods_that(|method| method.does(Does::OpensSpan)) {
            for call in self.calls_named(name).iter().filter(|call| self.is_judged(**call)) {
                self.ask(None, || self.add_opened_by(&mut found, *call, name));
            }
        }
        found.sort_by_key(|it: &LongLivedSpan| (it.looped, it.depth, it.at));
        found.dedup_by_key(|it| it.looped);
        found.sort_by_key(|it| it.at);
        found
    }

    fn is_judged(&self, expr: ExprRef) -> bool {
        self.options.include_tests || !self.in_test(expr)
    }

    fn add_opened_by(&self, found: &mut Vec<LongLivedSpan>, call: ExprRef, name: &str) {
        let file = self.file(call.file);
        let Expr::MethodCall { receiver, args, .. } = file[call.id] else { return };
        let parents = self.parents(call.file);
        match (name, args.len) {
            ("instrument", 1) => {
                let Some(span) = file.at(args, 0) else { return };
                if !self.is_span(call.with(span)) {
                    return;
                }
                let base = self.origin(&Value::bare(call.with(receiver))).expr;
                let at = self.span(call.with(span));
                let opening = Opening { at, opened: Opened::Future, opener: call, base };
                self.add(found, &opening, &[base.id], || self.is_ended_by_owner(Some(call), None));
            }
            // `let _guard = span.enter();`, and what stands behind it in the block.
            (name, 0) if catalogue::method(name).does(Does::EntersSpan) => {
                let Some(local) = parents.parent(call.id) else { return };
                let Expr::Local { pat, .. } = file[local] else { return };
                let Some(block) = parents.parent(local) else { return };
                let Expr::Block { stmts, .. } = file[block] else { return };
                // Any `enter` of any type looks alike: a runtime has one too.
                if !matches!(file[pat], Pat::Bind { .. }) || !self.is_span(call.with(receiver)) {
                    return;
                }
                let held: Vec<ExprId> = file.list(stmts).skip_while(|stmt| *stmt != local).skip(1).collect();
                let dropped = held.iter().position(|stmt| self.drops(call.with(*stmt), call.with(pat)));
                let held = &held[..dropped.unwrap_or(held.len())];
                let opening = Opening { at: self.span(call), opened: Opened::Guard, opener: call, base: call };
                self.add(found, &opening, held, || false);
            }
            ("in_scope", 1) => {
                let closure = file.at(args, 0).map(|arg| file[arg]);
                if let Some(Expr::Closure { body, .. }) = closure {
                    let opening = Opening { at: self.call_head(call), opened: Opened::Scope, opener: call, base: call };
                    self.add(found, &opening, &[body], || false);
                }
            }
            _ => {}
        }
    }

    /// Whether an expression is a span of `tracing` that is not switched off: a span macro, or something of
    /// that type.
    fn is_span(&self, expr: ExprRef) -> bool {
        let origin = self.origin(&Value::bare(expr));
        match self.expr(&origin) {
            Expr::Macro(_) => self.span_macro(origin.expr).is_some(),
            Expr::MethodCall { receiver, method, .. } => {
                catalogue::method(&self.file(origin.expr.file)[method]).does(Does::KeepsSpan)
                    && self.is_span(origin.expr.with(receiver))
            }
            _ => self.type_of(&origin).pointee().is("tracing::Span"),
        }
    }

    /// The name of a span macro, unless its level is `trace`.
    fn span_macro(&self, expr: ExprRef) -> Option<&str> {
        let file = self.file(expr.file);
        let Expr::Macro(id) = file[expr.id] else { return None };
        let name = file.last_segment(file[id].path);
        let is_trace = || {
            file.list(file[id].args)
                .any(|arg| matches!(file[arg], Expr::Path(path) if file.last_segment(path) == "TRACE"))
        };
        let is_open =
            file.macro_of(id) == Some(Macro::Spans) && name != "trace_span" && (name != "span" || !is_trace());
        is_open.then_some(name)
    }

    fn drops(&self, stmt: ExprRef, guard: super::PatRef) -> bool {
        let file = self.file(stmt.file);
        let Expr::Call { args, .. } = file[stmt.id] else { return false };
        self.call_name(stmt).is_some_and(|name| name.ends_with("drop"))
            && file.at(args, 0).is_some_and(|arg| self.local(stmt.with(arg)).is_some_and(|(pat, _)| pat == guard))
    }

    /// Whether the task that a span belongs to is ended by whoever has its handle: then the span is, too.
    fn is_ended_by_owner(&self, opener: Option<ExprRef>, function: Option<FnRef>) -> bool {
        let is_its = |task: &&super::Task| {
            let around = opener.is_some_and(|opener| {
                let file = opener.file == task.site.file;
                file && self.first_below(task.site) <= opener.id && opener.id <= task.site.id
            });
            around || function.is_some() && self.called_fn(&self.origin(&task.future)) == function
        };
        self.tasks().iter().filter(is_its).any(|task| {
            let fate = self.plain_fate(task);
            self.reach_here(task.site) != Reach::Process
                && matches!(
                    fate,
                    Fate::Aborted(_)
                        | Fate::AbortOnDrop(_)
                        | Fate::Owned
                        | Fate::Cancelled
                        | Fate::Stored { use_: FieldUse::Kept(_) | FieldUse::Raced(_), .. }
                )
        })
    }

    /// Adds the first lasting loop with children that runs in one of `parts`, unless the span is opened for each
    /// request, or `ends_early`. These are asked last: few spans are open over a loop.
    fn add(&self, found: &mut Vec<LongLivedSpan>, opening: &Opening, parts: &[ExprId], ends_early: impl Fn() -> bool) {
        let Opening { at, opened, opener, base } = *opening;
        for part in parts {
            let mut looped = None;
            self.each_run(base.with(*part), &mut Run::below(true), &mut |expr, run| {
                // Of a function that is called here, this call alone counts.
                let reach = || match run.stack.is_empty() {
                    true => self.reach_here(expr),
                    false if run.in_loop || self.is_in_loop(expr) => Reach::Request,
                    false => self.reach_here(base),
                };
                if looped.is_none() {
                    looped = self.lasting(expr, reach).map(|lasting| (expr, lasting, run.stack.len()));
                }
                looped.is_none()
            });
            let Some((looped, lasting, depth)) = looped else { continue };
            let (keyword, body) = match self.file(looped.file)[looped.id] {
                Expr::Loop { body, .. } => (LoopKind::Loop, body),
                Expr::While { body, .. } => (LoopKind::While, body),
                Expr::For { body, .. } => (LoopKind::For, body),
                Expr::Await(_) => (LoopKind::Wait, *part),
                _ => continue,
            };
            let serves = lasting == Lasting::Serves;
            let audience = self.audience(opener);
            let collects = !serves && audience == Audience::Collects;
            let (mut children, mut events) = (Vec::new(), Vec::new());
            let root = if serves { base.with(body) } else { looped.with(body) };
            self.each_run(root, &mut Run::below(serves), &mut |expr, _| {
                let child = if serves { self.handler_with_span(expr) } else { self.child_span(expr) };
                if let Some(child) = child
                    && !self.is_last_turn(expr, looped)
                {
                    children.push((expr, child));
                }
                if collects && self.is_event(expr) && !self.is_last_turn(expr, looped) {
                    events.push(expr);
                }
                true
            });
            if !children.is_empty() || !events.is_empty() {
                if self.reach_here(opener) == Reach::Request || ends_early() {
                    return;
                }
                // What is only printed or counted keeps nothing, unless a layer of the workspace itself does.
                if audience == Audience::Programs && self.layer_growths().is_empty() {
                    return;
                }
                let looped = self.span(looped);
                return found.push(LongLivedSpan { at, opened, looped, keyword, lasting, children, events, depth });
            }
        }
    }

    /// Calls `visit` for what runs when an expression is evaluated, into the workspace's functions that it calls.
    /// Into futures only where they run below the same span. `visit` says whether to go on.
    fn each_run(&self, root: ExprRef, run: &mut Run, visit: &mut dyn FnMut(ExprRef, &Run) -> bool) {
        let file = self.file(root.file);
        let is_entered = std::mem::take(&mut run.is_entered);
        match file[root.id] {
            Expr::Closure { .. } => return,
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
                if !is_entered && !self.runs_below_span(root) =>
            {
                return;
            }
            Expr::Call { .. } | Expr::MethodCall { .. } if run.stack.len() < MAX_DEPTH => {
                if let Some(function) = self.called_fn(&Value::bare(root))
                    && !run.stack.contains(&function)
                {
                    let item = self.function(function);
                    let is_future = matches!(self.return_type(function), Type::Future(_));
                    let runs = !is_future || item.is_async && (is_entered || self.runs_below_span(root));
                    // A function with a span of its own is judged by itself.
                    if let Some(body) = item.body.filter(|_| runs && item.attrs.instrument.is_none()) {
                        let was_in_loop = run.in_loop;
                        run.in_loop |= self.is_in_loop(root);
                        run.stack.push(function);
                        self.each_run(function.with(body), run, visit);
                        run.stack.pop();
                        run.in_loop = was_in_loop;
                    }
                }
            }
            _ => {}
        }
        if visit(root, run) {
            file.each_child(root.id, &mut |child| self.each_run(root.with(child), run, visit));
        }
    }

    /// Whether a future is awaited where it is made, or takes the current span along to where it runs.
    fn runs_below_span(&self, future: ExprRef) -> bool {
        let file = self.file(future.file);
        let mut child = future.id;
        for at in self.parents(future.file).ancestors(future.id) {
            match file[at] {
                Expr::Await(_) => return true,
                Expr::Select(id) => return file.list(file[id].arms).any(|arm| file[arm].future == Some(child)),
                Expr::Macro(id) if file.macro_of(id) == Some(Macro::Joins) => return true,
                Expr::MethodCall { receiver, method, args, .. } if receiver == child => match &file[method] {
                    "in_current_span" => return true,
                    "instrument" => {
                        let name = file.at(args, 0).and_then(|span| self.call_name(future.with(span)));
                        if name.is_some_and(|name| name.ends_with("Span::current")) {
                            return true;
                        }
                    }
                    method if catalogue::method(method).adapts_future() => {}
                    _ => return false,
                },
                // On this thread, and so below the same span.
                Expr::MethodCall { method, .. } => return &file[method] == "block_on",
                Expr::Call { callee, .. } => match self.callee(future.with(callee)) {
                    Def::External(path) if path.ends_with("::block_on") => return true,
                    Def::External(path)
                        if matches!(
                            catalogue::wait(&path),
                            Some(Wait::Timeout | Wait::TimeoutAt | Wait::Join | Wait::JoinAll | Wait::Race)
                        ) || &*path == "std::boxed::Box::pin" => {}
                    _ => return false,
                },
                _ => return false,
            }
            child = at;
        }
        false
    }

    /// A span that is opened below the current one: `Some(None)` by a macro, `Some(function)` by a call.
    fn child_span(&self, expr: ExprRef) -> Option<Option<FnRef>> {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Macro(id) => (self.span_macro(expr).is_some() && !file[id].has_parent).then_some(None),
            Expr::Call { .. } | Expr::MethodCall { .. } => {
                let function = self.called_fn(&Value::bare(expr))?;
                let item = self.function(function);
                item.attrs.instrument.filter(|it| !it.has_parent && !it.is_trace)?;
                let is_future = matches!(self.return_type(function), Type::Future(_));
                let runs = !is_future || item.is_async && self.runs_below_span(expr);
                runs.then_some(Some(function))
            }
            _ => None,
        }
    }

    /// Whether what stands behind an expression leaves the loop.
    fn is_last_turn(&self, expr: ExprRef, looped: ExprRef) -> bool {
        if expr.file != looped.file || expr.id > looped.id {
            return false;
        }
        let file = self.file(expr.file);
        let mut child = expr.id;
        for at in self.parents(expr.file).ancestors(expr.id).take_while(|at| *at != looped.id) {
            if let Expr::Block { stmts, .. } = file[at] {
                let mut behind = file.list(stmts).skip_while(|stmt| *stmt != child).skip(1);
                if behind.any(|stmt| matches!(file[stmt], Expr::Break { .. } | Expr::Return(_))) {
                    return true;
                }
            }
            child = at;
        }
        false
    }

    /// Whether a loop runs as long as the process, or as the server that it belongs to.
    fn lasting(&self, looped: ExprRef, reach: impl Fn() -> Reach) -> Option<Lasting> {
        let file = self.file(looped.file);
        match file[looped.id] {
            Expr::Await(inner) if self.serves(looped.with(inner)) => {
                return (reach() != Reach::Request).then_some(Lasting::Serves);
            }
            Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } => {}
            _ => return None,
        }
        let reach = reach();
        let exits = self.exits(&Value::bare(looped), &RunBy::default());
        if reach == Reach::Request || exits.iter().any(|exit| exit.trigger == Trigger::Always) {
            // An iterator that ends, a loop that is left on its first turn.
            return None;
        }
        if self.accepts(looped, reach == Reach::Process) {
            return Some(Lasting::Accepts);
        }
        if exits.iter().all(|exit| matches!(exit.trigger, Trigger::Impossible(_))) && self.waits(looped) {
            return Some(Lasting::Endless);
        }
        if exits.iter().all(|exit| self.comes_with_process(exit)) && self.waits(looped) {
            return Some(Lasting::Process);
        }
        let on_signal = exits.iter().all(|exit| matches!(exit.trigger, Trigger::Signal(_) | Trigger::Impossible(_)));
        (on_signal && reach == Reach::Process && self.waits(looped)).then_some(Lasting::Process)
    }

    /// Whether an exit opens with the end of the process only: its signal, or a flag in a static.
    fn comes_with_process(&self, exit: &Exit) -> bool {
        match &exit.trigger {
            Trigger::Impossible(_) => true,
            Trigger::Signal(signal) if signal.kind == SignalKind::Flag => {
                let path = self.access_path(&self.value_of(signal.source));
                path.is_some_and(|path| matches!(path.root, Root::Static(_)))
            }
            Trigger::Signal(signal) => signal.kind == SignalKind::Process,
            _ => false,
        }
    }

    /// Whether a future that is awaited is a server of a library.
    fn serves(&self, future: ExprRef) -> bool {
        let mut here = self.origin(&Value::bare(future)).expr;
        let mut methods = Vec::new();
        loop {
            let file = self.file(here.file);
            match file[here.id] {
                Expr::MethodCall { receiver, method, .. } if self.called_fn(&Value::bare(here)).is_none() => {
                    methods.push(&file[method]);
                    here = self.origin(&Value::bare(here.with(receiver))).expr;
                }
                Expr::Try(inner) | Expr::Await(inner) => here = self.origin(&Value::bare(here.with(inner))).expr,
                Expr::Call { callee, .. } => {
                    return matches!(self.callee(here.with(callee)), Def::External(path)
                        if catalogue::serves(&path, &methods));
                }
                _ => return false,
            }
        }
    }

    /// A function with `#[instrument]` that is handed to a server as it is: `get(hello)`.
    fn handler_with_span(&self, expr: ExprRef) -> Option<Option<FnRef>> {
        let file = self.file(expr.file);
        let Expr::Path(_) = file[expr.id] else { return None };
        let parent = self.parents(expr.file).parent(expr.id)?;
        if matches!(file[parent], Expr::Call { callee, .. } if callee == expr.id) {
            return None;
        }
        let Def::Fn(function) = self.callee(expr) else { return None };
        self.function(function).attrs.instrument.filter(|it| !it.has_parent && !it.is_trace)?;
        Some(Some(function))
    }

    /// What is known of those that keep what happens in a span until it closes: the package that opens it depends on
    /// such a crate, or one of the workspace that depends on that package does.
    fn audience(&self, opener: ExprRef) -> Audience {
        let Some(place) = self.crates.files.get(opener.file.index()) else { return Audience::Unknown };
        let collects = |krate: &Crate| {
            krate.dependencies.iter().any(|row| {
                let asked = row.asked.as_ref();
                let features = asked.map_or(&[][..], |asked| &asked.features);
                asked.is_none_or(|asked| asked.is_default) && catalogue::collects_events(&row.real_name, features)
            })
        };
        let all = &self.crates.crates;
        let own = &all[place.krate.index()];
        let mut users: Vec<usize> =
            (0..all.len()).filter(|at| *at == place.krate.index() || all[*at].package == own.package).collect();
        let mut next = 0;
        let mut found = Audience::Unknown;
        while let Some(at) = users.get(next).copied() {
            if collects(&all[at]) {
                return Audience::Collects;
            }
            if all[at].kind == CrateKind::Bin && !all[at].is_for_tests {
                found = Audience::Programs;
            }
            let uses = |krate: &Crate| {
                krate.dependencies.iter().any(|row| row.workspace_crate.is_some_and(|used| used.index() == at))
            };
            let more: Vec<usize> = (0..all.len()).filter(|user| !users.contains(user) && uses(&all[*user])).collect();
            users.extend(more);
            next += 1;
        }
        found
    }

    /// An event of `tracing` that tells of what happens every day.
    fn is_event(&self, expr: ExprRef) -> bool {
        let file = self.file(expr.file);
        let Expr::Macro(id) = file[expr.id] else { return false };
        if file.macro_of(id) != Some(Macro::Logs) || !catalogue::tells_routine(file.last_segment(file[id].path)) {
            return false;
        }
        let Some(place) = self.place(expr) else { return false };
        match self.resolve_in(expr.file, place, file[id].path) {
            Def::External(path) => path.starts_with("tracing::"),
            // `#[macro_use] extern crate tracing;`
            _ => {
                let has = |name: &str| self.dependencies(expr.file).iter().any(|row| row.real_name == name);
                has("tracing") && !has("log")
            }
        }
    }

    /// Whether each turn of a loop takes a connection from a listener. Where nobody knows how often the loop is
    /// started, the listener has to be one of the catalogue: a connection has streams to accept, too.
    fn accepts(&self, looped: ExprRef, by_name: bool) -> bool {
        let mut found = false;
        self.walk(looped, &mut |at, expr| {
            if let Expr::MethodCall { receiver, method, .. } = expr {
                let value = Value::bare(at);
                let method = &self.file(at.file)[method];
                let ty = self.type_of(&value.at(receiver)).pointee();
                let by_type = ty.external().and_then(|path| catalogue::method_wait(path, method)) == Some(Wait::Accept);
                found |= by_type && method != "recv"
                    || by_name && method == "accept" && matches!(self.wait_of_method(&value), Some((Wait::Accept, _)));
            }
            !found
                && !matches!(
                    expr,
                    Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
                )
        });
        found
    }

    /// Whether a loop waits for anything: one that does not is busy with one piece of work.
    fn waits(&self, looped: ExprRef) -> bool {
        let mut found = false;
        self.walk(looped, &mut |_, expr| {
            found |= matches!(expr, Expr::Await(_) | Expr::Select(_));
            !found
                && !matches!(
                    expr,
                    Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
                )
        });
        found
    }
}
