//! The thread that has the programs. What comes while it is busy is taken together: of several texts of a file the newest
//! one counts.

use super::{
    log::Log,
    settings::Settings,
    snapshot::Snapshot,
    workspace::{Workspace, manifest_of},
};
use crate::{
    engine::{Offer, Progress},
    project::Cargo,
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use rustc_hash::FxHashMap;
use spawnlint_rules::rule::Rule;
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Who types goes on within this time.
const QUIET: Duration = Duration::from_millis(12);
/// And is shown something after this time at the latest.
const PATIENCE: Duration = Duration::from_millis(100);

/// How a workspace is called between the threads.
pub(super) type Id = usize;

/// What the worker is to do.
#[derive(Debug)]
pub(super) enum Command {
    /// From now on these hold.
    Settings(Settings),
    /// The user has opened a folder.
    AddFolder(PathBuf),
    /// The user has closed a folder.
    RemoveFolder(PathBuf),
    /// The text of an open file. What is no path names a text that is in no file.
    Text { name: PathBuf, is_file: bool, text: Arc<str> },
    /// A file is not open any more.
    Close { name: PathBuf },
    /// Files have changed on disk.
    Disk(Vec<Change>),
    /// A finding is to be written into the baseline.
    AddToBaseline { path: PathBuf, hash: String },
}

/// What happened to a file on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) path: PathBuf,
    pub(super) is_deleted: bool,
}

/// What the worker tells.
#[derive(Debug)]
pub(super) enum Event {
    /// Reading a workspace begins.
    Begin { id: Id, folder: String },
    /// So much of it is read.
    Progress { id: Id, done: usize, total: usize },
    /// Reading a workspace has come to its end.
    End { id: Id },
    /// A workspace was checked.
    Checked { id: Id, snapshot: Box<Snapshot> },
    /// A workspace is not looked at any more.
    Gone { id: Id },
    /// Something that the user should know.
    Message(String),
    /// So many commands have been carried out, and what came of them has been told.
    Settled(u64),
}

/// The two ends of the channels to the worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) commands: Sender<Command>,
    pub(super) events: Receiver<Event>,
}

/// Starts the thread. It ends when nobody has the commands' sender any more.
pub(super) fn start(rules: &'static [&'static Rule], cargo: Cargo, log: Log) -> io::Result<Worker> {
    let (commands, receiver) = unbounded();
    let (sender, events) = unbounded();
    let programs = Programs {
        rules,
        cargo,
        log,
        settings: Settings::default(),
        events: sender,
        folders: Vec::new(),
        texts: FxHashMap::default(),
        all: Vec::new(),
        next: 0,
    };
    thread::Builder::new().name("worker".to_owned()).spawn(move || programs.run(&receiver))?;
    Ok(Worker { commands, events })
}

/// An open text.
#[derive(Debug, Clone)]
struct Open {
    is_file: bool,
    text: Arc<str>,
}

/// All workspaces.
struct Programs {
    rules: &'static [&'static Rule],
    cargo: Cargo,
    log: Log,
    settings: Settings,
    events: Sender<Event>,
    folders: Vec<PathBuf>,
    texts: FxHashMap<PathBuf, Open>,
    all: Vec<(Id, Workspace)>,
    next: Id,
}

impl Programs {
    fn run(mut self, commands: &Receiver<Command>) {
        let mut done = 0;
        while let Ok(first) = commands.recv() {
            let mut batch = vec![first];
            gather(commands, &mut batch);
            done += batch.len() as u64;
            self.carry_out(batch);
            self.check();
            if self.events.send(Event::Settled(done)).is_err() {
                break;
            }
        }
    }

