//! One body: which name means which binding, and what stands around each expression.

use super::sorted::Sorted;
use crate::facts::{Arm, ArmId, BlockKind, Expr, ExprId, FileSummary, Function, Id, MacroShape, Name, PatId, Ty};

/// Where a binding gets its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The method's receiver.
    SelfParam,
    /// A parameter of the function, by place (`self` not counted).
    Param(usize),
    /// `let pat = init`, `if let pat = init`, `match init { pat => .. }`.
    Value(ExprId),
    /// A `let` without a value.
    Unset,
    /// An element of what a `for` goes through.
    Element(ExprId),
    /// What the future of a `select!` arm gave.
    Output(ExprId),
    /// A parameter of a closure, by place.
    ClosureParam(ExprId, usize),
}

/// A name that a pattern binds.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The name.
    pub name: Name,
    /// The whole pattern that it is part of.
    pub root: PatId,
    /// Where the whole pattern gets its value.
    pub origin: Origin,
    /// The `let`, `match`, closure, .. that binds it; `None` for parameters.
    pub at: Option<ExprId>,
    /// Annotated type of the whole pattern.
    pub ty: Option<crate::facts::TyId>,
}

/// What is known of one body.
#[derive(Debug, Default)]
pub struct Body {
    /// Which binding a path expression (a plain identifier) means.
    pub binding_of: Sorted<ExprId, PatId>,
    /// Bindings by their `Pat::Bind`.
    pub bindings: Sorted<PatId, Binding>,
    /// Where the bindings are used, those of each one after another.
    uses: Box<[ExprId]>,
    /// Where in `uses` those of each binding end; parallel to `bindings`.
    ends: Box<[u32]>,
}

impl Body {
    /// Resolves the names of a function.
    pub(crate) fn of_function(file: &FileSummary, function: &Function) -> Body {
        let mut walk = Walk::of(file);
        if let Some(param) = &function.self_param {
            walk.bind(param.pat, Origin::SelfParam, None, param.ty);
        }
        for (at, param) in function.params.iter().enumerate() {
            walk.bind(param.pat, Origin::Param(at), None, Some(param.ty));
        }
        if let Some(root) = function.body {
            walk.expr(root);
        }
        walk.finish()
    }

    /// Resolves the names of a constant's value.
    pub(crate) fn of_expr(file: &FileSummary, root: ExprId) -> Body {
        let mut walk = Walk::of(file);
        walk.expr(root);
        walk.finish()
    }

    /// Uses of a binding, in the order in which they stand: path expressions, and macro calls that mention it.
    pub fn uses(&self, pat: PatId) -> &[ExprId] {
        self.bindings.place(&pat).map_or(&[], |at| self.uses_at(at))
    }

    /// The bindings that are used at all, with their uses.
    pub fn used(&self) -> impl Iterator<Item = (PatId, &[ExprId])> {
        let all = self.bindings.iter().enumerate().map(|(at, (pat, _))| (*pat, self.uses_at(at)));
        all.filter(|(_, uses)| !uses.is_empty())
    }

    fn uses_at(&self, at: usize) -> &[ExprId] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.uses[start as usize..self.ends[at] as usize]
    }
}

struct Walk<'a> {
    file: &'a FileSummary,
    binding_of: Vec<(ExprId, PatId)>,
    bindings: Vec<(PatId, Binding)>,
    uses: Vec<(PatId, ExprId)>,
    /// Innermost last.
    scope: Vec<(Name, PatId)>,
}

