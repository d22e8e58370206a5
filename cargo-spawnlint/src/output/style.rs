//! For whom a text is laid out: colours, width, links, and how much is said.

/// Whether messages are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// With ANSI escapes.
    Ansi,
    /// As plain text.
    Plain,
}

/// How much of a finding is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The message, a short excerpt, one note, and one help with the first rewrite.
    Brief,
    /// All labels, notes, helps and rewrites.
    Full,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether it is coloured.
    pub color: Color,
    /// Columns of the terminal; text that goes elsewhere has lines of any length.
    pub width: Option<usize>,
    /// Whether places are hyperlinks (OSC 8).
    pub has_links: bool,
    /// How much is said.
    pub detail: Detail,
}

impl Style {
    /// Plain text without a width.
    pub const fn plain(detail: Detail) -> Style {
        Style { color: Color::Plain, width: None, has_links: false, detail }
    }
}
