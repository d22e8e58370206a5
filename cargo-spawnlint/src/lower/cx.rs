//! What every part of the lowering writes into: the summary under construction.

use super::expand::{Expanding, ordered};
use proc_macro2::{Ident, LineColumn, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use spawnlint_analysis::facts::{
    Expr, ExprId, FileSummary, Id, ImplId, List, ModuleId, Name, Pat, PatId, Path, PathId, Ty, TyId, TypeId,
};
use spawnlint_analysis::span::TextRange;
use std::borrow::Cow;
use syn::token;

/// The summary so far, and what is needed to write it.
///
/// The syntax tree is lent as `&mut`, since items inside bodies are moved out of it: they must
/// wait until the body is done, or their expressions would tear its run apart.
pub(super) struct Cx<'t> {
    /// The summary.
    pub(super) out: FileSummary,
    /// Items found in the body that is being lowered.
    pub(super) pending: Vec<syn::Item>,
    /// Whether the code being lowered is test code already.
    pub(super) in_test: bool,
    /// Where the `for` of each `for await` stands; syn cannot parse these, so `await` was taken out.
    pub(super) await_loops: FxHashSet<u32>,
    /// Places that a comment can speak of but the summary does not tell, such as macros between items.
    pub(super) elements: Vec<TextRange>,
    /// Which macro calls become other code.
    pub(super) expanding: Expanding,
    /// How many bytes may still be read in macro calls.
    may_read: usize,
    text: &'t str,
    base: u32,
    lines: Vec<Line>,
    /// The line that the parser takes for the first one.
    first_line: usize,
    /// Offsets of every 64th character of the lines that are not ASCII.
    milestones: Vec<u32>,
    names: FxHashMap<Cow<'t, str>, Name>,
    scratch: Vec<u32>,
}

struct Line {
    start: u32,
    /// Where the line's milestones begin, if it has characters of several bytes.
    milestones: Option<usize>,
}

/// Characters from one milestone of a line to the next.
const MILESTONE: usize = 64;

/// How many macro calls may stand around a piece of code, on average. Each reads all that stands in it once more, so
/// that a text of nothing but nested calls would be read as often as it is deep.
const MACROS_AROUND: usize = 64;

/// A place in the scratch stack, where a list begins.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

