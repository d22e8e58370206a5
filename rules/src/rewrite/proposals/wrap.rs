//! Handles that become owners: wrapped where they are made, with the written types that change then.

use crate::{
    evidence::{Evidenced, Wrapped},
    finding::{
        Applicability::{self, MaybeIncorrect},
        Piece, Rewrite,
    },
    rewrite::{
        ABORT_ON_DROP, Draft, Toolbox, places,
        rewrap::{self, Rewrap},
    },
};
use spawnlint_analysis::{
    questions::{ExprRef, Program, TypeRef},
    span::FileId,
};

impl Evidenced<'_> {
    /// `tokio::spawn(f)` becomes `AbortOnDropHandle::new(tokio::spawn(f))`, and so does each other value of a field
    /// or variable that it goes into; written types change with it. Not where somebody needs the plain handle.
    pub fn wrap_everywhere(&self, title: &str, applicability: Applicability) -> Option<Rewrite> {
        if !self.gives_join_handle() {
            return None;
        }
        wrap_from(self.program, self.task.site, title, applicability)
    }

    /// `task: AbortOnDropHandle<()>`, for a field that holds the handle.
    pub(super) fn wrap_field(&self, owner: TypeRef, field: &str) -> Option<Rewrite> {
        let program = self.program;
        let draft = || {
            let name = program.type_name(owner);
            let short = field.rsplit('.').next().unwrap_or(field);
            let title = format!("keep an `AbortOnDropHandle` in `{name}.{short}`");
            let changes = rewrap::rewrap_field(program, owner, field)?;
            Some(Wrapped { files: files_of(&changes), rewrite: draft(program, &changes, &title, MaybeIncorrect)? })
        };
        let wrapped = self.drafts.wrapped_field(owner, field, draft)?;
        let is_near = |file: &FileId| places::is_same_crate(program, *file, self.task.site.file);
        wrapped.files.iter().all(is_near).then(|| wrapped.rewrite.clone())
    }
}

/// Wraps the handle that an expression gives, with all that has to change then.
pub(super) fn wrap_from(
    program: &Program,
    handle: ExprRef,
    title: &str,
    applicability: Applicability,
) -> Option<Rewrite> {
    let changes = rewrap::rewrap(program, handle)?;
    // Another crate may not have the dependency.
    if files_of(&changes).into_iter().any(|file| !places::is_same_crate(program, file, handle.file)) {
        return None;
    }
    draft(program, &changes, title, applicability)
}

fn files_of(changes: &Rewrap) -> Vec<FileId> {
    let files = changes.handles.iter().map(|it| it.file).chain(changes.types.iter().map(|it| it.at.file));
    let mut files: Vec<FileId> = files.collect();
    files.sort();
    files.dedup();
    files
}

fn draft(program: &Program, changes: &Rewrap, title: &str, applicability: Applicability) -> Option<Rewrite> {
    // More than one expression changes.
    let is_alone = changes.handles.len() == 1 && changes.types.is_empty();
    let applicability = if is_alone { applicability } else { applicability.max(MaybeIncorrect) };
    let mut draft = Draft::new(title, applicability);
    for handle in &changes.handles {
        let tools = Toolbox::new(program, *handle);
        if !tools.fits(ABORT_ON_DROP) {
            return None;
        }
        let before = format!("{}::new(", tools.path(ABORT_ON_DROP));
        draft = draft.around(program.span(*handle), before, ")").needs(tools.lacks(ABORT_ON_DROP));
    }
    for name in &changes.types {
        let path = Toolbox::of_file(program, name.at.file, name.module).path(ABORT_ON_DROP);
        draft = draft.replace(name.at, vec![Piece::New(path)]);
    }
    draft.finish_in(program)
}
