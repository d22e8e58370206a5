//! What a name means: modules across files and crates, imports, re-exports, globs.

mod around;
mod resolved;

use super::{At, ConstRef, FnRef, ImplRef, ModRef, TypeRef, steps::Steps};
use crate::{
    catalogue,
    crates::CrateGraph,
    facts::{FileSummary, Id, ModuleId, ModuleKind, Name, Owner, PathId, TypeKind},
    fixpoint::{Answer, Table},
    span::FileId,
};
use resolved::Resolved;
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

/// A name, interned over all files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Sym(u32);

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Def {
    /// A module of the workspace.
    Module(ModRef),
    /// A struct, enum, alias or trait of the workspace.
    Type(TypeRef),
    /// A variant of an enum of the workspace.
    Variant(TypeRef, String),
    /// A function or method of the workspace.
    Fn(FnRef),
    /// A constant or static of the workspace.
    Const(ConstRef),
    /// Something outside the workspace, by its canonical path: `tokio::spawn`.
    External(Rc<str>),
    /// Cannot be told from the text.
    Unknown,
}

/// What is asked of imports, aliases and impl blocks, which may lead to one another in circles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Link {
    /// What an import brings in; of a glob, what stands before it.
    Import(FileId, u32),
    /// What a name means by the globs of a module, and whether it is the last one of a path.
    Globs(ModRef, Sym, bool),
    /// The type behind an alias.
    Alias(TypeRef),
    /// The trait of an impl block, which may be written as an item of the block's own type.
    Trait(ImplRef),
}

/// What is found stays; a foreign glob may bring in anything, so what the workspace itself declares is better.
impl Answer for Def {
    fn improve(&mut self, found: Def) -> bool {
        let rank = |def: &Def| match def {
            Def::Unknown => 0,
            Def::External(_) => 1,
            _ => 2,
        };
        let is_better = rank(&found) > rank(self);
        if is_better {
            *self = found;
        }
        is_better
    }
}

/// The names of the workspace.
#[derive(Debug, Default)]
pub(crate) struct Names {
    symbols: FxHashMap<Box<str>, Sym>,
    by_file: Vec<Vec<Sym>>,
    children: FxHashMap<(ModRef, Sym), ModRef>,
    joined: FxHashMap<ModRef, ModRef>,
    /// Modules of the name of another one, which that name leads to: `mod platform;` under two cfgs.
    other_modules: FxHashMap<ModRef, ModRef>,
    types: FxHashMap<(ModRef, Sym), TypeRef>,
    functions: FxHashMap<(ModRef, Sym), FnRef>,
    consts: FxHashMap<(ModRef, Sym), ConstRef>,
    imports: FxHashMap<(ModRef, Sym), Vec<(FileId, u32)>>,
    globs: FxHashMap<ModRef, Vec<(FileId, u32)>>,
    methods: FxHashMap<(TypeRef, Sym), Vec<FnRef>>,
    methods_by_name: FxHashMap<Sym, Vec<FnRef>>,
    assoc_consts: FxHashMap<(TypeRef, Sym), ConstRef>,
    impls_of: FxHashMap<TypeRef, Vec<ImplRef>>,
    impl_type: FxHashMap<ImplRef, Def>,
    resolved: RefCell<Resolved>,
    /// What imports and aliases lead to, each with whether of several of one name the last is taken.
    links: Table<(Link, bool), Def>,
    /// Whether of several imports of one name the last one is taken, and not the first.
    takes_last: Cell<bool>,
}

impl Names {
    /// Indexes the items of all files. Bodies are not looked at.
    pub(crate) fn build(files: &[Arc<FileSummary>], crates: &CrateGraph, steps: &Steps) -> Names {
        let mut names = Names::default();
        for file in files {
            let symbols = file.names.iter().map(|name| names.intern(name)).collect();
            names.by_file.push(symbols);
        }
        for (at, place) in crates.files.iter().enumerate() {
            if let Some((file, module)) = place.parent {
                let child = At::new(FileId(at as u32), ModuleId::from_index(0));
                names.joined.insert(At::new(file, module), child);
            }
        }
        for (at, file) in files.iter().enumerate() {
            names.index_file(FileId(at as u32), file);
        }
        for at in 0..files.len() {
            names.index_impls(files, crates, steps, FileId(at as u32));
        }
        names
    }

    fn intern(&mut self, text: &str) -> Sym {
        if let Some(sym) = self.symbols.get(text) {
            return *sym;
        }
        let sym = Sym(self.symbols.len() as u32);
        self.symbols.insert(text.into(), sym);
        sym
    }

