//! What a package has at hand: which of the async libraries it depends on, how new they are, and how code calls them.

use crate::finding::Need;
use spawnlint_analysis::{
    crates::Dependency,
    facts::ModuleId,
    questions::{Def, ExprRef, Program},
    span::FileId,
};

/// Something of a library that a rewrite may use.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// The crate as code would write it without renaming.
    pub library: &'static str,
    /// The path below the crate.
    pub path: &'static str,
    /// What the manifest has to ask for.
    pub need: Need,
}

impl Tool {
    /// The path from the crate on.
    pub fn whole_path(&self) -> String {
        format!("{}::{}", self.library, self.path)
    }

    const fn of_tokio(path: &'static str, features: &'static [&'static str]) -> Tool {
        // Nobody who asks for `1` is given a version of years ago.
        Tool { library: "tokio", path, need: Need { package: "tokio", version: "1.0.0", features } }
    }

    const fn of_tokio_util(path: &'static str, version: &'static str, features: &'static [&'static str]) -> Tool {
        Tool { library: "tokio_util", path, need: Need { package: "tokio-util", version, features } }
    }

    const fn of_futures(path: &'static str) -> Tool {
        Tool { library: "futures", path, need: Need { package: "futures", version: "0.3.0", features: &[] } }
    }
}

/// Starts a task.
pub const SPAWN: Tool = Tool::of_tokio("spawn", &["rt"]);

/// Starts a blocking closure.
pub const SPAWN_BLOCKING: Tool = Tool::of_tokio("task::spawn_blocking", &["rt"]);

/// Gives way to other tasks.
pub const YIELD_NOW: Tool = Tool::of_tokio("task::yield_now", &["rt"]);

/// Bounds a wait.
pub const TIMEOUT: Tool = Tool::of_tokio("time::timeout", &["time"]);

/// Aborts a task. Whoever spawns has the runtime.
pub const ABORT_HANDLE: Tool = Tool::of_tokio("task::AbortHandle", &[]);

/// Waits for the first of several futures.
pub const SELECT: Tool = Tool::of_tokio("select", &["macros"]);

/// A set of tasks that aborts them when it is dropped, with `try_join_next`.
pub const JOIN_SET: Tool =
    Tool { library: "tokio", path: "task::JoinSet", need: Need { package: "tokio", version: "1.34.0", features: &[] } };

/// Aborts its task when it is dropped, and is a future with the output of the handle.
pub const ABORT_ON_DROP: Tool = Tool::of_tokio_util("task::AbortOnDropHandle", "0.7.12", &["rt"]);

/// Aborts its task when it is dropped, and is made of an abort handle.
pub const ABORT_HANDLE_ON_DROP: Tool = Tool::of_tokio_util("task::AbortOnDrop", "0.7.19", &["rt"]);

/// A token with `run_until_cancelled_owned`.
pub const CANCELLATION_TOKEN: Tool = Tool::of_tokio_util("sync::CancellationToken", "0.7.14", &[]);

/// Cancels its token when it is dropped.
pub const DROP_GUARD: Tool = Tool::of_tokio_util("sync::DropGuard", "0.7.0", &[]);

/// `now_or_never`.
pub const FUTURE_EXT: Tool = Tool::of_futures("FutureExt");

/// `next`.
pub const STREAM_EXT: Tool = Tool::of_futures("StreamExt");

/// A future that can be aborted, on any runtime.
pub const ABORTABLE: Tool = Tool::of_futures("future::Abortable");

/// Makes one, with what aborts it.
pub const MAKE_ABORTABLE: Tool = Tool::of_futures("future::abortable");

/// What aborts one.
pub const ABORTABLE_HANDLE: Tool = Tool::of_futures("future::AbortHandle");

/// A handle that cancels what it stands for when it is dropped.
pub const REMOTE_HANDLE: Tool = Tool::of_futures("future::RemoteHandle");

