//! Looking things up in a summary.

use super::{
    Arm, ArmId, Expr, ExprId, FileSummary, Function, FunctionId, Id, Impl, ImplId, List, MacroCall, MacroId, Module,
    ModuleId, Name, Pat, PatId, Path, PathId, Ty, TyId, TypeId, TypeItem,
};
use crate::span::TextRange;
use std::ops::Index;

macro_rules! index {
    ($($id:ty => $field:ident: $element:ty),+ $(,)?) => {$(
        impl Index<$id> for FileSummary {
            type Output = $element;
            fn index(&self, id: $id) -> &$element {
                &self.$field[id.index()]
            }
        }
    )+};
}

index! {
    ExprId => exprs: Expr,
    PatId => pats: Pat,
    TyId => tys: Ty,
    PathId => paths: Path,
    ArmId => arms: Arm,
    MacroId => macros: MacroCall,
    ModuleId => modules: Module,
    FunctionId => functions: Function,
    TypeId => types: TypeItem,
    ImplId => impls: Impl,
}

impl Index<Name> for FileSummary {
    type Output = str;
    fn index(&self, name: Name) -> &str {
        self.names.get(name)
    }
}

impl FileSummary {
    /// Where a type stands.
    pub fn ty_range(&self, ty: TyId) -> TextRange {
        self.ty_ranges[ty.index()]
    }

    /// Whether a place touches a macro call in whose place stands what its definition makes of it: nothing may be
    /// written there.
    pub fn touches_expansion(&self, at: TextRange) -> bool {
        let first = self.expanded.partition_point(|it| it.end < at.start);
        self.expanded[first..].first().is_some_and(|it| it.start <= at.end)
    }

    /// Whether a place lies inside of such a call, so that what is written there is handed to the macro.
    pub fn is_in_expansion(&self, at: TextRange) -> bool {
        let first = self.expanded.partition_point(|it| it.end <= at.start);
        self.expanded[first..].first().is_some_and(|it| it.start < at.start)
    }

    /// A statement with the `;` behind it, if there is one.
    pub fn statement_range(&self, stmt: ExprId) -> TextRange {
        let range = self.range(stmt);
        if matches!(self[stmt], Expr::Local { .. }) {
            return range;
        }
        // Between an expression and its `;` there can only be comments: the first one behind it is its own, unless
        // that of the statement around it comes first, and then something closes before.
        let at = self.semicolons.partition_point(|end| *end <= range.end);
        match self.semicolons.get(at) {
            Some(end) if *end == range.end + 1 => TextRange::new(range.start, *end),
            _ => range,
        }
    }

    /// Where the attributes of a statement begin, if it has any.
    pub fn attributes_of(&self, stmt: ExprId) -> Option<u32> {
        let start = self.range(stmt).start;
        let at = self.attributed.binary_search_by_key(&start, |(start, _)| *start).ok()?;
        Some(self.attributed[at].1)
    }