impl<'a> Walk<'a> {
    fn of(file: &'a FileSummary) -> Walk<'a> {
        Walk { file, binding_of: Vec::new(), bindings: Vec::new(), uses: Vec::new(), scope: Vec::new() }
    }

    fn finish(mut self) -> Body {
        let bindings = Sorted::of(self.bindings);
        // What one binding is used for stays in the order in which it stands.
        self.uses.sort_by_key(|(pat, _)| *pat);
        let end = |(pat, _): (&PatId, &Binding)| self.uses.partition_point(|(used, _)| used <= pat) as u32;
        let ends = bindings.iter().map(end).collect();
        let uses = self.uses.iter().map(|(_, used)| *used).collect();
        Body { binding_of: Sorted::of(self.binding_of), bindings, uses, ends }
    }

    fn bind(&mut self, root: PatId, origin: Origin, at: Option<ExprId>, ty: Option<crate::facts::TyId>) {
        let file = self.file;
        let ty = match (ty, file[root]) {
            (None, crate::facts::Pat::Typed { ty, .. }) => Some(ty),
            (ty, _) => ty.filter(|ty| file[*ty] != Ty::Infer),
        };
        file.each_binding(root, &mut |pat, name| {
            // Each side of an or-pattern binds the same names: the first stands for all.
            self.scope.push((name, pat));
            self.bindings.push((pat, Binding { name, root, origin, at, ty }));
        });
    }

    fn find(&self, name: Name) -> Option<PatId> {
        self.scope.iter().rev().find(|(known, _)| *known == name).map(|(_, pat)| *pat)
    }

    fn scoped(&mut self, inner: impl FnOnce(&mut Self)) {
        let depth = self.scope.len();
        inner(self);
        self.scope.truncate(depth);
    }

    fn expr(&mut self, id: ExprId) {
        let file = self.file;
        match file[id] {
            Expr::Path(path) => {
                let it = &file[path];
                if it.qself.is_none() && !it.global && it.segments.len == 1 {
                    let name = file.at(it.segments, 0).expect("the path has one segment");
                    if let Some(pat) = self.find(name) {
                        self.binding_of.push((id, pat));
                        self.uses.push((pat, id));
                    }
                }
            }
            Expr::Block { stmts, .. } => self.scoped(|walk| file.list(stmts).for_each(|stmt| walk.expr(stmt))),
            Expr::Local { pat, ty, init, otherwise } => {
                init.into_iter().for_each(|init| self.expr(init));
                otherwise.into_iter().for_each(|block| self.expr(block));
                self.bind(pat, init.map_or(Origin::Unset, Origin::Value), Some(id), ty);
            }
            Expr::Let { pat, expr } => {
                self.expr(expr);
                self.bind(pat, Origin::Value(expr), Some(id), None);
            }
            Expr::If { cond, then, otherwise } => {
                self.scoped(|walk| {
                    walk.expr(cond);
                    walk.expr(then);
                });
                otherwise.into_iter().for_each(|block| self.scoped(|walk| walk.expr(block)));
            }
            Expr::While { cond, body, .. } => self.scoped(|walk| {
                walk.expr(cond);
                walk.expr(body);
            }),
            Expr::For { pat, iter, body, .. } => {
                self.expr(iter);
                self.scoped(|walk| {
                    walk.bind(pat, Origin::Element(iter), Some(id), None);
                    walk.expr(body);
                });
            }
            Expr::Match { scrutinee, arms } => {
                self.expr(scrutinee);
                for arm in file.list(arms) {
                    self.arm(id, arm, Origin::Value(scrutinee));
                }
            }
            Expr::Closure { params, body, .. } => self.scoped(|walk| {
                for (at, pat) in file.list(params).enumerate() {
                    walk.bind(pat, Origin::ClosureParam(id, at), Some(id), None);
                }
                walk.expr(body);
            }),
            Expr::Select(call) | Expr::Macro(call) => self.macro_call(id, call),
            _ => file.each_child(id, &mut |child| self.expr(child)),
        }
    }

    fn arm(&mut self, at: ExprId, arm: ArmId, origin: Origin) {
        let Arm { pat, guard, body, .. } = self.file[arm];
        self.scoped(|walk| {
            walk.bind(pat, origin, Some(at), None);
            guard.into_iter().for_each(|guard| walk.expr(guard));
            walk.expr(body);
        });
    }

    fn macro_call(&mut self, id: ExprId, call: crate::facts::MacroId) {
        let file = self.file;
        let it = file[call];
        match it.shape {
            MacroShape::Block => {
                // `pin! { let x = e; }` binds in the scope around the macro.
                for arg in file.list(it.args) {
                    match file[arg] {
                        Expr::Block { stmts, kind: BlockKind::Plain, .. } => {
                            file.list(stmts).for_each(|stmt| self.expr(stmt));
                        }
                        _ => self.expr(arg),
                    }
                }
            }
            _ => file.list(it.args).for_each(|arg| self.expr(arg)),
        }
        for arm in file.list(it.arms) {
            if let Some(future) = file[arm].future {
                self.expr(future);
            }
        }
        for arm in file.list(it.arms) {
            match file[arm].future {
                Some(future) => self.arm(id, arm, Origin::Output(future)),
                None => self.arm(id, arm, Origin::Unset),
            }
        }
        it.otherwise.into_iter().for_each(|block| self.scoped(|walk| walk.expr(block)));
        for name in file.list(it.mentions) {
            if let Some(pat) = self.find(name) {
                self.uses.push((pat, id));
            }
        }
    }
}

/// How the expressions of a file contain one another.
#[derive(Debug)]
pub struct Parents {
    parent: Vec<Option<ExprId>>,
    /// The first expression below each: with post-order numbers, what is below one is the run from here to it.
    first: Vec<ExprId>,
}

impl Parents {
    /// Turns the children of a file's expressions round.
    pub(crate) fn of(file: &FileSummary) -> Parents {
        let mut parent = vec![None; file.exprs.len()];
        let mut first: Vec<ExprId> = (0..file.exprs.len()).map(ExprId::from_index).collect();
        for at in 0..file.exprs.len() {
            let id = ExprId::from_index(at);
            file.each_child(id, &mut |child| {
                parent[child.index()] = Some(id);
                first[at] = first[at].min(first[child.index()]);
            });
        }
        Parents { parent, first }
    }

    /// What an expression stands in.
    pub fn parent(&self, expr: ExprId) -> Option<ExprId> {
        self.parent[expr.index()]
    }

    /// The first expression below one, or itself.
    pub(crate) fn first_below(&self, expr: ExprId) -> ExprId {
        self.first[expr.index()]
    }

    /// What stands around an expression, from the inside out, itself excluded.
    pub fn ancestors(&self, expr: ExprId) -> impl Iterator<Item = ExprId> + '_ {
        std::iter::successors(self.parent(expr), |at| self.parent(*at))
    }
}