/// A task that is cancelled when it is dropped.
pub const SMOL_TASK: Tool =
    Tool { library: "smol", path: "Task", need: Need { package: "smol", version: "1.0.0", features: &[] } };

/// A span of `tracing`.
pub const SPAN: Tool =
    Tool { library: "tracing", path: "Span", need: Need { package: "tracing", version: "0.1.0", features: &[] } };

/// What the package around a place has at hand.
#[derive(Debug, Clone, Copy)]
pub struct Toolbox<'a> {
    program: &'a Program,
    file: FileId,
    /// Where names are looked up.
    module: Option<ModuleId>,
}

impl<'a> Toolbox<'a> {
    /// What there is for a rewrite in this place.
    pub fn new(program: &'a Program, at: ExprRef) -> Toolbox<'a> {
        Toolbox { program, file: at.file, module: program.module_around(at) }
    }

    /// What there is for a rewrite in a module, outside of bodies.
    pub fn of_file(program: &'a Program, file: FileId, module: ModuleId) -> Toolbox<'a> {
        Toolbox { program, file, module: Some(module) }
    }

    /// Whether the package has a tool, as its manifest says.
    pub fn has(&self, tool: Tool) -> bool {
        self.library(tool).is_some()
    }

    /// Whether a tool fits the runtime: tokio-util needs a tokio of its time.
    pub fn fits(&self, tool: Tool) -> bool {
        let rows = self.program.dependencies(self.file);
        let runtime = rows.iter().find(|row| row.real_name == "tokio").and_then(|row| row.asked.as_ref());
        tool.library != "tokio_util"
            || runtime.is_none_or(|asked| asked.version == (0, 0, 0) || asked.version >= (1, 0, 0))
    }

    /// What the manifest lacks for a tool.
    pub fn lacks(&self, tool: Tool) -> Option<Need> {
        (!self.has(tool)).then_some(tool.need)
    }

    /// How code in this place calls a tool: by its name if that is imported there, else by the whole path.
    pub fn path(&self, tool: Tool) -> String {
        let (_, name) = tool.path.rsplit_once("::").unwrap_or(("", tool.path));
        match self.module.map_or(Def::Unknown, |module| self.program.meaning_in_module(self.file, module, name)) {
            Def::External(path) if *path == tool.whole_path() => name.to_owned(),
            _ => format!("{}::{}", self.library(tool).unwrap_or(tool.library), tool.path),
        }
    }

    /// The name in code of a tool's library, if the manifest asks for enough of it.
    fn library(&self, tool: Tool) -> Option<&str> {
        let rows = self.program.dependencies(self.file);
        // A package that stands in for another under its name is taken for it: `tokio = { package = ".." }`.
        let is_conditional = |row: &Dependency| row.asked.as_ref().is_some_and(|asked| asked.is_conditional);
        let is_it = |row: &&Dependency| row.real_name == tool.library || row.name == tool.library;
        let row = rows.iter().filter(is_it).min_by_key(|row| is_conditional(row))?;
        // What only some builds have is no help in the others, unless all of the code is only there with it.
        let needs_condition = |row: &Dependency| row.real_name == "tokio" && is_conditional(row);
        if tool.library != "tokio" && is_conditional(row) && !rows.iter().any(needs_condition) {
            return None;
        }
        let stands_in = row.real_name != tool.library;
        let is_enough = stands_in
            || row.asked.as_ref().is_none_or(|asked| {
                let has = |feature: &&str| asked.features.iter().any(|it| it == feature || it == "full");
                let (major, minor, patch) = version(tool.need.version);
                // Who asks for `1` gets the newest.
                let is_open = major > 0 && asked.version == (major, 0, 0);
                (is_open || asked.version >= (major, minor, patch)) && tool.need.features.iter().all(has)
            });
        is_enough.then_some(row.name.as_str())
    }
}

/// `0.7.12` as numbers.
fn version(text: &str) -> (u64, u64, u64) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}