    /// How many questions about imports and aliases are being answered.
    pub(super) fn depth(&self) -> usize {
        self.links.depth()
    }

    /// Forgets what was being found when there were more than `depth` of them.
    pub(super) fn give_up(&self, depth: usize) {
        self.links.unwind(depth);
        self.takes_last.set(false);
    }

    /// The symbol of a text, if any file mentions it.
    pub(crate) fn lookup(&self, text: &str) -> Option<Sym> {
        self.symbols.get(text).copied()
    }

    /// The symbol of a name of a file.
    pub(crate) fn sym(&self, file: FileId, name: Name) -> Sym {
        self.by_file[file.index()][name.index()]
    }

    fn index_file(&mut self, id: FileId, file: &FileSummary) {
        for (at, module) in file.modules.iter().enumerate() {
            let (Some(name), Some(parent)) = (module.name, module.parent) else { continue };
            let child = At::new(id, ModuleId::from_index(at));
            let child = self.joined.get(&child).copied().unwrap_or(child);
            if let Some(before) = self.children.insert((At::new(id, parent), self.sym(id, name)), child) {
                self.other_modules.insert(before, child);
            }
        }
        for (at, item) in file.types.iter().enumerate() {
            if item.owner.is_none() {
                let key = (At::new(id, item.module), self.sym(id, item.name));
                self.types.entry(key).or_insert(At::from_index(id, at));
            }
        }
        for (at, item) in file.functions.iter().enumerate() {
            if item.owner == Owner::Module {
                let key = (At::new(id, item.module), self.sym(id, item.name));
                self.functions.entry(key).or_insert(At::from_index(id, at));
            }
        }
        for (at, item) in file.consts.iter().enumerate() {
            if item.owner == Owner::Module {
                let key = (At::new(id, item.module), self.sym(id, item.name));
                self.consts.entry(key).or_insert(ConstRef { file: id, index: at as u32 });
            }
        }
        for (at, import) in file.imports.iter().enumerate() {
            let module = At::new(id, import.module);
            if import.is_glob {
                self.globs.entry(module).or_default().push((id, at as u32));
            } else if let Some(name) = import.name {
                self.imports.entry((module, self.sym(id, name))).or_default().push((id, at as u32));
            }
        }
    }

    fn index_impls(&mut self, files: &[Arc<FileSummary>], crates: &CrateGraph, steps: &Steps, id: FileId) {
        let view = View { names: self, files, crates, steps };
        let file = &files[id.index()];
        let targets: Vec<Def> = (file.impls.iter())
            .map(|item| match view.written_path(file, item.self_ty) {
                Some(path) => {
                    let target = steps.ask(None, || match view.resolve_path(id, item.module, path) {
                        Def::Type(target) => view.behind_alias(target),
                        found => found,
                    });
                    target.unwrap_or_else(|| {
                        view.names.give_up(0);
                        Def::Unknown
                    })
                }
                None => Def::Unknown,
            })
            .collect();
        for (at, target) in targets.iter().enumerate() {
            let item: ImplRef = At::from_index(id, at);
            if let Def::Type(target) = target {
                self.impls_of.entry(*target).or_default().push(item);
            }
            self.impl_type.insert(item, target.clone());
        }
        for (at, function) in file.functions.iter().enumerate() {
            let method: FnRef = At::from_index(id, at);
            let sym = self.sym(id, function.name);
            let owner = match function.owner {
                Owner::Module => continue,
                Owner::Trait(item) => Some(At::new(id, item)),
                Owner::Impl(item) => match &targets[item.index()] {
                    Def::Type(target) => Some(*target),
                    _ => None,
                },
            };
            self.methods_by_name.entry(sym).or_default().push(method);
            if let Some(owner) = owner {
                self.methods.entry((owner, sym)).or_default().push(method);
            }
        }
        for (at, item) in file.consts.iter().enumerate() {
            let owner = match item.owner {
                Owner::Module => continue,
                Owner::Trait(item) => Some(At::new(id, item)),
                Owner::Impl(item) => match &targets[item.index()] {
                    Def::Type(target) => Some(*target),
                    _ => None,
                },
            };
            if let Some(owner) = owner {
                let key = (owner, self.sym(id, item.name));
                self.assoc_consts.insert(key, ConstRef { file: id, index: at as u32 });
            }
        }
    }

    /// The type that an impl block is for.
    pub(crate) fn impl_type(&self, item: ImplRef) -> Def {
        self.impl_type.get(&item).cloned().unwrap_or(Def::Unknown)
    }

