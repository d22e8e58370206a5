//! Where fields are used, written and matched: found once for each name, and kept by the type that has the field.
//!
//! Many types have fields of one name. To go through all places of a name for each of these types would take the square
//! of their number.

use super::{AccessPath, At, Def, ExprRef, Flow, FnRef, PatRef, Place, Sym, Type, TypeRef, Value};
use crate::{
    catalogue,
    facts::{Expr, FunctionId, Id, MacroShape, Pat, TypeId},
    span::{FileId, TextRange},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    cell::{OnceCell, RefCell},
    cmp::Reverse,
    rc::Rc,
};

/// What was looked up so far.
#[derive(Debug, Default)]
pub(super) struct ByName {
    uses: RefCell<FxHashMap<Sym, Rc<Uses>>>,
    writes: RefCell<FxHashMap<Sym, Rc<Writes>>>,
    patterns: RefCell<FxHashMap<Sym, Rc<Patterns>>>,
    in_opaque_macros: OnceCell<FxHashSet<Sym>>,
    in_macro_rules: OnceCell<FxHashMap<Sym, Vec<FileId>>>,
    holders: OnceCell<FxHashMap<TypeRef, Vec<(TypeRef, String)>>>,
}

/// The expressions `x.name`, those in tests only if tests are judged.
#[derive(Debug, Default)]
pub(super) struct Uses {
    by_owner: FxHashMap<TypeRef, Vec<ExprRef>>,
    /// Of which the type before the dot cannot be told.
    on_unknown: Vec<ExprRef>,
}

/// Where a function puts something into a field.
#[derive(Debug, Clone)]
pub(super) struct Write {
    pub(super) by: FnRef,
    /// The assignment, or the call of `insert`, `replace` and the like.
    pub(super) expr: ExprRef,
    /// The field as it is written there.
    pub(super) path: AccessPath,
    /// What is put there, or the call.
    pub(super) value: ExprRef,
}

/// What functions put into fields of one name, by the type that has the field.
pub(super) type Writes = FxHashMap<TypeRef, Vec<Write>>;

/// A pattern `Name(..)` or `Name { .. }`, and the function around it.
pub(super) type Matched = (PatRef, FnRef);

/// The patterns with a path that ends in one name, those in tests only if tests are judged.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    by_type: FxHashMap<TypeRef, Vec<Matched>>,
    by_variant: FxHashMap<TypeRef, Vec<(String, Matched)>>,
    /// A glob of variants, or `Self::Running`: the name alone has to do.
    unknown: Vec<Matched>,
}

impl Uses {
    /// Those of a type.
    pub(super) fn of(&self, owner: TypeRef) -> &[ExprRef] {
        self.by_owner.get(&owner).map_or(&[], Vec::as_slice)
    }

    /// Those that may be of any type.
    pub(super) fn on_unknown(&self) -> &[ExprRef] {
        &self.on_unknown
    }
}

impl Patterns {
    /// Those that take apart a type, or the variant of one, in the order in which they stand.
    pub(super) fn of(&self, owner: TypeRef, variant: Option<&str>) -> Vec<Matched> {
        let mut found = match variant {
            None => self.by_type.get(&owner).cloned().unwrap_or_default(),
            Some(variant) => {
                let all = self.by_variant.get(&owner).into_iter().flatten();
                all.filter(|(name, _)| name == variant).map(|(_, matched)| *matched).collect()
            }
        };
        found.extend(&self.unknown);
        found.sort();
        found
    }
}

impl Flow {
    /// The uses of fields of a name.
    pub(super) fn uses_of_fields(&self, name: &str) -> Rc<Uses> {
        self.looked_up(&self.by_name.uses, name, || self.find_uses(name))
    }

    /// What functions put into fields of a name, by the type that has the field.
    pub(super) fn writes_to_fields(&self, name: &str) -> Rc<Writes> {
        self.looked_up(&self.by_name.writes, name, || self.find_writes(name))
    }

