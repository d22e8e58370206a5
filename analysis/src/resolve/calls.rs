//! Where each name is called, each field touched, each struct built: one scan over all bodies.

use super::{At, ExprRef, FnRef, Resolve, TypeRef, Value, names::Def, names::Sym};
use crate::{
    facts::{Expr, ExprId, Id, Pat, PatId},
    span::FileId,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{cell::RefCell, rc::Rc};

/// Calls by the function that they run.
pub(super) type Called = FxHashMap<FnRef, Vec<ExprRef>>;

/// Values of a field by the type that has the field.
pub(super) type ByOwner = FxHashMap<TypeRef, Vec<ExprRef>>;

/// The same, when all are found.
pub(super) type OfOwners = FxHashMap<TypeRef, Rc<[ExprRef]>>;

/// Places by name.
#[derive(Debug, Default)]
pub(crate) struct CallIndex {
    calls: FxHashMap<Sym, Vec<ExprRef>>,
    mentions: FxHashMap<Sym, Vec<ExprRef>>,
    fields: FxHashMap<Sym, Vec<ExprRef>>,
    field_inits: FxHashMap<Sym, Vec<ExprRef>>,
    patterns: FxHashMap<Sym, Vec<At<PatId>>>,
    aliases: FxHashMap<Sym, Vec<String>>,
}

impl CallIndex {
    fn build(program: &Resolve) -> CallIndex {
        let mut index = CallIndex::default();
        // Of names that are mentioned only those of functions are asked for.
        let mut functions: FxHashSet<Sym> =
            program.spawn_names().filter_map(|name| program.names.lookup(name)).collect();
        for (at, file) in program.files.iter().enumerate() {
            let id = FileId(at as u32);
            functions.extend(file.functions.iter().map(|function| program.names.sym(id, function.name)));
        }
        // So are those of constants that may hold one.
        for (at, file) in program.files.iter().enumerate() {
            let held = file.consts.iter().filter(|item| {
                item.init.is_some_and(|init| !matches!(file[init], Expr::Lit(_) | Expr::MethodCall { .. }))
            });
            functions.extend(held.map(|item| program.names.sym(FileId(at as u32), item.name)));
        }
        for file in &program.files {
            let renamed = file.imports.iter().filter_map(|import| import.name);
            functions.extend(renamed.filter_map(|name| program.names.lookup(&file[name])));
        }
        for (at, file) in program.files.iter().enumerate() {
            let id = FileId(at as u32);
            let sym = |name| program.names.sym(id, name);
            for (at, expr) in file.exprs.iter().enumerate() {
                let here = At::new(id, ExprId::from_index(at));
                match *expr {
                    Expr::Call { callee, .. } => {
                        if let Expr::Path(path) = file[callee]
                            && let Some(last) = file.list(file[path].segments).next_back()
                        {
                            index.calls.entry(sym(last)).or_default().push(here);
                        }
                    }
                    Expr::MethodCall { method, .. } => index.calls.entry(sym(method)).or_default().push(here),
                    Expr::Path(path) => {
                        if let Some(last) = file.list(file[path].segments).next_back()
                            && functions.contains(&sym(last))
                        {
                            index.mentions.entry(sym(last)).or_default().push(here);
                        }
                    }
                    Expr::Field { name, .. } => index.fields.entry(sym(name)).or_default().push(here),
                    Expr::FieldInit { name, .. } => index.field_inits.entry(sym(name)).or_default().push(here),
                    _ => {}
                }
            }
            for import in &file.imports {
                let last = file.list(import.segments).next_back();
                if let (Some(last), Some(alias)) = (last, import.name)
                    && last != alias
                {
                    index.aliases.entry(sym(last)).or_default().push(file[alias].to_owned());
                }
            }
            for (at, pat) in file.pats.iter().enumerate() {
                if let Pat::TupleStruct { path, .. } | Pat::Struct { path, .. } = *pat
                    && let Some(last) = file.list(file[path].segments).next_back()
                {
                    index.patterns.entry(sym(last)).or_default().push(At::from_index(id, at));
                }
            }
        }
        for aliases in index.aliases.values_mut() {
            aliases.sort();
            aliases.dedup();
        }
        index
    }
}

impl Resolve {
    fn calls(&self) -> &CallIndex {
        self.memo.calls.get_or_init(|| CallIndex::build(self))
    }

    fn by_name<'a, T>(&'a self, map: &'a FxHashMap<Sym, Vec<T>>, name: &str) -> &'a [T] {
        self.names.lookup(name).and_then(|sym| map.get(&sym)).map_or(&[], Vec::as_slice)
    }

    /// Calls and method calls of that name (the last segment of the path).
    pub fn calls_named(&self, name: &str) -> &[ExprRef] {
        self.by_name(&self.calls().calls, name)
    }

    /// Path expressions that end in that name, callees included.
    pub(crate) fn mentions_of(&self, name: &str) -> &[ExprRef] {
        self.by_name(&self.calls().mentions, name)
    }

    /// Expressions `x.name`.
    pub fn fields_named(&self, name: &str) -> &[ExprRef] {
        self.by_name(&self.calls().fields, name)
    }

    /// `name: value` in struct literals.
    pub fn field_inits_named(&self, name: &str) -> &[ExprRef] {
        self.by_name(&self.calls().field_inits, name)
    }

    /// `Name(..)` and `Name { .. }` in patterns, by the last segment of the path.
    pub fn patterns_named(&self, name: &str) -> &[At<PatId>] {
        self.by_name(&self.calls().patterns, name)
    }

    /// Calls of a function outside tests (or everywhere, if tests are judged too): by path, by method, through a trait
    /// that it implements, and through a name or field that holds it.
    pub fn callers(&self, function: FnRef) -> Vec<ExprRef> {
        if let Some(known) = self.memo.callers.borrow().get(&function) {
            return known.to_vec();
        }
        let mut found = self.named_callers(function);
        for used in self.value_uses(function) {
            found.extend(self.calls_of_value(used).calls.into_iter().filter(|call| self.is_judged(*call)));
        }
        found.sort();
        found.dedup();
        self.memo.callers.borrow_mut().insert(function, Rc::from(found.as_slice()));
        found
    }

    /// The same without those through names and fields.
    pub(super) fn named_callers(&self, function: FnRef) -> Vec<ExprRef> {
        let mut found = self.calls_that_name(function, function);
        // The same method under another cfg.
        if let Some(twin) = self.twin_of(function) {
            found.extend(self.calls_that_name(function, twin));
        }
        if let Some(declared) = self.trait_method_of(function)
            && self.dispatched(declared).contains(&function)
        {
            let calls = self.calls_that_name(function, declared).into_iter();
            let is_dispatched = |call: &ExprRef| self.is_dispatched(&Value::bare(*call), declared);
            // One that an implementation makes of its own method through the trait does not come back to it.
            found.extend(calls.filter(is_dispatched).filter(|call| self.enclosing_fn(*call) != Some(function)));
            found.retain(|call| !self.is_handed_on(*call, declared, function));
        }
        if self.function(function).body.is_some() && !self.dispatched(function).contains(&function) {
            // Every implementation has a body of its own.
            found.retain(|call| !self.is_dispatched(&Value::bare(*call), function));
        }
        found.sort();
        found.dedup();
        found
    }

    /// Whether a call of a trait's method stands in an implementation of it that is itself called through the trait
    /// alone: who calls that one calls the others, too.
    fn is_handed_on(&self, call: ExprRef, declared: FnRef, function: FnRef) -> bool {
        self.enclosing_fn(call).is_some_and(|around| {
            around != function
                && self.trait_method_of(around) == Some(declared)
                && self.calls_that_name(around, around).is_empty()
        })
    }

    /// Calls of something of the name of `function` that mean `target`.
    fn calls_that_name(&self, function: FnRef, target: FnRef) -> Vec<ExprRef> {
        let name = self.function_name(function);
        // A renamed import calls it by another name.
        let names = self.aliases(name).iter().map(String::as_str).chain([name]);
        names.flat_map(|name| self.called_by_name(name).get(&target).cloned().unwrap_or_default()).collect()
    }

    /// The calls of a name that are judged, by what they run.
    fn called_by_name(&self, name: &str) -> Rc<Called> {
        let Some(sym) = self.names.lookup(name) else { return Rc::default() };
        if let Some(known) = self.memo.called_by_name.borrow().get(&sym) {
            return Rc::clone(known);
        }
        let mut found = Called::default();
        for call in self.calls_named(name).iter().filter(|call| self.is_judged(**call)) {
            if let Some(function) = self.called_fn(&Value::bare(*call)) {
                found.entry(function).or_default().push(*call);
            }
        }
        let found = Rc::new(found);
        self.memo.called_by_name.borrow_mut().insert(sym, Rc::clone(&found));
        found
    }

    /// Whether a test calls a function by its name.
    pub(crate) fn is_called_in_tests(&self, function: FnRef) -> bool {
        let mut named = self.calls_named(self.function_name(function)).iter();
        named.any(|call| self.in_test(*call) && self.called_fn(&Value::bare(*call)) == Some(function))
    }

    fn is_judged(&self, call: ExprRef) -> bool {
        self.options.include_tests || !self.in_test(call)
    }

    /// Names under which imports bring in something of that name.
    pub fn aliases(&self, name: &str) -> &[String] {
        self.by_name(&self.calls().aliases, name)
    }

    /// Whether a call runs that function.
    pub fn calls_fn(&self, call: ExprRef, function: FnRef) -> bool {
        self.called_fns(&Value::bare(call)).contains(&function)
    }

    /// Whether an expression stands in test code.
    pub fn in_test(&self, expr: ExprRef) -> bool {
        match self.place(expr) {
            Some(super::Place::Fn(function)) => self.is_test(function),
            Some(super::Place::Const(item)) => {
                self.crates.files[item.file.index()].is_test || self.file(item.file).consts[item.index as usize].is_test
            }
            None => self.crates.files[expr.file.index()].is_test,
        }
    }

    /// Uses of a function as a value (`map(spawn_it)`), outside calls.
    pub fn value_uses(&self, function: FnRef) -> Vec<ExprRef> {
        let name = self.function_name(function);
        let uses = self.mentions_of(name).iter().copied().filter(|at| {
            let parent = self.parents(at.file).parent(at.id);
            let is_callee = parent.is_some_and(
                |parent| matches!(self.file(at.file)[parent], Expr::Call { callee, .. } if callee == at.id),
            );
            !is_callee && self.named(*at) == Def::Fn(function)
        });
        uses.collect()
    }

    /// Whether a function is handed on as a value to where the text does not show who calls it.
    pub(crate) fn is_called_unseen(&self, function: FnRef) -> bool {
        self.value_uses(function).into_iter().any(|used| self.escapes(used))
    }

    /// Whether a function value goes to where the text does not show who calls it.
    pub(crate) fn escapes(&self, value: ExprRef) -> bool {
        let found = self.calls_of_value(value);
        found.escapes || !found.calls_of_parameters.is_empty()
    }

    /// Values that struct literals give to a field.
    pub fn inits_of(&self, owner: TypeRef, field: &str) -> Vec<ExprRef> {
        let Some(sym) = self.names.lookup(field) else { return Vec::new() };
        let known = self.memo.inits_by_owner.borrow().get(&sym).map(Rc::clone);
        let by_owner = known.unwrap_or_else(|| {
            let found = Rc::new(self.find_inits(field));
            self.memo.inits_by_owner.borrow_mut().insert(sym, Rc::clone(&found));
            found
        });
        by_owner.get(&owner).cloned().unwrap_or_default()
    }

    /// The same, those in tests too, with literals that name an alias of the type.
    pub fn all_inits_of(&self, owner: TypeRef, field: &str) -> Rc<[ExprRef]> {
        self.by_owner(&self.memo.all_inits, owner, field, || {
            let mut found = ByOwner::default();
            for init in self.field_inits_named(field) {
                let file = self.file(init.file);
                let Expr::FieldInit { value, .. } = file[init.id] else { continue };
                let Some(literal) = self.parents(init.file).parent(init.id) else { continue };
                let Expr::Struct { path, .. } = file[literal] else { continue };
                let Some(place) = self.place(*init) else { continue };
                let (Def::Type(owner) | Def::Variant(owner, _)) = self.resolve_in(init.file, place, path) else {
                    continue;
                };
                found.entry(owner).or_default().push(init.with(value));
                if let Def::Type(aliased) = self.behind_alias(owner)
                    && aliased != owner
                {
                    found.entry(aliased).or_default().push(init.with(value));
                }
            }
            found
        })
    }

    /// The expressions `x.name`, those in tests too, where `x` is of a type, or holds one of that type.
    pub fn all_uses_of(&self, owner: TypeRef, field: &str) -> Rc<[ExprRef]> {
        self.by_owner(&self.memo.all_uses, owner, field, || {
            let mut found = ByOwner::default();
            for used in self.fields_named(field) {
                let Expr::Field { base, .. } = self.file(used.file)[used.id] else { continue };
                if let Some(owner) = self.type_of(&Value::bare(used.with(base))).innermost().item() {
                    found.entry(owner).or_default().push(*used);
                }
            }
            found
        })
    }

    /// What is known of fields of a name, found once for all types that have such a field.
    fn by_owner(
        &self,
        known: &RefCell<FxHashMap<Sym, OfOwners>>,
        owner: TypeRef,
        field: &str,
        find: impl FnOnce() -> ByOwner,
    ) -> Rc<[ExprRef]> {
        let Some(name) = self.names.lookup(field) else { return Rc::default() };
        let of = |all: &OfOwners| all.get(&owner).map(Rc::clone).unwrap_or_default();
        if let Some(known) = known.borrow().get(&name) {
            return of(known);
        }
        let found: OfOwners = find().into_iter().map(|(owner, all)| (owner, all.into())).collect();
        let answer = of(&found);
        known.borrow_mut().insert(name, found);
        answer
    }

    /// The values of all fields of a name, by the type that has the field.
    fn find_inits(&self, field: &str) -> ByOwner {
        let mut found = ByOwner::default();
        for init in self.field_inits_named(field) {
            let file = self.file(init.file);
            let Expr::FieldInit { value, .. } = file[init.id] else { continue };
            let Some(literal) = self.parents(init.file).parent(init.id) else { continue };
            let Expr::Struct { path, .. } = file[literal] else { continue };
            let Some(place) = self.place(*init) else { continue };
            if let Def::Type(owner) | Def::Variant(owner, _) = self.resolve_in(init.file, place, path)
                && !self.in_test(*init)
            {
                found.entry(owner).or_default().push(init.with(value));
            }
        }
        found
    }
}
