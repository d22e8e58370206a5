//! The one pipeline: read, lower, join, link, judge. The command line, editors and tests all use it.

mod edits;
mod files;
mod idle;
mod judge;
mod macros;
mod settings;
mod texts;

use crate::{
    baseline::Sight,
    cache::{self, Cache},
    config::Config,
    fingerprint,
    inventory::Inventory,
    levels::{Level, Levels},
    project::{Joined, Known, Project, join},
    read::{Refusal, Territory},
    report::{Phase, Report},
    select::Selection,
};
use anyhow::{Context, Result};
pub use edits::Offer;
use files::{Fault, File, read_text};
use macros::Macros;
pub use macros::meanings;
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use rustc_hash::FxHashMap;
use spawnlint_analysis::{
    crates::{CrateGraph, CrateKind},
    facts::FileSummary,
    questions::{LinkOptions, OwnerEntry},
    span::{FileId, Source, Sources},
};
use spawnlint_rules::rule::Rule;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

/// syn recurses; this is what the deepest text that lowering lets through needs.
const STACK: usize = 16 << 20;

/// More threads than any machine has use for; each takes a stack.
const MAX_JOBS: usize = 256;

/// Told of the files that are done and of those there are.
pub type Progress = Arc<dyn Fn(usize, usize) + Send + Sync>;

/// How to check.
#[derive(Clone)]
pub struct Options {
    /// Threads; 0 for one per processor.
    pub jobs: usize,
    /// How long a wait is long. Whether tests are judged is the selection's to say.
    pub link: LinkOptions,
    /// The rules and their levels, as flags set them.
    pub levels: Levels,
    /// What files say; flags win over it.
    pub config: Config,
    /// What is reported.
    pub selection: Selection,
    /// Whether summaries are kept in [`Project::cache_dir`].
    pub use_cache: bool,
    /// Which texts stay in memory.
    pub texts: Texts,
    /// Called from several threads while files are read.
    pub progress: Option<Progress>,
}

impl Options {
    /// The defaults, for these rules.
    pub fn new(rules: &'static [&'static Rule]) -> Options {
        Options {
            jobs: 0,
            link: LinkOptions::default(),
            levels: Levels::new(rules),
            config: Config::default(),
            selection: Selection::default(),
            use_cache: false,
            texts: Texts::All,
            progress: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("jobs", &self.jobs).field("selection", &self.selection).finish_non_exhaustive()
    }
}

/// Which texts stay in memory beside the summaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// All of them.
    All,
    /// Those that a report speaks of: they are read once more when it is made.
    Reported,
}

/// A program that is kept in memory, and can be changed and checked again.
#[derive(Debug)]
pub struct Engine {
    project: Project,
    options: Options,
    pool: ThreadPool,
    /// Sorted by printed path; parallel to `sources`.
    /// Where its files may be.
    territory: Territory,
    files: Vec<File>,
    sources: Arc<Sources>,
    /// Which macros by example its files define.
    macros: Macros,
    joined: Joined,
    /// Whether a text has changed since `joined` was made.
    is_stale: bool,
    /// Paths through links, and the files that they lead to.
    aliases: FxHashMap<PathBuf, PathBuf>,
    phases: Vec<Phase>,
}

impl Engine {
    /// Reads and lowers all files of a project. Files that cannot be read become problems of the report.
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn open(project: Project, options: Options) -> Result<Engine> {
        let mut engine = Engine::empty(project, options)?;
        engine.territory = engine.project.stay_inside();
        let paths = engine.project.files.clone();
        let folder = engine.project.cache_folder(&engine.territory).filter(|_| engine.options.use_cache);
        let bytes = paths.iter().map(size).sum();
        let cache = folder.map(|folder| Cache::open(&folder, &engine.project.root, bytes));
        engine.read(&paths, cache.as_ref());
        engine.rejoin(cache.as_ref());
        if let Some(cache) = cache {
            engine.timed("cache", |engine| {
                let stored = engine.store(&cache);
                ((), stored.map_or_else(|error| format!("not written: {error}"), |()| "up to date".to_owned()))
            });
        }
        Ok(engine)
    }

