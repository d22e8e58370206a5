//! What a file names, as the catalogue knows it.

use crate::{
    catalogue::{self, Macro},
    facts::{FileSummary, MacroId},
};

impl FileSummary {
    /// What the catalogue knows of a macro that is called.
    pub fn macro_of(&self, id: MacroId) -> Option<Macro> {
        catalogue::macro_named(self.last_segment(self[id].path))
    }
}