impl<'t> Cx<'t> {
    /// A context for `text`, of which the parser saw what follows the first `base` bytes.
    pub(super) fn new(text: &'t str, base: usize) -> Cx<'t> {
        let mut lines = Vec::new();
        let mut start = base;
        let mut milestones = Vec::new();
        for line in text[base..].split_inclusive('\n') {
            let is_wide = !line.is_ascii();
            lines.push(Line { start: start as u32, milestones: is_wide.then_some(milestones.len()) });
            if is_wide {
                let every = line.char_indices().step_by(MILESTONE);
                milestones.extend(every.map(|(at, _)| (start + at) as u32));
            }
            start += line.len();
        }
        lines.push(Line { start: start as u32, milestones: None });
        Cx {
            out: FileSummary::default(),
            pending: Vec::new(),
            in_test: false,
            await_loops: FxHashSet::default(),
            elements: Vec::new(),
            expanding: Expanding::default(),
            may_read: text.len().saturating_mul(MACROS_AROUND),
            text,
            base: base as u32,
            lines,
            first_line: 0,
            milestones,
            names: FxHashMap::default(),
            scratch: Vec::new(),
        }
    }

    /// The parser sees what follows an offset, where a line begins.
    pub(super) fn begin_at(&mut self, offset: usize) {
        self.first_line = self.lines.partition_point(|line| (line.start as usize) < offset);
    }

    /// Whether the arguments of a macro call are read. If there were too many calls around one another, they are data.
    pub(super) fn may_read(&mut self, call: TextRange) -> bool {
        let left = self.may_read.checked_sub((call.end - call.start) as usize);
        self.may_read = left.unwrap_or(self.may_read);
        left.is_some()
    }

    // Places. `Span::byte_range` keeps a tree of all offsets it was asked for; lines and columns
    // come without that cost.

    fn offset(&self, at: LineColumn) -> u32 {
        let Some(line) = self.lines.get((self.first_line + at.line).wrapping_sub(1)) else { return self.base };
        let Some(first) = line.milestones else {
            return (line.start + at.column as u32).min(self.text.len() as u32);
        };
        let end = self.text.len();
        // The end of a last line without line feed has no milestone.
        let nearest = self.milestones.get(first + at.column / MILESTONE).map_or(end, |offset| *offset as usize);
        let rest = &self.text[nearest..];
        let column = rest.char_indices().nth(at.column % MILESTONE).map_or(rest.len(), |(at, _)| at);
        (nearest + column) as u32
    }

    /// First byte of a span.
    pub(super) fn start(&self, span: Span) -> u32 {
        self.offset(span.start())
    }

    /// One past the last byte of a span.
    pub(super) fn end(&self, span: Span) -> u32 {
        self.offset(span.end())
    }

    /// The bytes of a span.
    pub(super) fn range(&self, span: Span) -> TextRange {
        self.ordered(TextRange::new(self.start(span), self.end(span)))
    }

    /// What a macro puts into another order stands in no order.
    fn ordered(&self, range: TextRange) -> TextRange {
        if self.expanding.is_idle() { range } else { ordered(range) }
    }

    /// The text of a range.
    pub(super) fn text_in(&self, range: TextRange) -> &'t str {
        self.text.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// A macro call, from its first name to its last delimiter.
    pub(super) fn place_of(&self, it: &syn::Macro) -> TextRange {
        let last = it.delimiter.span().join();
        self.between(it.path.segments.first().map_or(last, |first| first.ident.span()), last)
    }

    /// From the first byte of one span to the end of another.
    pub(super) fn between(&self, first: Span, last: Span) -> TextRange {
        self.ordered(TextRange::new(self.start(first), self.end(last)))
    }

    /// From an offset to the end of a span.
    pub(super) fn until(&self, start: u32, last: Span) -> TextRange {
        self.ordered(TextRange::new(start, self.end(last)))
    }

    /// A pair of braces with what is in it.
    pub(super) fn braces(&self, brace: &token::Brace) -> TextRange {
        self.range(brace.span.join())
    }

    /// A range with the line feed behind it and the blanks before it, if nothing else stands on its lines.
    pub(super) fn whole_line(&self, range: TextRange) -> TextRange {
        let (before, after) = (&self.text[..range.start as usize], &self.text[range.end as usize..]);
        let start = before.trim_end_matches([' ', '\t']).len();
        let feed = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
        let is_alone = feed > 0 && (start == 0 || before[..start].ends_with('\n'));
        if is_alone { TextRange::new(start as u32, range.end + feed as u32) } else { range }
    }

    // Names.

    /// The name for a text.
    pub(super) fn intern(&mut self, text: &str) -> Name {
        if let Some(name) = self.names.get(text) {
            return *name;
        }
        self.add_name(Cow::Owned(text.to_owned()))
    }

    /// The name for a part of the text, which needs no copy to be found again.
    fn intern_part(&mut self, text: &'t str) -> Name {
        match self.names.get(text) {
            Some(name) => *name,
            None => self.add_name(Cow::Borrowed(text)),
        }
    }

    fn add_name(&mut self, text: Cow<'t, str>) -> Name {
        let name = self.out.names.push(&text);
        self.names.insert(text, name);
        name
    }

    /// An identifier without `r#`, and where it stands.
    ///
    /// Reads the text at its place, which is cheaper than asking the token for a string.
    pub(super) fn ident(&mut self, ident: &Ident) -> (Name, TextRange) {
        let start = self.start(ident.span());
        let text: &'t str = &self.text[start as usize..];
        let prefix = if text.starts_with("r#") { 2 } else { 0 };
        let len = word_len(&text[prefix..]);
        if len == 0 {
            // A token that the lexer made up, such as the `doc` of a doc comment.
            let range = self.range(ident.span());
            return (self.intern(&ident.to_string()), range);
        }
        if !self.expanding.is_idle() && *ident != text[..prefix + len] {
            // A macro wrote it, and stands there.
            let name = ident.to_string();
            let range = self.range(ident.span());
            return (self.intern(name.trim_start_matches("r#")), range);
        }
        let name = self.intern_part(&text[prefix..prefix + len]);
        (name, TextRange::new(start, start + (prefix + len) as u32))
    }

    /// An identifier without `r#`.
    pub(super) fn name(&mut self, ident: &Ident) -> Name {
        self.ident(ident).0
    }

    /// A lifetime without `'`.
    pub(super) fn lifetime(&mut self, lifetime: &syn::Lifetime) -> Name {
        self.name(&lifetime.ident)
    }

    // Lists. Members are gathered on a stack, since lowering one member may gather lists of its own.

    /// Begins a list.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.scratch.len())
    }

