//! Where something may be written: the statement around an expression, what stands behind it, names that are free.

use super::{ExprRef, FnRef, PatRef, Place, Program, TypeRef, names::Def};
use crate::{
    finding::{Edit, Piece},
    span::{FileId, Span, TextRange},
    summary::{BinaryOp, BlockKind, Expr, ExprId, Import, ModuleKind, Pat, Ty, TyId, Visibility},
};

/// A statement of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stmt {
    /// The block.
    pub block: ExprRef,
    /// The statement, without the `;` of an expression.
    pub stmt: ExprRef,
    /// Whether it is the block's value.
    pub is_tail: bool,
    /// With the `;`.
    pub span: Span,
}

/// What stands where a statement may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// The next statement begins there.
    NextStatement,
    /// The brace that closes the block stands there.
    ClosingBrace,
    /// The statement ends there.
    Statement,
}

impl Program {
    /// The statement that evaluates an expression, each time that it runs: what is written before it happens before.
    pub fn statement(&self, expr: ExprRef) -> Option<Stmt> {
        let file = self.file(expr.file);
        let mut child = expr.id;
        for at in self.parents(expr.file).ancestors(expr.id) {
            match file[at] {
                Expr::Block { stmts, has_tail, .. } => {
                    let span = file.statement_range(child).in_file(expr.file);
                    let is_tail = has_tail && file.list(stmts).next_back() == Some(child);
                    return Some(Stmt { block: expr.with(at), stmt: expr.with(child), is_tail, span });
                }
                // What is only evaluated sometimes, or again and again.
                Expr::Closure { .. } | Expr::Select(_) | Expr::While { .. } => return None,
                Expr::Match { scrutinee, .. } if scrutinee != child => return None,
                Expr::Binary { op: BinaryOp::And | BinaryOp::Or, rhs, .. } if rhs == child => return None,
                _ => {}
            }
            child = at;
        }
        None
    }

    /// The statements behind one, in its own block.
    pub fn statements_behind(&self, it: &Stmt) -> Vec<ExprRef> {
        let file = self.file(it.block.file);
        let Expr::Block { stmts, .. } = file[it.block.id] else { return Vec::new() };
        file.list(stmts).skip_while(|at| *at != it.stmt.id).skip(1).map(|at| it.block.with(at)).collect()
    }

    /// Where a statement may be written behind one, so that what trails that on its line stays with it.
    pub fn behind(&self, it: &Stmt) -> (Span, Behind) {
        let point = |at: u32| TextRange::new(at, at).in_file(it.span.file);
        let closing = self.span(it.block).range.end.saturating_sub(1);
        match self.statements_behind(it).first() {
            Some(next) => (self.span(*next).start(), Behind::NextStatement),
            // `{ statement; }` of one line has no line of its own for the brace.
            None if closing > it.span.range.end + 1 => (point(closing), Behind::ClosingBrace),
            None => (point(it.span.range.end), Behind::Statement),
        }
    }

    /// Whether behind a statement, in its own block, something is waited for: what is bound there lives on meanwhile.
    pub fn waits_behind(&self, it: &Stmt) -> bool {
        self.statements_behind(it).into_iter().any(|stmt| self.may_wait_in(stmt))
    }

    /// Whether an expression waits, or blocks, or goes round for ever.
    fn may_wait_in(&self, expr: ExprRef) -> bool {
        const WAITS: &[&str] = &["block_on", "join", "recv", "recv_timeout", "wait", "park", "sleep", "serve", "run"];
        let file = self.file(expr.file);
        let is_wait = match file[expr.id] {
            Expr::Await(_) | Expr::Select(_) | Expr::Loop { .. } | Expr::While { .. } => return true,
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => return false,
            Expr::MethodCall { method, .. } => WAITS.contains(&&file[method]),
            Expr::Call { callee, .. } => {
                matches!(file[callee], Expr::Path(path) if WAITS.contains(&file.last_segment(path)))
            }
            _ => false,
        };
        let mut found = is_wait;
        file.each_child(expr.id, &mut |child| found = found || self.may_wait_in(expr.with(child)));
        found
    }

    /// The binding of a local that is no reference: its `let` may become `let mut`.
    pub fn own_local(&self, expr: ExprRef) -> Option<PatRef> {
        let (pat, binding) = self.local(expr)?;
        match binding.origin {
            super::body::Origin::Value(init) if binding.root == pat.id => {
                (!matches!(self.file(expr.file)[init], Expr::Ref { .. })).then_some(pat)
            }
            _ => None,
        }
    }