    /// Carries out several commands. Texts come last: what is older than another text of its file is passed over.
    fn carry_out(&mut self, batch: Vec<Command>) {
        let mut texts: Vec<PathBuf> = Vec::new();
        for command in batch {
            match command {
                Command::Text { name, is_file, text } => {
                    self.texts.insert(name.clone(), Open { is_file, text });
                    texts.retain(|it| *it != name);
                    texts.push(name);
                }
                Command::Close { name } => {
                    texts.retain(|it| *it != name);
                    self.guarded("closing a file", |programs| programs.close(&name));
                }
                Command::Settings(settings) => self.guarded("settings", |programs| programs.set(&settings)),
                Command::AddFolder(folder) => self.guarded("opening a folder", |programs| {
                    programs.add_folder(&folder);
                }),
                Command::RemoveFolder(folder) => self.guarded("closing a folder", |programs| {
                    programs.folders.retain(|it| *it != folder);
                    programs.forget_unused();
                }),
                Command::Disk(changes) => self.guarded("a change on disk", |programs| programs.on_disk(&changes)),
                Command::AddToBaseline { path, hash } => self.guarded("the baseline", |programs| {
                    programs.add_to_baseline(&path, &hash);
                }),
            }
        }
        for name in texts {
            self.guarded("a text", |programs| programs.offer(&name));
        }
    }