    /// Adds a member to the list that was begun last.
    pub(super) fn push<T: Id>(&mut self, id: T) {
        self.scratch.push(id.index() as u32 + 1);
    }

    /// How many members the list has so far.
    pub(super) fn gathered(&self, mark: Mark) -> usize {
        self.scratch.len() - mark.0
    }

    /// Ends the list that began at `mark`.
    pub(super) fn finish<T: Id>(&mut self, mark: Mark) -> List<T> {
        let len = self.gathered(mark);
        if len == 0 {
            return List::EMPTY;
        }
        let start = self.out.pool.len();
        self.out.pool.extend(self.scratch.drain(mark.0..));
        List::new(start as u32, len as u32)
    }

    // Arenas.

    /// The number that the next expression will have.
    pub(super) fn next_expr(&self) -> ExprId {
        ExprId::from_index(self.out.exprs.len())
    }

    pub(super) fn add_expr(&mut self, expr: Expr, range: TextRange) -> ExprId {
        let id = self.next_expr();
        self.out.exprs.push(expr);
        self.out.expr_ranges.push(range);
        if !self.expanding.is_idle() {
            self.stand_around_children(id);
        }
        id
    }

    /// What a macro puts together stands around its parts, wherever each of them comes from.
    fn stand_around_children(&mut self, id: ExprId) {
        let mut range = ordered(self.at(id));
        self.out.each_child(id, &mut |child| range = range.cover(self.out.range(child)));
        self.out.expr_ranges[id.index()] = range;
    }

    pub(super) fn add_pat(&mut self, pat: Pat, range: TextRange) -> PatId {
        self.out.pats.push(pat);
        self.out.pat_ranges.push(self.ordered(range));
        PatId::from_index(self.out.pats.len() - 1)
    }

    pub(super) fn add_ty(&mut self, ty: Ty, range: TextRange) -> TyId {
        self.out.tys.push(ty);
        self.out.ty_ranges.push(self.ordered(range));
        TyId::from_index(self.out.tys.len() - 1)
    }

    pub(super) fn add_path(&mut self, mut path: Path) -> PathId {
        path.range = self.ordered(path.range);
        self.out.paths.push(path);
        PathId::from_index(self.out.paths.len() - 1)
    }

    pub(super) fn add_module(&mut self, module: spawnlint_analysis::facts::Module) -> ModuleId {
        self.out.modules.push(module);
        ModuleId::from_index(self.out.modules.len() - 1)
    }

    pub(super) fn add_type(&mut self, item: spawnlint_analysis::facts::TypeItem) -> TypeId {
        self.out.types.push(item);
        TypeId::from_index(self.out.types.len() - 1)
    }

    pub(super) fn add_impl(&mut self, item: spawnlint_analysis::facts::Impl) -> ImplId {
        self.out.impls.push(item);
        ImplId::from_index(self.out.impls.len() - 1)
    }

    /// Where an expression stands.
    pub(super) fn at(&self, expr: ExprId) -> TextRange {
        self.out.expr_ranges[expr.index()]
    }

    /// Where a type stands.
    pub(super) fn ty_at(&self, ty: TyId) -> TextRange {
        self.out.ty_ranges[ty.index()]
    }

    /// Where a pattern stands.
    pub(super) fn pat_at(&self, pat: PatId) -> TextRange {
        self.out.pat_ranges[pat.index()]
    }
}

/// The bytes of the identifier that a text begins with. Nearly all are ASCII.
fn word_len(text: &str) -> usize {
    let is_end = |byte: u8| !(byte.is_ascii_alphanumeric() || byte == b'_');
    let len = text.bytes().position(is_end).unwrap_or(text.len());
    if text.as_bytes().get(len).is_none_or(u8::is_ascii) {
        return len;
    }
    text.find(|c: char| !ra_ap_rustc_lexer::is_id_continue(c)).unwrap_or(text.len())
}
