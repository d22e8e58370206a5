//! Expressions as text.

use super::Printer;
use crate::facts::{Arm, ArmId, BinaryOp, BlockKind, Expr, ExprId, List, MacroId, MacroShape, Name, UnaryOp};
use std::fmt::Write;

impl Printer<'_> {
    pub(super) fn optional(&mut self, before: &str, it: Option<ExprId>) {
        if let Some(it) = it {
            self.put(before);
            self.expr(it);
        }
    }

    fn list(&mut self, open: &str, all: List<ExprId>, close: &str) {
        self.put(open);
        for (at, it) in self.of.list(all).enumerate() {
            self.put(if at > 0 { ", " } else { "" });
            self.expr(it);
        }
        self.put(close);
    }

    fn label(&mut self, label: Option<Name>, close: &str) {
        if let Some(label) = label {
            self.put("'");
            self.name(label);
            self.put(close);
        }
    }

    fn expr(&mut self, id: ExprId) {
        match self.of[id] {
            Expr::Path(path) => self.path(path),
            Expr::Lit(lit) => self.lit(lit),
            Expr::Call { callee, args } => {
                self.expr(callee);
                self.list("(", args, ")");
            }
            Expr::MethodCall { receiver, method, turbofish, args } => {
                self.expr(receiver);
                self.put(".");
                self.name(method);
                self.optional_ty("::", turbofish);
                self.list("(", args, ")");
            }
            Expr::Field { base, name } => {
                self.expr(base);
                self.put(".");
                self.name(name);
            }
            Expr::Index { base, index } => {
                self.expr(base);
                self.optional("[", Some(index));
                self.put("]");
            }
            Expr::Await(it) => {
                self.expr(it);
                self.put(".await");
            }
            Expr::Try(it) => {
                self.expr(it);
                self.put("?");
            }
            Expr::Ref { mutable, expr } => self.optional(if mutable { "&mut " } else { "&" }, Some(expr)),
            Expr::Unary { op, expr } => self.optional(unary(op), Some(expr)),
            Expr::Binary { op, lhs, rhs } => {
                self.optional("(", Some(lhs));
                let _ = write!(self.out, " {} ", binary(op));
                self.expr(rhs);
                self.put(")");
            }
            Expr::Assign { op, lhs, rhs } => {
                self.expr(lhs);
                let _ = write!(self.out, " {}= ", op.map_or("", binary));
                self.expr(rhs);
            }
            Expr::Underscore => self.put("_"),
            Expr::Cast { expr, ty } => {
                self.expr(expr);
                self.optional_ty(" as ", Some(ty));
            }
            Expr::Block { kind, label, stmts, has_tail } => {
                self.label(label, ": ");
                self.block(kind, stmts, has_tail);
            }
            Expr::Local { pat, ty, init, otherwise } => {
                self.put("let ");
                self.pat(pat);
                self.optional_ty(": ", ty);
                self.optional(" = ", init);
                self.optional(" else ", otherwise);
            }
            Expr::If { cond, then, otherwise } => {
                self.optional("if ", Some(cond));
                self.optional(" ", Some(then));
                self.optional(" else ", otherwise);
            }
            Expr::Let { pat, expr } => {
                self.put("let ");
                self.pat(pat);
                self.optional(" = ", Some(expr));
            }
            Expr::Match { scrutinee, arms } => {
                self.optional("match ", Some(scrutinee));
                self.arms(arms, None);
            }
            Expr::Loop { label, body } => {
                self.label(label, ": ");
                self.optional("loop ", Some(body));
            }
            Expr::While { label, cond, body } => {
                self.label(label, ": ");
                self.optional("while ", Some(cond));
                self.optional(" ", Some(body));
            }
            Expr::For { label, pat, iter, body, is_await } => {
                self.label(label, ": ");
                self.put(if is_await { "for await " } else { "for " });
                self.pat(pat);
                self.optional(" in ", Some(iter));
                self.optional(" ", Some(body));
            }
            Expr::Break { label, value } => {
                self.put(if label.is_some() { "break " } else { "break" });
                self.label(label, "");
                self.optional(" ", value);
            }
            Expr::Continue { label } => {
                self.put(if label.is_some() { "continue " } else { "continue" });
                self.label(label, "");
            }
            Expr::Return(value) => {
                self.put("return");
                self.optional(" ", value);
            }
            Expr::Yield(value) => {
                self.put("yield");
                self.optional(" ", value);
            }
            Expr::Closure { params, body, is_async, is_move } => {
                self.put(if is_async { "async " } else { "" });
                self.put(if is_move { "move |" } else { "|" });
                self.pats(params, ", ");
                self.optional("| ", Some(body));
            }
            Expr::Struct { path, fields, base } => {
                self.path(path);
                self.list(" { ", fields, "");
                self.optional(", ..", base);
                self.put(" }");
            }
            Expr::FieldInit { name, value } => {
                self.name(name);
                self.optional(": ", Some(value));
            }
            Expr::Tuple(all) => self.list("(", all, ")"),
            Expr::Array(all) => self.list("[", all, "]"),
            Expr::Repeat { value, len } => {
                self.optional("[", Some(value));
                self.optional("; ", Some(len));
                self.put("]");
            }
            Expr::Range { start, end } => {
                self.optional("", start);
                self.put("..");
                self.optional("", end);
            }
            Expr::Select(id) | Expr::Macro(id) => self.macro_call(id),
            Expr::Unknown => self.put("[unknown]"),
        }
    }

    fn block(&mut self, kind: BlockKind, stmts: List<ExprId>, has_tail: bool) {
        self.put(match kind {
            BlockKind::Plain => "{",
            BlockKind::Async => "async {",
            BlockKind::AsyncMove => "async move {",
        });
        self.indent += 1;
        for (at, it) in self.of.list(stmts).enumerate() {
            self.line();
            self.expr(it);
            self.put(if has_tail && at + 1 == stmts.len as usize { "" } else { ";" });
        }
        self.indent -= 1;
        if !stmts.is_empty() {
            self.line();
        }
        self.put("}");
    }

    fn arms(&mut self, arms: List<ArmId>, otherwise: Option<ExprId>) {
        self.put(" {");
        self.indent += 1;
        for id in self.of.list(arms) {
            let Arm { pat, future, guard, body, .. } = self.of[id];
            self.line();
            self.pat(pat);
            self.optional(" = ", future);
            self.optional(" if ", guard);
            self.optional(" => ", Some(body));
        }
        if let Some(otherwise) = otherwise {
            self.line();
            self.optional("else => ", Some(otherwise));
        }
        self.indent -= 1;
        self.line();
        self.put("}");
    }

    fn macro_call(&mut self, id: MacroId) {
        let it = self.of[id];
        self.path(it.path);
        self.put("!");
        match it.shape {
            MacroShape::Exprs => self.list("(", it.args, ")"),
            MacroShape::Block => self.list(" ", it.args, ""),
            MacroShape::Select => self.arms(it.arms, it.otherwise),
            MacroShape::Opaque => self.put("[opaque]"),
        }
        self.put(if it.has_parent { "[parent]" } else { "" });
        if !it.mentions.is_empty() {
            let names: Vec<&str> = self.of.list(it.mentions).map(|name| &self.of[name]).collect();
            let _ = write!(self.out, "[mentions {}]", names.join(", "));
        }
    }
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Deref => "*",
        UnaryOp::Neg => "-",
        UnaryOp::Not => "!",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::And => "&&",
        BinaryOp::Or => "||",
        BinaryOp::BitXor => "^",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::Eq => "==",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Ne => "!=",
        BinaryOp::Ge => ">=",
        BinaryOp::Gt => ">",
    }
}
