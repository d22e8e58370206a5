//! A summary as text, for tests and for people who debug the lowering.
//!
//! Pseudo-Rust, one statement a line. Names stand as they are, everything that the summary knows
//! and the source does not say in words is in brackets.

use super::{
    Const, FileSummary, Function, Generic, Id, Impl, ImplId, Import, List, Lit, ModuleId, ModuleKind, Name, Owner, Pat,
    PatId, PathId, Ty, TyId, TypeId, TypeItem, TypeKind, Visibility,
};
use std::fmt::{self, Display, Formatter, Write};

mod expr;

impl Display for FileSummary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut it = Printer { of: self, out: String::new(), indent: 0 };
        it.file();
        f.write_str(&it.out)
    }
}

struct Printer<'a> {
    of: &'a FileSummary,
    out: String,
    indent: usize,
}

impl Printer<'_> {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self) {
        let indent = self.indent;
        let _ = write!(self.out, "\n{:indent$}", "", indent = indent * 2);
    }

    fn end(&mut self, is_test: bool) {
        self.put(if is_test { " [test]\n" } else { "\n" });
    }

    fn name(&mut self, name: Name) {
        let text = &self.of[name];
        self.out.push_str(text);
    }

    fn file(&mut self) {
        let of = self.of;
        for (at, it) in of.modules.iter().enumerate() {
            let _ = write!(self.out, "module {at}: {:?}", it.kind);
            if let Some(name) = it.name {
                self.put(" ");
                self.name(name);
            }
            if let Some(parent) = it.parent.filter(|_| it.kind != ModuleKind::File) {
                self.module(parent);
            }
            if let Some(path) = it.path_attr {
                let _ = write!(self.out, " path={:?}", &of[path]);
            }
            self.end(it.is_test);
        }
        of.imports.iter().for_each(|it| self.import(it));
        of.types.iter().for_each(|it| self.type_item(it));
        of.consts.iter().for_each(|it| self.constant(it));
        of.impls.iter().for_each(|it| self.impl_block(it));
        of.functions.iter().for_each(|it| self.function(it));
        if !of.macro_mentions.is_empty() {
            let names: Vec<&str> = of.macro_mentions.iter().map(|name| &of[*name]).collect();
            let _ = writeln!(self.out, "macro_rules mention {}", names.join(", "));
        }
        for it in &of.suppressions {
            let rules: Vec<&str> = it.rules.iter().map(|(rule, _)| rule.as_str()).collect();
            let (from, to) = (it.covers.start, it.covers.end);
            let _ = write!(self.out, "allow {} in {from}..{to}: {:?}", rules.join(", "), it.reason);
            if let Some(problem) = &it.problem {
                let _ = write!(self.out, " problem: {problem}");
            }
            self.put("\n");
        }
    }

    /// ` in 2` for anything that does not stand in the file itself.
    fn module(&mut self, id: ModuleId) {
        if id.index() > 0 {
            let _ = write!(self.out, " in {}", id.index());
        }
    }

    fn visibility(&mut self, it: Visibility) {
        self.put(match it {
            Visibility::Private => "",
            Visibility::Restricted => "pub(..) ",
            Visibility::Public => "pub ",
        });
    }

    fn impl_of(&mut self, id: ImplId) {
        let it = &self.of[id];
        self.ty(it.self_ty);
        self.put("::");
    }

    fn type_of(&mut self, id: TypeId) {
        let it = &self.of[id];
        self.name(it.name);
        self.put("::");
    }

    fn import(&mut self, it: &Import) {
        self.visibility(it.visibility);
        self.put(if it.global { "use ::" } else { "use " });
        let path: Vec<&str> = self.of.list(it.segments).map(|name| &self.of[name]).collect();
        self.put(&path.join("::"));
        match it.name {
            _ if it.is_glob => self.put("::*"),
            None => self.put(" as _"),
            Some(name) if path.last() == Some(&&self.of[name]) => {}
            Some(name) => {
                self.put(" as ");
                self.name(name);
            }
        }
        self.module(it.module);
        self.end(it.is_test);
    }

    fn generics(&mut self, all: &[Generic]) {
        if all.is_empty() {
            return;
        }
        self.put("<");
        for (at, it) in all.iter().enumerate() {
            self.put(if at > 0 { ", " } else { "" });
            self.name(it.name);
            self.bounds(it.bounds, ": ");
        }
        self.put(">");
    }

    fn bounds(&mut self, all: List<PathId>, before: &str) {
        for (at, it) in self.of.list(all).enumerate() {
            self.put(if at > 0 { " + " } else { before });
            self.path(it);
        }
    }

    fn type_item(&mut self, it: &TypeItem) {
        self.visibility(it.visibility);
        self.put(match it.kind {
            TypeKind::Struct => "struct ",
            TypeKind::Enum => "enum ",
            TypeKind::Alias(_) => "type ",
            TypeKind::Trait => "trait ",
        });
        if let Some(owner) = it.owner {
            self.impl_of(owner);
        }
        self.name(it.name);
        self.generics(&it.generics);
        if let TypeKind::Alias(ty) = it.kind {
            self.put(" = ");
            self.ty(ty);
        }
        if !it.variants.is_empty() {
            let names: Vec<&str> = self.of.list(it.variants).map(|name| &self.of[name]).collect();
            let _ = write!(self.out, " [{}]", names.join(" | "));
        }
        self.module(it.module);
        self.end(it.is_test);
        for field in &it.fields {
            self.put("  ");
            self.visibility(field.visibility);
            if let Some(variant) = field.variant {
                self.name(variant);
                self.put(".");
            }
            self.name(field.name);
            self.put(": ");
            self.ty(field.ty);
            self.put("\n");
        }
    }

    fn owner(&mut self, it: Owner) {
        match it {
            Owner::Module => {}
            Owner::Impl(id) => self.impl_of(id),
            Owner::Trait(id) => self.type_of(id),
        }
    }

    fn constant(&mut self, it: &Const) {
        self.put(if it.is_lazy { "lazy " } else { "" });
        self.put(if it.is_static { "static " } else { "const " });
        self.owner(it.owner);
        self.name(it.name);
        self.optional_ty(": ", it.ty);
        self.optional(" = ", it.init);
        self.module(it.module);
        self.end(it.is_test);
    }

    fn impl_block(&mut self, it: &Impl) {
        self.put("impl");
        self.generics(&it.generics);
        self.put(" ");
        if let Some(path) = it.trait_path {
            self.path(path);
            self.put(" for ");
        }
        self.ty(it.self_ty);
        self.module(it.module);
        self.end(it.is_test);
    }

    fn function(&mut self, it: &Function) {
        self.visibility(it.visibility);
        self.put(if it.is_async { "async fn " } else { "fn " });
        self.owner(it.owner);
        self.name(it.name);
        self.generics(&it.generics);
        self.put("(");
        if let Some(receiver) = it.self_param {
            self.put(if receiver.is_ref { "&self" } else { "self" });
            self.optional_ty(": ", receiver.ty);
        }
        for (at, param) in it.params.iter().enumerate() {
            self.put(if at > 0 || it.self_param.is_some() { ", " } else { "" });
            self.pat(param.pat);
            self.put(": ");
            self.ty(param.ty);
        }
        self.put(")");
        self.optional_ty(" -> ", it.ret);
        self.put(if it.attrs.is_entry { " [entry]" } else { "" });
        if let Some(span) = it.attrs.instrument {
            self.put(" [instrument");
            self.put(if span.has_parent { " parent" } else { "" });
            self.put(if span.logs_error { " err" } else { "" });
            self.put(if span.is_trace { " trace" } else { "" });
            self.put("]");
        }
        self.module(it.module);
        if it.body_module != it.module {
            let _ = write!(self.out, " [body {}]", it.body_module.index());
        }
        self.optional(" ", it.body);
        self.end(it.attrs.is_test);
    }

    fn path(&mut self, id: PathId) {
        let it = self.of[id];
        if let Some(ty) = it.qself {
            self.put("<");
            self.ty(ty);
            self.put(">::");
        }
        self.put(if it.global { "::" } else { "" });
        let text = self.of.path_text(id);
        self.put(&text);
        if it.parenthesized {
            // `Fn(A, B) -> C` has the arguments `(A, B)` and `C`.
            let mut args = self.of.list(it.args);
            self.optional_ty("", args.next());
            self.optional_ty(" -> ", args.next());
        } else if !it.args.is_empty() {
            self.tys(it.args, "<", ">");
        }
    }

    fn tys(&mut self, all: List<TyId>, open: &str, close: &str) {
        self.put(open);
        for (at, it) in self.of.list(all).enumerate() {
            self.put(if at > 0 { ", " } else { "" });
            self.ty(it);
        }
        self.put(close);
    }

    fn optional_ty(&mut self, before: &str, it: Option<TyId>) {
        if let Some(it) = it {
            self.put(before);
            self.ty(it);
        }
    }

    fn ty(&mut self, id: TyId) {
        match self.of[id] {
            Ty::Path(it) => self.path(it),
            Ty::Ref(it) => self.optional_ty("&", Some(it)),
            Ty::Pointer(it) => self.optional_ty("*", Some(it)),
            Ty::Slice(it) | Ty::Array(it) => {
                self.optional_ty("[", Some(it));
                self.put(if matches!(self.of[id], Ty::Array(_)) { "; _]" } else { "]" });
            }
            Ty::Tuple(all) => self.tys(all, "(", ")"),
            Ty::Args(all) => self.tys(all, "<", ">"),
            Ty::Impl(all) => self.bounds(all, "impl "),
            Ty::Dyn(all) => self.bounds(all, "dyn "),
            Ty::Fn { params, ret } => {
                self.tys(params, "fn(", ")");
                self.optional_ty(" -> ", ret);
            }
            Ty::Never => self.put("!"),
            Ty::Infer => self.put("_"),
            Ty::Binding { name, ty } => {
                self.name(name);
                self.optional_ty(" = ", Some(ty));
            }
            Ty::Unknown => self.put("?"),
        }
    }

    fn pats(&mut self, all: List<PatId>, separator: &str) {
        for (at, it) in self.of.list(all).enumerate() {
            self.put(if at > 0 { separator } else { "" });
            self.pat(it);
        }
    }

    fn pat(&mut self, id: PatId) {
        match self.of[id] {
            Pat::Wild => self.put("_"),
            Pat::Bind { name, sub } => {
                self.name(name);
                if let Some(sub) = sub {
                    self.put(" @ ");
                    self.pat(sub);
                }
            }
            Pat::Tuple(all) => self.pat_list("(", all, ")"),
            Pat::Slice(all) => self.pat_list("[", all, "]"),
            Pat::TupleStruct { path, pats } => {
                self.path(path);
                self.pat_list("(", pats, ")");
            }
            Pat::Struct { path, fields } => {
                self.path(path);
                self.pat_list(" { ", fields, " }");
            }
            Pat::Field { name, pat } => {
                self.name(name);
                self.put(": ");
                self.pat(pat);
            }
            Pat::Or(all) => self.pats(all, " | "),
            Pat::Ref(pat) => {
                self.put("&");
                self.pat(pat);
            }
            Pat::Path(path) => self.path(path),
            Pat::Rest => self.put(".."),
            Pat::Typed { pat, ty } => {
                self.pat(pat);
                self.optional_ty(": ", Some(ty));
            }
            Pat::Lit(lit) => self.lit(lit),
            Pat::Other => self.put("?"),
        }
    }

    fn pat_list(&mut self, open: &str, all: List<PatId>, close: &str) {
        self.put(open);
        self.pats(all, ", ");
        self.put(close);
    }

    fn lit(&mut self, it: Lit) {
        let _ = match it {
            Lit::Int(Some(value)) => write!(self.out, "{value}"),
            Lit::Int(None) => write!(self.out, "[big]"),
            Lit::Float(digits) => write!(self.out, "{}", &self.of[digits]),
            Lit::Str(text) => write!(self.out, "{:?}", &self.of[text]),
            Lit::Bool(value) => write!(self.out, "{value}"),
            Lit::Other => write!(self.out, "[literal]"),
        };
    }
}