    /// The impl blocks of a type.
    pub(crate) fn impls_of(&self, item: TypeRef) -> &[ImplRef] {
        self.impls_of.get(&item).map_or(&[], Vec::as_slice)
    }

    /// The methods of that name of a type, inherent ones and those of traits.
    pub(crate) fn methods(&self, item: TypeRef, name: &str) -> &[FnRef] {
        let sym = self.lookup(name);
        sym.and_then(|sym| self.methods.get(&(item, sym))).map_or(&[], Vec::as_slice)
    }

    /// The function that a name means in a module, of those that are declared there.
    pub(crate) fn function_in(&self, module: ModRef, name: &str) -> Option<FnRef> {
        self.lookup(name).and_then(|sym| self.functions.get(&(module, sym))).copied()
    }

    /// The type that a name means in a module, of those that are declared there.
    pub(crate) fn type_in(&self, module: ModRef, name: &str) -> Option<TypeRef> {
        self.lookup(name).and_then(|sym| self.types.get(&(module, sym))).copied()
    }

    /// All methods of that name in the workspace.
    pub(crate) fn methods_named(&self, name: &str) -> &[FnRef] {
        let sym = self.lookup(name);
        sym.and_then(|sym| self.methods_by_name.get(&sym)).map_or(&[], Vec::as_slice)
    }
}

/// The names together with what they are names of.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) names: &'a Names,
    pub(crate) files: &'a [Arc<FileSummary>],
    pub(crate) crates: &'a CrateGraph,
    pub(crate) steps: &'a Steps,
}