    /// A mistake of ours in one thing does not end the others.
    fn guarded(&mut self, what: &str, work: impl FnOnce(&mut Programs)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.log.write(&format!("failed on {what}; this is a bug in spawnlint"));
        }
    }

    fn check(&mut self) {
        let mut all = std::mem::take(&mut self.all);
        for (id, workspace) in all.iter_mut().filter(|(_, workspace)| workspace.is_dirty) {
            let start = Instant::now();
            match catch_unwind(AssertUnwindSafe(|| workspace.check())) {
                Ok(snapshot) => {
                    let found = snapshot.report().diagnostics.len();
                    let time = start.elapsed().as_secs_f64() * 1000.0;
                    self.log
                        .write(&format!("checked {} in {time:.1} ms: {found} findings", workspace.root().display()));
                    self.tell(Event::Checked { id: *id, snapshot: Box::new(snapshot) });
                }
                Err(_) => self.log.write(&format!("failed on {}; this is a bug", workspace.root().display())),
            }
        }
        self.all = all;
    }

    fn tell(&self, event: Event) {
        // Without a server there is nobody to tell.
        self.events.send(event).ok();
    }

    fn message(&self, text: String) {
        self.log.write(&text);
        self.tell(Event::Message(text));
    }

    /// Opens the workspaces of a folder: the one around it, or those directly below it.
    fn add_folder(&mut self, folder: &Path) {
        if !self.folders.iter().any(|it| it == folder) {
            self.folders.push(folder.to_owned());
        }
        for manifest in manifests_of(folder) {
            self.open(&manifest);
        }
    }

    /// Opens the workspace of a manifest, unless it is open.
    fn open(&mut self, manifest: &Path) -> Option<usize> {
        let folder = manifest.parent().unwrap_or(manifest);
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if let Some(at) =
            self.all.iter().position(|(_, it)| it.has_package(&folder) || it.manifest.as_deref() == Some(manifest))
        {
            return Some(at);
        }
        let id = self.next;
        self.next += 1;
        self.tell(Event::Begin { id, folder: folder.display().to_string() });
        let (events, told) = (self.events.clone(), AtomicUsize::new(0));
        let progress: Progress = Arc::new(move |done, total| {
            let step = (total / 50).max(1);
            if done / step > told.fetch_max(done / step, Ordering::Relaxed) {
                events.send(Event::Progress { id, done, total }).ok();
            }
        });
        let opened = Workspace::open(manifest, self.rules, &self.cargo, &self.settings, progress);
        self.tell(Event::End { id });
        match opened {
            // The workspace around a package may be open already.
            Ok(it) if self.all.iter().any(|(_, other)| other.manifest.is_some() && other.root() == it.root()) => {
                self.all.iter().position(|(_, other)| other.root() == it.root())
            }
            Ok(mut workspace) => {
                let texts = self.texts.iter().filter(|(_, open)| open.is_file);
                for (path, open) in texts.filter(|(path, _)| workspace.knows(path)).collect::<Vec<_>>() {
                    workspace.offer(path, &open.text);
                }
                self.all.push((id, workspace));
                Some(self.all.len() - 1)
            }
            Err(error) => {
                self.message(format!("cannot open {}: {error:#}", folder.display()));
                None
            }
        }
    }

    /// The workspace of a file.
    fn home(&mut self, path: &Path) -> Option<usize> {
        if let Some(at) = self.all.iter().position(|(_, it)| it.knows(path)) {
            return Some(at);
        }
        // A dependency's source that somebody looks at is one file, and not a project to be checked and changed.
        let is_theirs = |manifest: &PathBuf| {
            let folder = manifest.parent().unwrap_or(manifest);
            self.folders.is_empty() || self.folders.iter().any(|it| folder.starts_with(it) || it.starts_with(folder))
        };
        if let Some(manifest) = manifest_of(path).filter(is_theirs) {
            return self.open(&manifest);
        }
        let opened = Workspace::open_file(path, self.rules, &self.settings);
        self.push(opened, path)
    }

    fn push(&mut self, opened: anyhow::Result<Workspace>, path: &Path) -> Option<usize> {
        match opened {
            Ok(workspace) => {
                self.all.push((self.next, workspace));
                self.next += 1;
                Some(self.all.len() - 1)
            }
            Err(error) => {
                self.message(format!("cannot check {}: {error:#}", path.display()));
                None
            }
        }
    }

    /// Gives the workspace of an open text what it says now.
    fn offer(&mut self, name: &Path) {
        let Some(Open { is_file, text }) = self.texts.get(name).cloned() else { return };
        if is_file {
            let Some(at) = self.home(name) else { return };
            if self.all[at].1.offer(name, &text) == Offer::Refused {
                self.log.write(&format!("{} does not parse; what was known of it stays", name.display()));
            }
            return;
        }
        match self.all.iter_mut().find(|(_, it)| it.knows(name)) {
            Some((_, workspace)) => _ = workspace.offer(name, &text),
            None => {
                let opened = Workspace::of_text(&name.to_string_lossy(), &text, self.rules, &self.settings);
                self.push(opened, name);
            }
        }
    }

    fn close(&mut self, name: &Path) {
        let Some(Open { is_file, .. }) = self.texts.remove(name) else { return };
        if is_file {
            self.all.iter_mut().filter(|(_, it)| it.knows(name)).for_each(|(_, it)| it.reread(name));
        }
        self.forget_unused();
    }

    /// Forgets what no folder and no open file needs.
    fn forget_unused(&mut self) {
        let (texts, folders) = (&self.texts, &self.folders);
        let is_used = |it: &Workspace| {
            let in_folder = |folder: &PathBuf| it.root().starts_with(folder) || folder.starts_with(it.root());
            let has_folder = it.manifest.is_some() && folders.iter().any(in_folder);
            has_folder || texts.keys().any(|path| it.knows(path))
        };
        let (used, unused) = std::mem::take(&mut self.all).into_iter().partition(|(_, it)| is_used(it));
        self.all = used;
        for (id, _) in unused as Vec<(Id, Workspace)> {
            self.tell(Event::Gone { id });
        }
    }

    fn set(&mut self, settings: &Settings) {
        if *settings == self.settings {
            return;
        }
        self.settings = settings.clone();
        let rules = self.rules;
        let stale: Vec<Id> =
            self.all.iter_mut().filter_map(|(id, it)| (!it.set(settings, rules)).then_some(*id)).collect();
        self.reopen(|id, _| stale.contains(&id));
    }

    /// Reads some workspaces anew.
    fn reopen(&mut self, is_meant: impl Fn(Id, &Workspace) -> bool) {
        let (meant, rest) = std::mem::take(&mut self.all).into_iter().partition(|(id, it)| is_meant(*id, it));
        self.all = rest;
        for (id, workspace) in meant as Vec<(Id, Workspace)> {
            self.tell(Event::Gone { id });
            if let Some(manifest) = workspace.manifest.filter(|it| it.exists()) {
                self.open(&manifest);
            }
        }
        let mut open: Vec<PathBuf> = self.texts.keys().cloned().collect();
        open.sort();
        for name in open {
            if !self.all.iter().any(|(_, it)| it.knows(&name)) {
                self.offer(&name);
            }
        }
    }

    fn on_disk(&mut self, changes: &[Change]) {
        let mut manifests: Vec<&Path> = Vec::new();
        for Change { path, is_deleted } in changes {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            match &*name {
                "Cargo.toml" | "Cargo.lock" => manifests.push(path),
                name if crate::config::NAMES.contains(&name) => {
                    self.all.iter_mut().filter(|(_, it)| is_about(it, path)).for_each(|(_, it)| it.configure());
                }
                name if name.ends_with(".json") => {
                    self.all.iter_mut().filter(|(_, it)| is_about(it, path)).for_each(|(_, it)| it.is_dirty = true);
                }
                _ if *is_deleted => {
                    let open: Vec<PathBuf> = self.texts.keys().filter(|it| it.starts_with(path)).cloned().collect();
                    self.all.iter_mut().for_each(|(_, it)| it.remove(path));
                    // What is open is still there for its editor.
                    open.iter().for_each(|name| self.offer(name));
                }
                name if name.ends_with(".rs") && !self.texts.contains_key(path) => self.reread(path),
                _ => {}
            }
        }
        if !manifests.is_empty() {
            self.reopen(|_, it| it.manifest.is_some() && manifests.iter().any(|path| is_about(it, path)));
            let folders = self.folders.clone();
            folders.iter().for_each(|folder| self.add_folder(folder));
        }
    }

    /// A file that was changed or made. One that belongs to no open workspace is nobody's.
    fn reread(&mut self, path: &Path) {
        if let Some((_, workspace)) = self.all.iter_mut().find(|(_, it)| it.knows(path)) {
            workspace.reread(path);
            return;
        }
        let Some(folder) = manifest_of(path).and_then(|it| it.parent()?.canonicalize().ok()) else { return };
        let below = path.strip_prefix(&folder).unwrap_or(path);
        let is_left_out = |part: std::path::Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
        if below.starts_with("target") || below.components().any(is_left_out) {
            return;
        }
        if let Some((_, workspace)) = self.all.iter_mut().find(|(_, it)| it.has_package(&folder)) {
            workspace.reread(path);
        }
    }

    fn add_to_baseline(&mut self, path: &Path, hash: &str) {
        let Some((_, workspace)) = self.all.iter_mut().find(|(_, it)| it.knows(path)) else { return };
        if let Err(error) = workspace.add_to_baseline(hash) {
            self.message(format!("the finding was not added to the baseline: {error:#}"));
        }
    }
}

/// Whether a file that is no Rust says something of a workspace.
fn is_about(workspace: &Workspace, path: &Path) -> bool {
    let folder = path.parent().unwrap_or(path);
    folder.starts_with(workspace.root()) || workspace.root().starts_with(folder) || workspace.has_package(folder)
}

/// The manifest around a folder, or those in the folders directly below it.
fn manifests_of(folder: &Path) -> Vec<PathBuf> {
    if let Some(manifest) = crate::project::find_manifest(folder) {
        return vec![manifest];
    }
    let below = folder.read_dir().into_iter().flatten().flatten().map(|it| it.path().join("Cargo.toml"));
    let mut manifests: Vec<PathBuf> = below.filter(|it| it.is_file()).collect();
    manifests.sort();
    manifests
}

/// Takes what else has come, or comes at once.
fn gather(commands: &Receiver<Command>, batch: &mut Vec<Command>) {
    let end = Instant::now() + PATIENCE;
    let is_typing = |command: &Command| matches!(command, Command::Text { .. });
    while batch.last().is_some_and(is_typing) && Instant::now() < end {
        match commands.recv_timeout(QUIET) {
            Ok(command) => batch.push(command),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    batch.extend(commands.try_iter());
}
