//! Structs that a function builds, and values that are put somewhere as soon as they are made.

use crate::{
    catalogue::{self, Function},
    facts::{Expr, Pat, PatId, TypeKind},
    program::{At, Def, ExprRef, Program, Statement, Type, TypeRef, places::numbered},
    span::{FileId, Span},
};

/// How many literals of a type may have to be changed for a new field.
const MAX_LITERALS: usize = 4;

/// A struct that a function builds and gives to its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltStruct {
    /// The struct.
    pub owner: TypeRef,
    /// Its last field, as declared.
    pub last_field: Span,
    /// The literal that is built there.
    pub literal: LiteralPlace,
    /// The others, which have nothing to put into a new field.
    pub others: Vec<LiteralPlace>,
}

/// Where a struct literal takes one more field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiteralPlace {
    /// Its last field.
    pub last_field: Span,
    /// Whether it stands on one line.
    pub is_short: bool,
}

impl Program {
    /// The call that makes a value in a place.
    pub fn made_at(&self, at: Span) -> Option<ExprRef> {
        self.expr_at(at, |expr| matches!(expr, Expr::Call { .. } | Expr::MethodCall { .. }))
    }

    /// The local that a value is put into as soon as it is made, with the statement that does it.
    pub fn made_local(&self, value: ExprRef) -> Option<(String, Statement)> {
        let statement = self.statement_around(value)?;
        let file = self.file(value.file);
        match file[statement.stmt.id] {
            Expr::Local { pat, init: Some(init), otherwise: None, .. } if init == value.id => match file[pat] {
                Pat::Bind { name, sub: None } => Some((file[name].to_owned(), statement)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The local that has a struct with a value in a field as soon as it is made, also behind a pointer through which the
    /// field is reached, with the statement that does it.
    pub fn made_local_with_field(&self, value: ExprRef) -> Option<(String, Statement)> {
        let file = self.file(value.file);
        let parents = self.parents(value.file);
        let init = parents.parent(value.id).filter(|it| matches!(file[*it], Expr::FieldInit { .. }))?;
        let mut whole = value.with(parents.parent(init)?);
        while let Some(outer) = self.parent(whole)
            && let Expr::Call { callee, args } = file[outer.id]
        {
            let is_pointer = matches!(self.callee(outer.with(callee)), Def::External(path) if catalogue::function(&path).is_some_and(Function::points));
            if !is_pointer || args.len != 1 {
                return None;
            }
            whole = outer;
        }
        self.made_local(whole)
    }

    /// The field that a value is put into as soon as it is made.
    pub fn made_field(&self, value: ExprRef) -> Option<(TypeRef, String)> {
        let file = self.file(value.file);
        let init = self.parents(value.file).parent(value.id)?;
        let Expr::FieldInit { name, .. } = file[init] else { return None };
        let literal = self.parents(value.file).parent(init)?;
        Some((self.literal_type(value.with(literal))?, file[name].to_owned()))
    }

    /// The struct that the function around a statement builds as its last act, and gives to its caller.
    pub fn built_struct(&self, statement: Statement) -> Option<BuiltStruct> {
        self.is_body(statement.block)?;
        let last = *self.statements(statement.block).last()?;
        if last == statement.stmt {
            return None;
        }
        let literal = self.literal_in(last)?;
        self.struct_of_literal(literal)
    }

    /// `Self { .. }` of `Ok(Arc::new(Self { .. }))`.
    fn literal_in(&self, expr: ExprRef) -> Option<ExprRef> {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Struct { .. } => Some(expr),
            Expr::Call { callee, args } if args.len == 1 => {
                let hands_on = match self.callee(expr.with(callee)) {
                    Def::External(path) => catalogue::function(&path).is_some_and(Function::holds),
                    _ => false,
                };
                hands_on.then(|| self.literal_in(expr.with(file.at(args, 0)?))).flatten()
            }
            _ => None,
        }
    }

    /// The struct of a literal, if it can take one more field: everything that names its fields is seen.
    pub(crate) fn struct_of_literal(&self, literal: ExprRef) -> Option<BuiltStruct> {
        let owner = self.literal_type(literal)?;
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let last_field = item.fields.last()?;
        let is_named = !file[last_field.name].starts_with(|first: char| first.is_ascii_digit());
        let takes_any = file.list(item.derives).all(|derive| matches!(&file[derive], "Debug"));
        if item.kind != TypeKind::Struct || !is_named || !takes_any || item.is_test {
            return None;
        }
        let name = &file[item.name];
        let is_struct = |at: &At<PatId>| matches!(self.file(at.file)[at.id], Pat::Struct { .. });
        if self.patterns_named(name).iter().any(is_struct) {
            return None;
        }
        let mut others = Vec::new();
        for (at, other) in self.files.iter().enumerate() {
            let id = FileId(at as u32);
            for (expr, kind) in other.exprs.iter().enumerate() {
                let at = ExprRef::from_index(id, expr);
                if matches!(kind, Expr::Struct { .. }) && at != literal && self.literal_type(at) == Some(owner) {
                    others.push(self.literal_place(at)?);
                }
            }
        }
        (others.len() < MAX_LITERALS).then_some(BuiltStruct {
            owner,
            last_field: last_field.range.in_file(owner.file),
            literal: self.literal_place(literal)?,
            others,
        })
    }

    pub(super) fn literal_type(&self, literal: ExprRef) -> Option<TypeRef> {
        let Expr::Struct { path, .. } = self.file(literal.file)[literal.id] else { return None };
        match self.resolve_in(literal.file, self.place(literal)?, path) {
            Def::Type(owner) => match self.view().behind_alias(owner, 0) {
                Def::Type(owner) => Some(owner),
                _ => None,
            },
            _ => None,
        }
    }

    fn literal_place(&self, literal: ExprRef) -> Option<LiteralPlace> {
        let file = self.file(literal.file);
        let Expr::Struct { fields, base: None, .. } = file[literal.id] else { return None };
        let last = file.list(fields).next_back()?;
        let whole = file.range(literal.id);
        let last = file.range(last);
        // ` }` behind the last one.
        Some(LiteralPlace { last_field: last.in_file(literal.file), is_short: last.end + 2 == whole.end })
    }

    /// A name that no field of a struct has.
    pub fn free_field(&self, owner: TypeRef, wanted: &str) -> String {
        let file = self.file(owner.file);
        numbered(wanted, |name| file[owner.id].fields.iter().any(|field| &file[field.name] == name))
    }

    /// The declared type of a field, by its key.
    pub fn field_type_of(&self, owner: TypeRef, field: &str) -> Option<Type> {
        self.declared_field(owner, field).map(|declared| self.declared_type(owner, declared))
    }
}