    /// The patterns of a name.
    pub(super) fn patterns_of(&self, name: &str) -> Rc<Patterns> {
        self.looked_up(&self.by_name.patterns, name, || self.find_patterns(name))
    }

    /// The fields in which values of a type stand: bare, behind a pointer or lock, in a collection.
    pub(crate) fn holders_of(&self, held: TypeRef) -> &[(TypeRef, String)] {
        let holders = self.by_name.holders.get_or_init(|| {
            let mut found: FxHashMap<TypeRef, Vec<(TypeRef, String)>> = FxHashMap::default();
            for (at, file) in self.files.iter().enumerate() {
                for (index, item) in file.types.iter().enumerate().filter(|(_, item)| !item.fields.is_empty()) {
                    let owner = At::new(FileId(at as u32), TypeId::from_index(index));
                    for field in &item.fields {
                        if let Some(held) = self.declared_type(owner, field).innermost().item() {
                            found.entry(held).or_default().push((owner, self.field_key(owner, field)));
                        }
                    }
                }
            }
            found
        });
        holders.get(&held).map_or(&[], Vec::as_slice)
    }

    fn looked_up<T: Default>(
        &self,
        known: &RefCell<FxHashMap<Sym, Rc<T>>>,
        name: &str,
        find: impl FnOnce() -> T,
    ) -> Rc<T> {
        let Some(name) = self.names.lookup(name) else { return Rc::default() };
        if let Some(known) = known.borrow().get(&name) {
            return Rc::clone(known);
        }
        let found = Rc::new(find());
        known.borrow_mut().insert(name, Rc::clone(&found));
        found
    }

    fn find_uses(&self, name: &str) -> Uses {
        let mut found = Uses::default();
        for used in self.fields_named(name) {
            let Expr::Field { base, .. } = self.file(used.file)[used.id] else { continue };
            if self.in_test(*used) && !self.options.include_tests {
                continue;
            }
            match self.owner_of_field(used.with(base), self.enclosing_fn(*used)) {
                Type::Item(owner, _) => found.by_owner.entry(owner).or_default().push(*used),
                Type::Unknown => found.on_unknown.push(*used),
                _ => {}
            }
        }
        found
    }

    /// The type before the dot. In a `Drop`, what is projected out of a pin is the type that is dropped.
    fn owner_of_field(&self, base: ExprRef, by: Option<FnRef>) -> Type {
        let ty = self.type_of(&Value::bare(base)).innermost();
        if ty != Type::Unknown {
            return ty;
        }
        match by.filter(|by| self.is_drop_function(*by)).and_then(|by| self.self_def(Place::Fn(by))) {
            Some(Def::Type(owner)) => Type::Item(owner, [].into()),
            _ => Type::Unknown,
        }
    }

    fn find_writes(&self, name: &str) -> Writes {
        let mut functions: Vec<FnRef> =
            self.fields_named(name).iter().filter_map(|at| self.enclosing_fn(*at)).collect();
        functions.sort();
        functions.dedup();
        let mut found = Writes::default();
        for function in functions {
            let Some(body) = self.function(function).body else { continue };
            self.walk(function.with(body), &mut |expr, kind| {
                if let Some((owner, write)) = self.write_in(function, expr, kind, name) {
                    found.entry(owner).or_default().push(write);
                }
                true
            });
        }
        found
    }

    /// What an expression puts into a field of that name, if it does.
    fn write_in(&self, by: FnRef, expr: ExprRef, kind: Expr, name: &str) -> Option<(TypeRef, Write)> {
        let file = self.file(expr.file);
        let (place, value) = match kind {
            Expr::Assign { op: None, lhs, rhs } => (lhs, rhs),
            Expr::MethodCall { receiver, method, .. } if catalogue::method(&file[method]).fills_slot() => {
                (receiver, expr.id)
            }
            _ => return None,
        };
        if matches!(file[value], Expr::Path(path) if file.last_segment(path) == "None") {
            return None;
        }
        let path = self.access_path(&Value::bare(expr.with(place)))?;
        let owner = path.last_field().filter(|(_, field)| *field == name)?.0;
        Some((owner, Write { by, expr, path, value: expr.with(value) }))
    }