impl View<'_> {
    fn written_path(&self, file: &FileSummary, ty: crate::facts::TyId) -> Option<PathId> {
        match file[ty] {
            crate::facts::Ty::Path(path) => Some(path),
            crate::facts::Ty::Ref(inner) => self.written_path(file, inner),
            _ => None,
        }
    }

    /// What a path in a module means. `Self` has to be handled before.
    pub(crate) fn resolve_path(&self, file: FileId, module: ModuleId, path: PathId) -> Def {
        let summary = &self.files[file.index()];
        let it = summary[path];
        if it.qself.is_some() {
            return Def::Unknown;
        }
        if let Some(def) = self.names.resolved.borrow().by_path(file, module, path) {
            return def;
        }
        let here = At::new(file, module);
        let segments: Box<[Sym]> = summary.list(it.segments).map(|name| self.names.sym(file, name)).collect();
        let mut resolved = self.names.resolved.borrow_mut();
        let next = resolved.written.len() as u32;
        let written = *resolved.written.entry((segments, it.global)).or_insert(next);
        if let Some(meaning) = resolved.known.get(&(here, written)).copied() {
            resolved.set_path(self.files, file, path, meaning);
            return resolved.meanings[meaning as usize].1.clone();
        }
        // To find it, other paths are asked for.
        drop(resolved);
        let segments: Vec<&str> = summary.segments(path).collect();
        let def = self.resolve(here, &segments, it.global);
        let mut resolved = self.names.resolved.borrow_mut();
        let meaning = resolved.meanings.len() as u32;
        resolved.meanings.push((module, def.clone()));
        resolved.known.insert((here, written), meaning);
        resolved.set_path(self.files, file, path, meaning);
        def
    }

    /// What a name means in a module.
    pub(crate) fn resolve_name(&self, module: ModRef, name: &str) -> Def {
        self.resolve(module, &[name], false)
    }

    /// Whether a path means something else if another import of the same name is taken: each is then compiled
    /// under another cfg, and so is perhaps the code that names it.
    pub(crate) fn is_ambiguous(&self, file: FileId, module: ModuleId, path: PathId) -> bool {
        let first = self.resolve_path(file, module, path);
        let summary = &self.files[file.index()];
        let segments: Vec<&str> = summary.segments(path).collect();
        self.names.takes_last.set(true);
        let last = self.resolve(At::new(file, module), &segments, summary[path].global);
        self.names.takes_last.set(false);
        first != last
    }

    /// What `segments` mean in a module.
    pub(crate) fn resolve(&self, module: ModRef, segments: &[&str], global: bool) -> Def {
        let Some((first, rest)) = segments.split_first() else { return Def::Unknown };
        self.steps.step();
        let start = match *first {
            "crate" | "$crate" => self.crate_root(module.file).map_or(Def::Unknown, Def::Module),
            "self" if !rest.is_empty() || global => Def::Module(self.plain_module(module)),
            "super" => match self.parent(self.plain_module(module)) {
                Some(parent) => {
                    return if rest.is_empty() { Def::Module(parent) } else { self.resolve_in_super(parent, rest) };
                }
                None => Def::Unknown,
            },
            name if global => self.extern_name(module.file, name),
            name => self.first_segment(module, name, rest.is_empty()),
        };
        self.walk(start, rest)
    }

    fn resolve_in_super(&self, module: ModRef, rest: &[&str]) -> Def {
        if rest.first() == Some(&"super") {
            return self.resolve(module, rest, false);
        }
        self.walk(Def::Module(module), rest)
    }

    fn walk(&self, start: Def, rest: &[&str]) -> Def {
        let mut def = start;
        for (at, name) in rest.iter().enumerate() {
            def = match def {
                Def::Module(module) => self.member(module, name, at + 1 == rest.len()),
                Def::Type(item) => self.associated(item, name),
                Def::External(path) => Def::External(catalogue::canonical(&format!("{path}::{name}")).into()),
                Def::Variant(..) | Def::Fn(_) | Def::Const(_) | Def::Unknown => return Def::Unknown,
            };
        }
        def
    }

    fn first_segment(&self, module: ModRef, name: &str, is_last: bool) -> Def {
        let mut here = module;
        loop {
            let found = self.member(here, name, is_last);
            if found != Def::Unknown {
                return found;
            }
            let item = self.files[here.file.index()][here.id];
            match (item.kind, item.parent) {
                (ModuleKind::Body, Some(parent)) => here = At::new(here.file, parent),
                _ => break,
            }
        }
        match self.extern_name(module.file, name) {
            Def::Unknown => catalogue::prelude(name).map_or(Def::Unknown, |path| Def::External(path.into())),
            found => found,
        }
    }

    /// What a module calls `name`: its items first, then its imports, then its globs.
    /// A module and a function may share a name: the last segment of a path prefers what is not a module.
    fn member(&self, module: ModRef, name: &str, is_last: bool) -> Def {
        self.steps.step();
        if let Some(sym) = self.names.lookup(name) {
            let key = (module, sym);
            if is_last {
                if let Some(item) = self.names.functions.get(&key) {
                    return Def::Fn(*item);
                }
                if let Some(item) = self.names.consts.get(&key) {
                    return Def::Const(*item);
                }
            }
            if let Some(item) = self.names.types.get(&key) {
                return Def::Type(*item);
            }
            if let Some(child) = self.names.children.get(&key) {
                let has_import = is_last && self.names.imports.contains_key(&key);
                if !has_import {
                    return Def::Module(*child);
                }
            }
            let imports = self.names.imports.get(&key).map_or(&[][..], Vec::as_slice);
            for at in 0..imports.len() {
                let at = if self.names.takes_last.get() { imports.len() - 1 - at } else { at };
                let (file, index) = imports[at];
                let found = self.import(file, index);
                if found != Def::Unknown {
                    return found;
                }
            }
            if let Some(child) = self.names.children.get(&key) {
                return Def::Module(*child);
            }
        }
        self.through_globs(module, name, is_last)
    }

    fn through_globs(&self, module: ModRef, name: &str, is_last: bool) -> Def {
        if !self.names.globs.contains_key(&module) {
            return Def::Unknown;
        }
        match self.names.lookup(name) {
            Some(sym) => self.link(Link::Globs(module, sym, is_last), || self.ask_globs(module, name, is_last)),
            None => self.foreign_through_globs(module, name, &mut FxHashSet::default()),
        }
    }

    fn ask_globs(&self, module: ModRef, name: &str, is_last: bool) -> Def {
        let mut external = Def::Unknown;
        for (file, index) in self.globs_of(module) {
            self.steps.step();
            match self.import(*file, *index) {
                Def::Module(target) if target != module => {
                    let found = self.member(target, name, is_last);
                    if found != Def::Unknown {
                        return found;
                    }
                }
                Def::Type(target) if self.has_variant(target, name) => return Def::Variant(target, name.to_owned()),
                Def::External(path) => external = foreign_glob(&path, name).unwrap_or(external),
                _ => {}
            }
        }
        external
    }

    /// What a name that no file writes means by the globs of a module.
    fn foreign_through_globs(&self, module: ModRef, name: &str, seen: &mut FxHashSet<ModRef>) -> Def {
        let mut external = Def::Unknown;
        if !seen.insert(module) {
            return external;
        }
        for (file, index) in self.globs_of(module) {
            self.steps.step();
            match self.import(*file, *index) {
                Def::Module(target) => match self.foreign_through_globs(target, name, seen) {
                    Def::Unknown => {}
                    found => return found,
                },
                Def::External(path) => external = foreign_glob(&path, name).unwrap_or(external),
                _ => {}
            }
        }
        external
    }

    fn globs_of(&self, module: ModRef) -> &[(FileId, u32)] {
        self.names.globs.get(&module).map_or(&[], Vec::as_slice)
    }

    /// The answer to what is asked of an import or alias: nothing is taken for granted where it comes back to itself.
    fn link(&self, link: Link, find: impl Fn() -> Def) -> Def {
        self.names.links.get((link, self.names.takes_last.get()), || Def::Unknown, find)
    }

    /// What an import brings in, or of a glob, what stands before it.
    pub(super) fn import(&self, file: FileId, index: u32) -> Def {
        self.link(Link::Import(file, index), || self.follow(file, index))
    }

    fn follow(&self, file: FileId, index: u32) -> Def {
        let summary = &self.files[file.index()];
        let import = &summary.imports[index as usize];
        let segments: Vec<&str> = summary.list(import.segments).map(|name| &summary[name]).collect();
        let module = At::new(file, import.module);
        let Some(first) = segments.first() else {
            return Def::Unknown;
        };
        let keyword = matches!(*first, "crate" | "self" | "super" | "$crate");
        if !keyword && !import.global {
            // `use name::..` names a crate, or since 2018 something in scope.
            // An import must not find itself: `use tokio::spawn as tokio`.
            let own = import.name.map(|name| &summary[name]) == Some(first) || segments.len() == 1;
            if own {
                let external = self.extern_name(file, first);
                if external != Def::Unknown {
                    return self.walk(external, &segments[1..]);
                }
                if let Some(child) = self.child_module(module, first) {
                    return self.walk(Def::Module(child), &segments[1..]);
                }
            }
            if self.edition(file) == 2015 {
                let root = self.crate_root(file).map_or(Def::Unknown, Def::Module);
                let found = self.walk(root, &segments);
                if found != Def::Unknown {
                    return found;
                }
            }
        }
        self.resolve(module, &segments, import.global)
    }

    pub(super) fn child_module(&self, module: ModRef, name: &str) -> Option<ModRef> {
        self.names.lookup(name).and_then(|sym| self.names.children.get(&(module, sym))).copied()
    }

    /// The type behind an alias; anything else is returned as it is.
    pub(crate) fn behind_alias(&self, item: TypeRef) -> Def {
        let file = &self.files[item.file.index()];
        let TypeKind::Alias(ty) = file[item.id].kind else { return Def::Type(item) };
        let Some(path) = self.written_path(file, ty) else { return Def::Type(item) };
        if file.as_ident(path) == Some(&file[file[item.id].name]) {
            return Def::Unknown;
        }
        self.link(Link::Alias(item), || {
            let segments: Vec<&str> = file.segments(path).collect();
            match self.resolve(At::new(item.file, file[item.id].module), &segments, file[path].global) {
                Def::Type(target) if target != item => self.behind_alias(target),
                found => found,
            }
        })
    }

    fn associated(&self, item: TypeRef, name: &str) -> Def {
        let item = match self.behind_alias(item) {
            Def::Type(item) => item,
            Def::External(path) => return Def::External(catalogue::canonical(&format!("{path}::{name}")).into()),
            _ => return Def::Unknown,
        };
        if self.has_variant(item, name) {
            return Def::Variant(item, name.to_owned());
        }
        if let Some(method) = self.names.methods(item, name).first() {
            return Def::Fn(*method);
        }
        let of = |owner: TypeRef| {
            let sym = self.names.lookup(name)?;
            self.names.assoc_consts.get(&(owner, sym)).copied()
        };
        // What its own traits say where it says nothing itself.
        let trait_of = |block: &ImplRef| {
            let block_item = &self.files[block.file.index()][block.id];
            let path = block_item.trait_path?;
            let find = || self.resolve_path(block.file, block_item.module, path);
            match self.link(Link::Trait(*block), find) {
                Def::Type(found) => Some(found),
                _ => None,
            }
        };
        let traits = self.names.impls_of(item).iter().filter_map(trait_of);
        of(item).or_else(|| traits.into_iter().find_map(of)).map_or(Def::Unknown, Def::Const)
    }

    fn has_variant(&self, item: TypeRef, name: &str) -> bool {
        let file = &self.files[item.file.index()];
        file.list(file[item.id].variants).any(|variant| &file[variant] == name)
    }
}

/// A foreign glob brings in whatever it likes: only what the catalogue knows is believed.
fn foreign_glob(path: &str, name: &str) -> Option<Def> {
    let full = catalogue::canonical(&format!("{path}::{name}"));
    catalogue::is_known(&full).then(|| Def::External(full.into()))
}