    /// A program of texts that need not exist on disk. `files` are paths as the crates' roots name them, with texts.
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn from_texts(mut project: Project, files: Vec<(String, String)>, options: Options) -> Result<Engine> {
        let is_loose = project.packages.is_empty();
        for (path, _) in &files {
            project.add_file(PathBuf::from(path));
        }
        if is_loose {
            project.loose = project.files.clone();
        }
        let mut engine = Engine::empty(project, options)?;
        let texts: Vec<_> = files.into_iter().map(|(path, text)| (PathBuf::from(path), text)).collect();
        for (path, text) in &texts {
            let defined = engine.macros.defined_in(&engine.project, path, text);
            engine.macros.set(path, defined);
        }
        let (project, macros) = (&engine.project, &engine.macros);
        let read = engine.pool.install(|| {
            let lower = |(path, text): (PathBuf, String)| {
                let definitions = macros.called(project, &path, &text);
                File::from_text(project.shown(&path), path, text, &definitions, None)
            };
            texts.into_par_iter().with_max_len(1).map(lower).collect::<Vec<_>>()
        });
        engine.add(read);
        engine.rejoin(None);
        Ok(engine)
    }

    fn empty(project: Project, options: Options) -> Result<Engine> {
        let macros = Macros::new(&project, options.selection.includes_tests());
        let pool = ThreadPoolBuilder::new().num_threads(options.jobs.min(MAX_JOBS)).stack_size(STACK).build();
        Ok(Engine {
            project,
            options,
            pool: pool.context("cannot start the parser threads; a lower --jobs may help")?,
            territory: Territory::default(),
            files: Vec::new(),
            sources: Arc::default(),
            macros,
            joined: Joined::default(),
            is_stale: false,
            aliases: FxHashMap::default(),
            phases: Vec::new(),
        })
    }

    /// Whether a file of the program could have this text.
    pub fn parses(&self, file: FileId, text: &str) -> bool {
        let edition = self.edition(file.index());
        self.pool.install(|| files::parses(text, edition))
    }

    /// Links the program and lets the rules judge it.
    pub fn check(&mut self) -> Report {
        if self.is_stale {
            self.rejoin(None);
        }
        let mut report = judge::check(self);
        if self.options.texts == Texts::Reported {
            texts::fetch(&mut report, std::iter::empty(), &self.files, &self.territory);
        }
        fingerprint::assign(&mut report);
        self.phases.clear();
        report
    }

    /// Links the program, and lists its types that can end tasks.
    pub fn owners(&mut self) -> (Vec<OwnerEntry>, Report) {
        if self.is_stale {
            self.rejoin(None);
        }
        let (owners, mut report) = judge::owners(self);
        if self.options.texts == Texts::Reported {
            let places = owners.iter().flat_map(OwnerEntry::places);
            texts::fetch(&mut report, places, &self.files, &self.territory);
        }
        self.phases.clear();
        (owners, report)
    }

    /// Links the program, and lists its tasks with what the rules say of them.
    pub fn inventory(&mut self) -> Inventory {
        if self.is_stale {
            self.rejoin(None);
        }
        let mut inventory = judge::inventory(self);
        if self.options.texts == Texts::Reported {
            let unfollowed = inventory.unfollowed.values().flatten().copied();
            let places = inventory.tasks.iter().flat_map(|task| task.entry.places()).chain(unfollowed);
            texts::fetch(&mut inventory.report, places, &self.files, &self.territory);
        }
        fingerprint::assign(&mut inventory.report);
        self.phases.clear();
        inventory
    }

    /// The files that spans of the next report point into.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Where a file is on disk, or what it was called when its text was given.
    ///
    /// # Panics
    /// If a report of this engine does not know the file.
    pub fn path(&self, file: FileId) -> &Path {
        &self.files[file.index()].path
    }

    /// What each file says, in the order of [`Engine::sources`].
    pub fn summaries(&self) -> impl Iterator<Item = &FileSummary> {
        self.files.iter().map(|file| &*file.summary)
    }

    /// The crates and the place of each file, as of the last check.
    pub fn crate_graph(&self) -> &CrateGraph {
        &self.joined.graph
    }

