//! What the program has of all that a configuration speaks of.

use super::Engine;
use crate::config::Known;
use spawnlint_analysis::{
    facts::{Id as _, ModuleId, Name, Owner},
    span::FileId,
};
use std::path::Path;

impl Engine {
    /// What the configuration says in vain. Of plain files nothing is told, since there may be more than were named.
    pub fn idle_settings(&self) -> Vec<String> {
        if self.project.packages.is_empty() { Vec::new() } else { self.options.config.idle(self) }
    }

    /// Whether the modules from one of a file up to the root of its crate are these.
    fn is_below(&self, file: FileId, module: ModuleId, names: &[&str]) -> bool {
        let (mut file, mut module, mut names) = (file, module, names);
        loop {
            let summary = &self.files[file.index()].summary;
            let item = &summary.modules[module.index()];
            if let Some(name) = item.name {
                let Some((last, rest)) = names.split_last() else { return false };
                if *last != &summary[name] {
                    return false;
                }
                names = rest;
            }
            match item.parent.map(|parent| (file, parent)).or(self.joined.graph.files[file.index()].parent) {
                Some(above) => (file, module) = above,
                None => return names.is_empty(),
            }
        }
    }
}

impl Known for Engine {
    fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    fn may_name(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split("::").collect();
        let [krate, modules @ .., name] = parts.as_slice() else { return true };
        let graph = &self.joined.graph;
        let is_own = *krate == "crate" || graph.crates.iter().any(|it| it.name == *krate);
        if !is_own {
            return true;
        }
        self.files.iter().zip(&graph.files).enumerate().any(|(at, (file, place))| {
            let (file, summary) = (FileId(at as u32), &file.summary);
            if *krate != "crate" && graph.crates.get(place.krate.index()).is_none_or(|it| it.name != *krate) {
                return false;
            }
            let is_it = |it: Name| &summary[it] == *name;
            let is_type = |it: Name, module| is_it(it) && self.is_below(file, module, modules);
            // Whose method it is, takes types to tell.
            summary.functions.iter().any(|it| match it.owner {
                Owner::Module => is_it(it.name) && self.is_below(file, it.module, modules),
                Owner::Impl(_) | Owner::Trait(_) => is_it(it.name),
            }) || summary.types.iter().any(|it| is_type(it.name, it.module))
        })
    }
}