    /// The members of a list.
    pub fn list<T: Id>(&self, list: List<T>) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator + Clone + '_ {
        let range = list.start as usize..(list.start + list.len) as usize;
        self.pool[range].iter().map(|number| T::from_index(*number as usize - 1))
    }

    /// The member of a list at a place.
    pub fn at<T: Id>(&self, list: List<T>, index: usize) -> Option<T> {
        self.list(list).nth(index)
    }

    /// The place of an expression in a list. The members of one are numbered in the order in which they stand.
    pub fn place_in(&self, list: List<ExprId>, expr: ExprId) -> Option<usize> {
        let members = &self.pool[list.start as usize..(list.start + list.len) as usize];
        let number = expr.index() as u32 + 1;
        members.binary_search(&number).ok().or_else(|| members.iter().position(|it| *it == number))
    }

    /// The segments of a path as text.
    pub fn segments(&self, path: PathId) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator + Clone {
        self.list(self[path].segments).map(|name| &self[name])
    }

    /// The last segment of a path.
    pub fn last_segment(&self, path: PathId) -> &str {
        self.segments(path).next_back().unwrap_or("")
    }

    /// The path as written, joined with `::`, without generic arguments.
    pub fn path_text(&self, path: PathId) -> String {
        self.segments(path).collect::<Vec<_>>().join("::")
    }

    /// The name, if the path is a plain identifier.
    pub fn as_ident(&self, path: PathId) -> Option<&str> {
        let it = &self[path];
        let plain = it.qself.is_none() && !it.global && it.segments.len == 1;
        plain.then(|| self.last_segment(path))
    }

    /// Where an expression stands.
    pub fn range(&self, expr: ExprId) -> TextRange {
        self.expr_ranges[expr.index()]
    }

    /// Where a pattern stands.
    pub fn pat_range(&self, pat: PatId) -> TextRange {
        self.pat_ranges[pat.index()]
    }

    /// Calls `visit` for each direct child of an expression, in the order in which they stand.
    pub fn each_child(&self, expr: ExprId, visit: &mut dyn FnMut(ExprId)) {
        match self[expr] {
            Expr::Path(_) | Expr::Lit(_) | Expr::Underscore | Expr::Continue { .. } | Expr::Unknown => {}
            Expr::Call { callee, args } => {
                visit(callee);
                self.list(args).for_each(visit);
            }
            Expr::MethodCall { receiver, args, .. } => {
                visit(receiver);
                self.list(args).for_each(visit);
            }
            Expr::Field { base: expr, .. }
            | Expr::Await(expr)
            | Expr::Try(expr)
            | Expr::Ref { expr, .. }
            | Expr::Unary { expr, .. }
            | Expr::Cast { expr, .. }
            | Expr::Let { expr, .. }
            | Expr::Loop { body: expr, .. }
            | Expr::Closure { body: expr, .. }
            | Expr::FieldInit { value: expr, .. } => visit(expr),
            Expr::Index { base: a, index: b }
            | Expr::Binary { lhs: a, rhs: b, .. }
            | Expr::Assign { lhs: a, rhs: b, .. }
            | Expr::While { cond: a, body: b, .. }
            | Expr::For { iter: a, body: b, .. }
            | Expr::Repeat { value: a, len: b } => {
                visit(a);
                visit(b);
            }
            Expr::Block { stmts: list, .. } | Expr::Tuple(list) | Expr::Array(list) => {
                self.list(list).for_each(visit);
            }
            Expr::Local { init, otherwise, .. } => init.into_iter().chain(otherwise).for_each(visit),
            Expr::If { cond, then, otherwise } => {
                visit(cond);
                visit(then);
                otherwise.into_iter().for_each(visit);
            }
            Expr::Match { scrutinee, arms } => {
                visit(scrutinee);
                self.each_arm_child(arms, visit);
            }
            Expr::Break { value, .. } | Expr::Return(value) | Expr::Yield(value) => {
                value.into_iter().for_each(visit);
            }
            Expr::Struct { fields, base, .. } => self.list(fields).chain(base).for_each(visit),
            Expr::Range { start, end } => start.into_iter().chain(end).for_each(visit),
            Expr::Select(id) | Expr::Macro(id) => {
                self.list(self[id].args).for_each(&mut *visit);
                self.each_arm_child(self[id].arms, visit);
                self[id].otherwise.into_iter().for_each(visit);
            }
        }
    }

    fn each_arm_child(&self, arms: List<ArmId>, visit: &mut dyn FnMut(ExprId)) {
        for arm in self.list(arms) {
            let Arm { future, guard, body, .. } = self[arm];
            future.into_iter().chain(guard).chain([body]).for_each(&mut *visit);
        }
    }

    /// Calls `visit` for every name that a pattern binds, with the pattern that binds it, from left to right.
    pub fn each_binding(&self, pat: PatId, visit: &mut dyn FnMut(PatId, Name)) {
        match self[pat] {
            Pat::Bind { name, sub } => {
                visit(pat, name);
                if let Some(sub) = sub {
                    self.each_binding(sub, visit);
                }
            }
            Pat::Tuple(list) | Pat::Or(list) | Pat::Slice(list) | Pat::TupleStruct { pats: list, .. } => {
                self.list(list).for_each(|pat| self.each_binding(pat, visit));
            }
            Pat::Struct { fields, .. } => self.list(fields).for_each(|pat| self.each_binding(pat, visit)),
            Pat::Field { pat, .. } | Pat::Ref(pat) | Pat::Typed { pat, .. } => self.each_binding(pat, visit),
            Pat::Wild | Pat::Path(_) | Pat::Rest | Pat::Lit(_) | Pat::Other => {}
        }
    }
}