    fn find_patterns(&self, name: &str) -> Patterns {
        let mut found = Patterns::default();
        let mut functions: Option<(FileId, Bodies)> = None;
        for pat in self.patterns_named(name) {
            let file = self.file(pat.file);
            let (Pat::TupleStruct { path, .. } | Pat::Struct { path, .. }) = file[pat.id] else { continue };
            let bodies = match &functions {
                Some((known, bodies)) if *known == pat.file => bodies,
                _ => &functions.insert((pat.file, self.bodies_of(pat.file))).1,
            };
            let Some(function) = innermost(bodies, file.pat_range(pat.id)) else { continue };
            let function = pat.with(function);
            if self.is_test(function) && !self.options.include_tests {
                continue;
            }
            let matched = (*pat, function);
            match self.resolve_in(pat.file, Place::Fn(function), path) {
                Def::Type(owner) => found.by_type.entry(owner).or_default().push(matched),
                Def::Variant(owner, variant) => found.by_variant.entry(owner).or_default().push((variant, matched)),
                Def::Unknown => found.unknown.push(matched),
                _ => {}
            }
        }
        found
    }

    fn bodies_of(&self, file: FileId) -> Bodies {
        let functions = self.file(file).functions.iter().enumerate().filter(|(_, it)| it.body.is_some());
        let mut all: Vec<(TextRange, FunctionId)> =
            functions.map(|(at, it)| (it.range, At::<FunctionId>::from_index(file, at).id)).collect();
        all.sort_by_key(|(range, function)| (range.start, Reverse(range.end), Reverse(*function)));
        let mut around: Vec<usize> = Vec::new();
        let mut bodies = Bodies::with_capacity(all.len());
        for (at, (range, function)) in all.iter().enumerate() {
            while around.last().is_some_and(|outer| !all[*outer].0.contains(*range)) {
                around.pop();
            }
            bodies.push((*range, *function, around.last().copied()));
            around.push(at);
        }
        bodies
    }

    /// Whether a macro that is not understood mentions a name.
    pub(super) fn is_named_in_macro(&self, name: &str) -> bool {
        let all = self.by_name.in_opaque_macros.get_or_init(|| {
            let files = self.files.iter().enumerate().map(|(at, file)| (FileId(at as u32), file));
            let calls = files.flat_map(|(id, file)| file.macros.iter().map(move |call| (id, file, call)));
            let opaque = calls.filter(|(.., call)| call.shape == MacroShape::Opaque);
            opaque.flat_map(|(id, file, call)| file.list(call.mentions).map(move |it| self.names.sym(id, it))).collect()
        });
        self.names.lookup(name).is_some_and(|name| all.contains(&name))
    }

    /// The files whose `macro_rules!` mention a name.
    pub(super) fn files_of_macro_rules(&self, name: &str) -> &[FileId] {
        let all = self.by_name.in_macro_rules.get_or_init(|| {
            let mut all: FxHashMap<Sym, Vec<FileId>> = FxHashMap::default();
            for (at, file) in self.files.iter().enumerate() {
                let id = FileId(at as u32);
                for mentioned in &file.macro_mentions {
                    let files = all.entry(self.names.sym(id, *mentioned)).or_default();
                    if files.last() != Some(&id) {
                        files.push(id);
                    }
                }
            }
            all
        });
        self.names.lookup(name).and_then(|name| all.get(&name)).map_or(&[], Vec::as_slice)
    }
}

/// The functions of a file that have a body, by where they begin, each with the place of the one around it.
type Bodies = Vec<(TextRange, FunctionId, Option<usize>)>;

/// The innermost function around a place.
fn innermost(bodies: &Bodies, range: TextRange) -> Option<FunctionId> {
    let mut at = bodies.partition_point(|(body, ..)| body.start <= range.start).checked_sub(1);
    while let Some((body, function, around)) = at.map(|at| bodies[at]) {
        if body.contains(range) {
            return Some(function);
        }
        at = around;
    }
    None
}