    /// Whether `.await` may be written in place of an expression.
    pub fn is_async_here(&self, expr: ExprRef) -> bool {
        let Some(body) = self.async_body(expr) else { return false };
        match self.file(body.file)[body.id] {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => true,
            _ => self.enclosing_fn(expr).is_some_and(|function| self.function(function).is_async),
        }
    }

    /// A name that nothing has that is bound around an expression: the wanted one, or with a number behind it.
    pub fn unused_name(&self, at: ExprRef, wanted: &str) -> String {
        let file = self.file(at.file);
        let Some(place) = self.place(at) else { return wanted.to_owned() };
        let body = self.body(place);
        let is_taken = |name: &str| {
            let is_bound = body.bindings.values().any(|binding| &file[binding.name] == name);
            is_bound || !matches!(self.name_means(at, name), Def::Unknown)
        };
        let numbered = (2..).map(|number| format!("{wanted}{number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        names.find(|name| !is_taken(name)).unwrap_or_else(|| wanted.to_owned())
    }

    /// What a plain name means around an expression, locals aside.
    pub(crate) fn name_means(&self, at: ExprRef, name: &str) -> Def {
        let Some(place) = self.place(at) else { return Def::Unknown };
        self.view().resolve_name(at.with(self.module_of(place)), name)
    }

    /// Whether an expression calls a method of that name.
    pub fn calls_method(&self, call: ExprRef, name: &str) -> bool {
        let file = self.file(call.file);
        matches!(file[call.id], Expr::MethodCall { method, .. } if &file[method] == name)
    }

    /// Where a pattern stands.
    pub fn pat_span(&self, pat: PatRef) -> Span {
        self.file(pat.file).pat_range(pat.id).in_file(pat.file)
    }

    /// Whether a binding is `mut`: its place holds more than its name.
    pub fn is_mut(&self, pat: PatRef) -> bool {
        let file = self.file(pat.file);
        let Pat::Bind { name, sub: None } = file[pat.id] else { return false };
        let range = file.pat_range(pat.id);
        (range.end - range.start) as usize > file[name].len()
    }

    /// The `let` of one name that has an expression as its whole value.
    pub fn let_of(&self, value: ExprRef) -> Option<PatRef> {
        let file = self.file(value.file);
        let parent = self.parents(value.file).parent(value.id)?;
        match file[parent] {
            Expr::Local { pat, init: Some(init), .. } if init == value.id => {
                matches!(file[pat], Pat::Bind { sub: None, .. }).then(|| value.with(pat))
            }
            _ => None,
        }
    }

    /// Where a binding is used, in order.
    pub fn uses_of(&self, near: ExprRef, pat: PatRef) -> Vec<ExprRef> {
        let Some(place) = self.place(near) else { return Vec::new() };
        self.body(place).uses(pat.id).iter().map(|used| near.with(*used)).collect()
    }

    /// What an expression directly stands in.
    pub fn parent(&self, expr: ExprRef) -> Option<ExprRef> {
        self.parents(expr.file).parent(expr.id).map(|parent| expr.with(parent))
    }

    /// The block of the loop that stands at a place.
    pub fn loop_body(&self, looped: Span) -> Option<ExprRef> {
        let is_loop =
            |expr: Expr| matches!(expr, Expr::Loop { .. } | Expr::While { .. } | Expr::For { is_await: false, .. });
        let looped = self.expr_at(looped, is_loop)?;
        match self.file(looped.file)[looped.id] {
            Expr::Loop { body, .. } | Expr::While { body, .. } | Expr::For { body, .. } => Some(looped.with(body)),
            _ => None,
        }
    }

    /// The `_` to which a `let` gives its value, or a part of it.
    pub fn wildcard_of(&self, it: &Stmt) -> Option<PatRef> {
        let file = self.file(it.stmt.file);
        let Expr::Local { pat, .. } = file[it.stmt.id] else { return None };
        match file[pat] {
            Pat::Wild => Some(it.stmt.with(pat)),
            Pat::Tuple(pats) => {
                file.list(pats).find(|pat| matches!(file[*pat], Pat::Wild)).map(|wild| it.stmt.with(wild))
            }
            _ => None,
        }
    }

    /// A private field that holds an abort handle and that nothing reads: where the name of its type is written, and
    /// what is put in.
    pub fn abort_handle_field(&self, owner: TypeRef, field: &str) -> Option<HandleField> {
        let file = self.file(owner.file);
        let declared = self.declared_field(owner, field)?;
        let is_plain = file.list(file[owner.id].derives).all(|name| &file[name] == "Debug");
        let is_read = !self.field_acts(owner, field).is_empty();
        let is_tuple = file[declared.name].starts_with(|first: char| first.is_ascii_digit());
        if declared.visibility == Visibility::Public || !is_plain || is_read || is_tuple {
            return None;
        }
        let place = TypePlace::Item(file[owner.id].module);
        let name = self.name_in_type(owner.file, declared.ty, place, "tokio::task::AbortHandle")?;
        let is_bare = file.ty_range(declared.ty) == name.range;
        let inits = self.inits_of(owner, field).into_iter().map(|init| {
            let is_shorthand = self.parent(init).is_some_and(|outer| self.span(outer) == self.span(init));
            (init, is_shorthand)
        });
        is_bare.then(|| HandleField { name, inits: inits.collect() })
    }

    /// The expression that stands at a place.
    pub fn expr_spanning(&self, at: Span) -> Option<ExprRef> {
        self.expr_at(at, |_| true)
    }

    /// The future that a direct call of `tokio::spawn`, or of its like, starts.
    pub fn spawned_work(&self, spawn: ExprRef) -> Option<ExprRef> {
        let file = self.file(spawn.file);
        let Expr::Call { args, .. } = file[spawn.id] else { return None };
        let task = self.tasks().iter().find(|task| task.inner == spawn)?;
        (args.len == 1 && task.runs == crate::apis::Runs::Future).then_some(spawn.with(file.at(args, 0)?))
    }

    /// The function whose whole body an expression is.
    pub fn function_of_body(&self, body: ExprRef) -> Option<FnRef> {
        self.enclosing_fn(body).filter(|function| self.function(*function).body == Some(body.id))
    }

    /// Whether what an `.await` waits for is that local.
    pub fn is_local_of(&self, awaited: ExprRef, pat: PatRef) -> bool {
        let file = self.file(awaited.file);
        let Expr::Await(inner) = file[awaited.id] else { return false };
        self.local(awaited.with(inner)).is_some_and(|(found, _)| found == pat)
    }

    /// Whether a use of a variable only prints it.
    pub fn is_printed(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let is_log = |expr: ExprRef| matches!(file[expr.id], Expr::Macro(id) if super::fate::is_peek_macro(file.last_segment(file[id].path)));
        is_log(used) || self.parent(used).is_some_and(is_log)
    }

    /// Whether some variable is used in that code and nowhere else, apart from those that are bound in what stands
    /// around it.
    pub fn is_last_use_in(&self, near: ExprRef, code: Span, around: Span) -> bool {
        let file = self.file(near.file);
        let Some(place) = self.place(near) else { return true };
        let body = self.body(place);
        body.uses.iter().any(|(pat, uses)| {
            let is_bound_there = around.range.contains(file.pat_range(*pat));
            !is_bound_there && uses.iter().all(|used| code.range.contains(file.range(*used)))
        })
    }

    /// The foreign function that a callee is.
    pub fn external_path(&self, callee: ExprRef) -> Option<String> {
        match self.callee(callee) {
            Def::External(path) => Some(path.to_string()),
            _ => None,
        }
    }

    /// Whether code may leave, or begin anew, the loop whose body it is.
    pub fn leaves_loop(&self, body: ExprRef) -> bool {
        let mut found = false;
        self.walk(body, &mut |_, expr| {
            found |= matches!(expr, Expr::Break { .. } | Expr::Continue { .. });
            !matches!(expr, Expr::Closure { .. })
        });
        found
    }

    /// Just behind the brace that opens a block.
    pub fn block_start(&self, block: ExprRef) -> Span {
        let start = self.file(block.file).range(block.id).start + 1;
        TextRange::new(start, start).in_file(block.file)
    }

    /// What stands between two places.
    pub fn between(&self, first: Span, second: Span) -> Span {
        TextRange::new(first.range.end, second.range.start).in_file(first.file)
    }

    /// What stands in a place before and behind a part of it.
    pub fn parts_around(&self, whole: Span, part: Span) -> (Span, Span) {
        let before = TextRange::new(whole.range.start, part.range.start).in_file(whole.file);
        (before, TextRange::new(part.range.end, whole.range.end).in_file(whole.file))
    }

    /// From the opening of a call's arguments to its end, and the same of what stands before them: what goes if only
    /// the one argument is to stay.
    pub fn around_argument(&self, call: ExprRef, argument: ExprId) -> (Span, Span) {
        let file = self.file(call.file);
        let (whole, inner) = (file.range(call.id), file.range(argument));
        let before = TextRange::new(whole.start, inner.start).in_file(call.file);
        (before, TextRange::new(inner.end, whole.end).in_file(call.file))
    }

    /// The name in a written type that means a foreign type: `JoinHandle` in `Mutex<Option<JoinHandle<()>>>`.
    pub(crate) fn name_in_type(&self, file: FileId, ty: TyId, place: TypePlace, wanted: &str) -> Option<Span> {
        let summary = self.file(file);
        match summary[ty] {
            Ty::Path(path) => {
                let module = match place {
                    TypePlace::Body(place) => self.module_of(place),
                    TypePlace::Item(module) => module,
                };
                let found = self.view().resolve_path(file, module, path);
                let mut args = summary.list(summary[path].args);
                if matches!(&found, Def::External(path) if &**path == wanted) {
                    let range = summary[path].range;
                    let end = args.next().map_or(range.end, |first| summary.ty_range(first).start.saturating_sub(1));
                    return Some(TextRange::new(range.start, end).in_file(file));
                }
                args.find_map(|arg| self.name_in_type(file, arg, place, wanted))
            }
            Ty::Tuple(list) => summary.list(list).find_map(|it| self.name_in_type(file, it, place, wanted)),
            Ty::Ref(inner) | Ty::Slice(inner) | Ty::Array(inner) => self.name_in_type(file, inner, place, wanted),
            _ => None,
        }
    }

    /// Whether the imports that some names go through are needed by others as well, if these places are written
    /// anew: if not, the edits that take them out.
    pub(crate) fn spare_imports(&self, gone: &[Span]) -> Vec<Edit> {
        let mut found = Vec::new();
        let mut files: Vec<FileId> = gone.iter().map(|it| it.file).collect();
        files.dedup();
        for id in files {
            let file = self.file(id);
            // Of a type with arguments only the name may go.
            let is_gone = |range: TextRange| {
                let begins = TextRange::new(range.start, range.start + 1);
                gone.iter().any(|it| it.file == id && it.range.contains(begins))
            };
            let mut names: Vec<&str> = Vec::new();
            for path in file.paths.iter().filter(|path| is_gone(path.range)) {
                names.extend(file.at(path.segments, 0).map(|first| &file[first]));
            }
            names.sort_unstable();
            names.dedup();
            for name in names {
                let is_it = |import: &&Import| import.name.is_some_and(|it| &file[it] == name);
                // A second one brings it in from the first: `use super::Name;`.
                let imports: Vec<&Import> = file.imports.iter().filter(is_it).collect();
                let is_used = file.paths.iter().any(|path| {
                    let first = file.at(path.segments, 0).map(|first| &file[first]);
                    first == Some(name) && !is_gone(path.range)
                });
                let is_mentioned = file.macro_mentions.iter().any(|it| &file[*it] == name)
                    || file.macros.iter().any(|call| file.list(call.mentions).any(|it| &file[it] == name));
                let is_open = imports.iter().any(|import| import.visibility != Visibility::Private);
                if is_used || is_mentioned || is_open {
                    continue;
                }
                found.extend(imports.into_iter().map(|import| {
                    let rest = import.keep.map(|keep| Piece::Kept(keep.in_file(id)));
                    Edit { at: import.leaf.in_file(id), text: rest.into_iter().collect() }
                }));
            }
        }
        found
    }

    /// Whether a function of the workspace has no other callers than this one, and cannot get any.
    pub(crate) fn is_called_once(&self, function: FnRef) -> bool {
        let item = self.function(function);
        let is_hidden = item.visibility != Visibility::Public || !self.is_library(function.file);
        is_hidden && self.callers(function).len() == 1 && self.value_uses(function).is_empty()
    }

    /// Whether two files are part of the same crate.
    pub fn is_same_crate(&self, one: FileId, other: FileId) -> bool {
        let krate = |file: FileId| self.crates.files.get(file.index()).map(|it| it.krate);
        krate(one) == krate(other)
    }

    /// The end of a file, if what stands there has the same names as the code around an expression.
    pub fn file_end(&self, at: ExprRef) -> Option<Span> {
        let file = self.file(at.file);
        let mut module = self.module_of(self.place(at)?);
        while file[module].kind == ModuleKind::Body {
            module = file[module].parent?;
        }
        let whole = file.modules.first()?;
        (file[module].kind == ModuleKind::File)
            .then(|| TextRange::new(whole.range.end, whole.range.end).in_file(at.file))
    }
}

/// A field that holds a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleField {
    /// Where the name of its type is written.
    pub name: Span,
    /// What is put in, and whether that is a shorthand: `Owner { task }`.
    pub inits: Vec<(ExprRef, bool)>,
}

/// Where a type is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TypePlace {
    /// In a body, or in the signature of a function.
    Body(Place),
    /// In an item of a module.
    Item(crate::summary::ModuleId),
}