    /// Where the files of the program may be.
    pub fn territory(&self) -> &Territory {
        &self.territory
    }

    /// What is known about the code before it is read.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// What the last check can say of files in which nothing was found, by their printed paths.
    pub fn sight(&self) -> impl Fn(&str) -> Sight {
        let settings = settings::ByFile::of(self);
        let is_checked =
            move |at: usize| judge::is_selected(self, &settings, FileId(at as u32)) && self.files[at].faults.is_empty();
        let known: FxHashMap<&str, usize> =
            self.sources.iter().map(|(file, source)| (source.path.as_str(), file.index())).collect();
        let selection = &self.options.selection;
        let is_whole = selection.packages.is_none() && selection.paths.is_empty();
        move |path| match known.get(path) {
            Some(at) if is_checked(*at) => Sight::Checked,
            Some(_) => Sight::Unseen,
            None if is_whole => Sight::Gone,
            None => Sight::GoneUnseen,
        }
    }

    /// The level of a rule in a file of the last check, by its printed path; `None` if the check did not read the file.
    pub fn level_at(&self) -> impl Fn(&str, &str) -> Option<Level> {
        let settings = settings::ByFile::of(self);
        let known: FxHashMap<&str, FileId> =
            self.sources.iter().map(|(file, source)| (source.path.as_str(), file)).collect();
        move |rule, path| known.get(path).map(|file| settings.levels(*file).of(rule))
    }

    /// Joins the files into module trees, and reads the files that this shows to be missing, until none is.
    fn rejoin(&mut self, cache: Option<&Cache>) {
        loop {
            self.timed("join", |engine| {
                let paths: Vec<&Path> = engine.files.iter().map(|file| file.path.as_path()).collect();
                let summaries: Vec<&FileSummary> = engine.files.iter().map(|file| &*file.summary).collect();
                let known = Known { paths: &paths, summaries: &summaries, aliases: &engine.aliases };
                engine.joined = join(&engine.project, known);
                ((), format!("{} crates", engine.joined.graph.crates.len()))
            });
            let (missing, has_new_alias) = self.missing();
            if missing.is_empty() && !has_new_alias {
                break;
            }
            self.read(&missing, cache);
        }
        for at in 0..self.files.len() {
            let edition = self.edition(at);
            self.files[at].set_edition(edition);
        }
        self.is_stale = false;
    }

    /// The edition of the crate that a file belongs to; `None` if it is a loose file, of which nobody says it.
    fn edition(&self, file: usize) -> Option<u16> {
        let place = self.joined.graph.files.get(file)?;
        let krate = self.joined.graph.crates.get(place.krate.index())?;
        (krate.kind != CrateKind::Loose).then_some(krate.edition)
    }

    /// Files that a `mod` leads to and that have not been read, and whether a link to a known one came up.
    fn missing(&mut self) -> (Vec<PathBuf>, bool) {
        if !self.project.on_disk {
            return (Vec::new(), false);
        }
        let known: FxHashMap<&Path, ()> = self.files.iter().map(|file| (file.path.as_path(), ())).collect();
        let mut missing = Vec::new();
        let mut has_new_alias = false;
        for candidates in &self.joined.wanted {
            let there = candidates.iter().find_map(|path| Some((path, self.real_file(path)?)));
            let Some((path, real)) = there else { continue };
            if real != *path {
                has_new_alias |= self.aliases.insert(path.clone(), real.clone()).is_none();
            }
            if !known.contains_key(real.as_path()) {
                missing.push(real);
            }
        }
        missing.sort();
        missing.dedup();
        (missing, has_new_alias)
    }

    /// The one path that a file has, also where links lead to it, or links that lead back to themselves. One that is not
    /// to be read keeps the path that was asked for, so that this is told.
    fn real_file(&self, path: &Path) -> Option<PathBuf> {
        match self.territory.admit(path) {
            Ok(real) => (!real.is_dir()).then_some(real),
            Err(Refusal::Io(_)) => None,
            Err(_) => (!path.is_dir()).then(|| path.to_owned()),
        }
    }

