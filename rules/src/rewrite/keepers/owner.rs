//! The type whose method starts a task, as the owner of what it starts.

use crate::rewrite::{
    keepers::{self, Room, room_in},
    places::{self, Statement},
};
use spawnlint_analysis::{
    catalogue,
    facts::{BlockKind, Expr, Visibility},
    questions::{FnRef, Program, Task, TypeRef},
};

/// A type that can keep what one of its methods starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfOwner {
    /// The type.
    pub owner: TypeRef,
    /// Where it takes a field, and what goes into it.
    pub room: Room,
    /// Who has to see the field: everybody who writes a literal of the type.
    pub visibility: Visibility,
    /// How the method reaches the field.
    pub access: Access,
}

/// How a method reaches a field that it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Through `&mut self`.
    Mutable,
    /// Through a lock, since it has `&self`.
    Locked,
    /// Through a lock that the copies of the value share.
    Shared,
}

/// The type of `self`, for a statement of a method's own body, if the type can take a field and the task does not keep
/// it alive: what the task holds is never dropped.
pub fn self_owner(program: &Program, task: &Task, statement: Statement) -> Option<SelfOwner> {
    let function = program.enclosing_fn(statement.stmt)?;
    let owner = program.self_type(function)?;
    let access = access_of(program, function, owner)?;
    // A stream or receiver that is given back is the owner, and not who made it.
    let is_owner = keepers::gives_only_news(program, function);
    if !is_owner || !is_own_statement(program, statement) || program.keeps_alive(task, owner) {
        return None;
    }
    let room = room_in(program, owner, catalogue::is_derivable_with_shared_set)?;
    let visibility = visibility_for(program, owner, &room)?;
    Some(SelfOwner { owner, room, visibility, access })
}

fn access_of(program: &Program, function: FnRef, owner: TypeRef) -> Option<Access> {
    let receiver = program.function(function).self_param?;
    // What has no literal is made elsewhere, or stands for nothing that ends.
    let is_copied = program.derives(owner, catalogue::is_copying_trait);
    match (is_copied, receiver.is_ref, receiver.is_mut) {
        (true, true, _) => Some(Access::Shared),
        (false, true, true) => Some(Access::Mutable),
        (false, true, false) => Some(Access::Locked),
        // `self: Arc<Self>`
        (_, false, _) => receiver.ty.is_some().then_some(if is_copied { Access::Shared } else { Access::Locked }),
    }
}

/// Whether a statement is part of a function's own body, and of no closure or async block in it, to which `self` may
/// not be at hand.
fn is_own_statement(program: &Program, statement: Statement) -> bool {
    let file = program.file(statement.block.file);
    let is_other = |expr: Expr| {
        matches!(expr, Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
    };
    !is_other(file[statement.block.id])
        && !program.parents(statement.block.file).ancestors(statement.block.id).any(|at| is_other(file[at]))
}

/// Who has to see a new field. `None` if a literal stands in another crate, which cannot name a private field.
pub fn visibility_for(program: &Program, owner: TypeRef, room: &Room) -> Option<Visibility> {
    let is_near = |file| places::is_same_crate(program, file, owner.file);
    if !room.literals.iter().all(|(at, _)| is_near(at.file)) {
        return None;
    }
    let is_own_file = room.literals.iter().all(|(at, _)| at.file == owner.file);
    Some(if is_own_file { Visibility::Private } else { Visibility::Restricted })
}