    fn read(&mut self, paths: &[PathBuf], cache: Option<&Cache>) {
        if paths.is_empty() {
            return;
        }
        self.timed("read", |engine| {
            let done = AtomicUsize::new(0);
            let progress = engine.options.progress.clone();
            let texts = engine.options.texts;
            let read = engine.read_texts(paths);
            let (project, macros) = (&engine.project, &engine.macros);
            let lower = |(path, text): (&PathBuf, Result<String, Fault>)| {
                let (path, shown) = (path.clone(), project.shown(path));
                let (file, source) = match text {
                    Ok(text) => {
                        let definitions = macros.called(project, &path, &text);
                        File::from_text(shown, path, text, &definitions, cache)
                    }
                    Err(fault) => File::unread(shown, path, fault),
                };
                let source = if texts == Texts::All { source } else { Source::new(source.path, "") };
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if let Some(progress) = &progress {
                    progress(done, paths.len());
                }
                (file, source)
            };
            let read = engine.pool.install(|| read.into_iter().par_bridge().map(lower).collect::<Vec<_>>());
            let cached = read.iter().filter(|(file, _)| file.is_cached).count();
            engine.add(read);
            ((), format!("{} files, {cached} of them from the cache", paths.len()))
        });
    }

    /// The texts of files, largest first. What macros they define is known then.
    fn read_texts<'p>(&mut self, paths: &'p [PathBuf]) -> Vec<(&'p PathBuf, Result<String, Fault>)> {
        let (project, macros, territory) = (&self.project, &self.macros, &self.territory);
        let read = |(_, path): (u64, &'p PathBuf)| {
            let text = read_text(territory, path);
            let defined = text.as_ref().map_or_else(|_| vec![], |text| macros.defined_in(project, path, text));
            ((path, text), defined)
        };
        let largest_first = largest_first(paths);
        let read: Vec<_> = self.pool.install(|| largest_first.into_par_iter().with_max_len(1).map(read).collect());
        let mut texts = Vec::with_capacity(read.len());
        for ((path, text), defined) in read {
            if !defined.is_empty() && self.macros.set(path, defined) && !self.files.is_empty() {
                self.lower_callers(path);
            }
            texts.push((path, text));
        }
        texts
    }

    fn add(&mut self, new: Vec<(File, Source)>) {
        let old = std::mem::take(&mut self.files);
        let sources = std::mem::take(&mut self.sources);
        let sources = Arc::unwrap_or_clone(sources);
        let old = old.into_iter().zip(sources.iter().map(|(_, source)| source.clone()));
        let mut all: Vec<_> = old.chain(new).collect();
        all.sort_by(|a, b| a.1.path.cmp(&b.1.path).then_with(|| a.0.path.cmp(&b.0.path)));
        let mut sources = Sources::default();
        for (file, source) in all {
            sources.add(source);
            self.files.push(file);
        }
        self.sources = Arc::new(sources);
    }

    fn store(&mut self, cache: &Cache) -> std::io::Result<()> {
        let mut new: Vec<(cache::Key, Vec<u8>)> = Vec::new();
        let mut keep: Vec<cache::Key> = Vec::new();
        for file in &mut self.files {
            match file.encoded.take() {
                Some(bytes) => new.push((file.key, bytes)),
                None if file.is_cacheable => keep.push(file.key),
                None => {}
            }
        }
        keep.sort_unstable();
        keep.dedup();
        new.sort_unstable_by_key(|(key, _)| *key);
        new.dedup_by_key(|(key, _)| *key);
        cache.store(&keep, &new)
    }

    fn timed<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Engine) -> (T, String)) -> T {
        let start = Instant::now();
        let (value, detail) = work(self);
        self.phases.push(Phase { name, time: start.elapsed(), detail });
        value
    }
}

/// The order in which files are read: no thread ends up alone with a large one, and the memory that large syntax
/// trees leave behind is there for all the summaries that follow. Sizes come first; unknown ones are 0.
fn largest_first(paths: &[PathBuf]) -> Vec<(u64, &PathBuf)> {
    let mut all: Vec<(u64, &PathBuf)> = paths.iter().map(|path| (size(path), path)).collect();
    all.sort_by(|a, b| b.cmp(a));
    all
}

fn size(path: &PathBuf) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
