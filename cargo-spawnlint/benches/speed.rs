//! How fast a run is, beside what no linter on syn can do without: parsing the same files.
//!
//! `cargo bench -p cargo-spawnlint --bench speed -- [folder]..`, or the folders in `SPAWNLINT_BENCH`, separated as in
//! `PATH`. Without any, the sources of this repository are measured. One folder is also copied, to see how time and
//! memory grow; several are measured one by one, each as a program. `docs/performance.md` says how to read the output.

use anyhow::{Context, Result, bail, ensure};
use cargo_spawnlint::{
    engine::{Engine, Options, Texts},
    lower::lower,
    project::{Cargo, Project, discover, discover_loose},
};
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use spawnlint_rules::rules::RULES;
use std::{
    cmp::Reverse,
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    slice,
    time::{Duration, Instant},
};
use wait_timeout::ChildExt;

/// Both sides parse on threads with the stack that the linter gives its own.
const STACK: usize = 16 << 20;

/// Each figure is the middle one of so many runs. The sides take turns, so that a busy machine slows all of them.
const ROUNDS: usize = 9;

/// Input below this size is copied until it has it; what takes milliseconds cannot be measured. In bytes.
const WORTHWHILE: usize = 2 << 20;

/// The first argument of the process that measures its own memory.
const PEAK: &str = "--peak-of";
/// The first argument for whole processes: folders follow.
const WHOLE: &str = "--whole";
/// The first argument of the process that parses the files of a list, and does nothing else.
const PARSE: &str = "--parse-list";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args: Vec<OsString> = env::args_os().skip(1).filter(|arg| arg != "--bench").collect();
    if let [flag, folder] = &args[..]
        && flag == PEAK
    {
        return print_own_peak(Path::new(folder));
    }
    if let [flag, list] = &args[..]
        && flag == PARSE
    {
        return parse_list(Path::new(list));
    }
    if let [flag, folders @ ..] = &args[..]
        && flag == WHOLE
    {
        return measure_whole(folders);
    }
    let named = env::var_os("SPAWNLINT_BENCH").filter(|_| args.is_empty());
    let folders: Vec<PathBuf> = match named {
        Some(list) => env::split_paths(&list).collect(),
        None => args.into_iter().map(PathBuf::from).collect(),
    };
    let scratch = tempfile::tempdir().context("cannot make a folder for copies")?;
    let inputs = if folders.is_empty() { vec![own_sources(scratch.path())?] } else { folders };
    let threads = threads()?;
    println!("{threads} threads; every time is the median of {ROUNDS} runs, in milliseconds");
    match &inputs[..] {
        [only] => measure_growth(only, scratch.path(), threads),
        all => measure_each(all, threads),
    }
}

/// What a user waits for: `cargo spawnlint --all-targets --no-cache`, beside a process that parses the same files. Both
/// sides include their start, that of the linter `cargo metadata`, too.
fn measure_whole(folders: &[OsString]) -> Result<()> {
    let threads = threads()?.to_string();
    let list = tempfile::NamedTempFile::new().context("cannot make a file for the list")?;
    println!("{threads} threads; whole processes, each time is the least of a few runs, in milliseconds");
    println!("\n                                        MB  parsing      run  ratio   peak memory / source");
    let mut ratios: Vec<(f64, usize)> = Vec::new();
    for folder in folders {
        let folder = Path::new(folder).canonicalize().with_context(|| format!("cannot find the folder {folder:?}"))?;
        let files = files_of(&folder)?;
        let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
        let paths: Vec<String> = largest_first(files).iter().map(|path| path.display().to_string()).collect();
        fs::write(list.path(), paths.join("\n"))?;
        let mut parser = Command::new(env::current_exe()?);
        parser.arg(PARSE).arg(list.path()).env("SPAWNLINT_BENCH_JOBS", &threads);
        let mut linter = Command::new(env!("CARGO_BIN_EXE_cargo-spawnlint"));
        linter.args(["spawnlint", "--all-targets", "--no-cache", "--jobs", &threads]).current_dir(&folder);
        let (mut parse, mut run, mut peak) = (Duration::MAX, Duration::MAX, 0);
        let begin = Instant::now();
        let mut rounds = 0;
        // Small crates take more turns: what takes milliseconds is noisy.
        while rounds < 3 || (rounds < ROUNDS && begin.elapsed() < Duration::from_secs(4)) {
            parse = parse.min(finished(&mut parser)?.0);
            let (time, most) = finished(&mut linter)?;
            (run, peak) = (run.min(time), peak.max(most));
            rounds += 1;
        }
        let ratio = run.as_secs_f64() / parse.as_secs_f64();
        ratios.push((ratio, bytes));
        let [parse, run] = [parse, run].map(|it| it.as_secs_f64() * 1000.0);
        let name = name_of(&folder);
        let name = name.get(..36).unwrap_or(&name);
        println!(
            "{name:<36} {:>5.2} {parse:>8.1} {run:>8.1}  {ratio:5.2}   {:5.2}",
            bytes as f64 / 1e6,
            peak as f64 / bytes as f64
        );
    }
    ratios.retain(|(_, bytes)| *bytes > 1_000_000);
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((most, _)) = ratios.last() {
        let middle = ratios[ratios.len() / 2].0;
        println!("{} folders over 1 MB: median {middle:.2}, at most {most:.2}", ratios.len());
    }
    Ok(())
}

/// How long a process took, and its peak memory in bytes as far as it could be seen: the system tells it while it runs.
fn finished(command: &mut Command) -> Result<(Duration, usize)> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn()?;
    let mut peak = 0;
    loop {
        if let Some(status) = child.wait_timeout(Duration::from_millis(2))? {
            // A linter that finds something says so with its exit code.
            ensure!(matches!(status.code(), Some(0 | 1)), "a process failed: {status}");
            return Ok((start.elapsed(), peak));
        }
        peak = peak.max(peak_in(&format!("/proc/{}/status", child.id())).unwrap_or(0));
    }
}

fn peak_in(status: &str) -> Option<usize> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<usize>().ok()? << 10)
}

fn parse_list(list: &Path) -> Result<()> {
    let files: Vec<PathBuf> = fs::read_to_string(list)?.lines().map(PathBuf::from).collect();
    each(&pool(threads()?)?, &files, parse_file);
    Ok(())
}

/// How many threads both sides use.
fn threads() -> Result<usize> {
    match env::var("SPAWNLINT_BENCH_JOBS") {
        Ok(jobs) => jobs.parse().context("SPAWNLINT_BENCH_JOBS is a number of threads"),
        Err(_) => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

/// The demonstration workspace and the linter itself, in one folder.
fn own_sources(scratch: &Path) -> Result<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = scratch.join("own");
    let crates = ["analysis/src", "cargo-spawnlint/src", "rules/src", "tests"];
    for part in ["test-fixtures/workspaces/streaming-service"].into_iter().chain(crates) {
        copy_sources(&repository.join(part), &folder.join(part))?;
    }
    Ok(folder)
}

/// Several folders are several programs, each as it is.
fn measure_each(inputs: &[PathBuf], threads: usize) -> Result<()> {
    println!("\n                               bytes    parsing   lowering   cold run   ratio");
    let mut sum = Sample::default();
    for input in inputs {
        let input = input.canonicalize().with_context(|| format!("cannot find the folder {}", input.display()))?;
        let sample = Sample::take(&input, threads)?;
        sample.print_row(&name_of(&input));
        sum.add(&sample);
    }
    sum.print_row("all of them");
    Ok(())
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}

/// One folder is also copied, to see what happens to large programs.
fn measure_growth(input: &Path, scratch: &Path, threads: usize) -> Result<()> {
    println!("\n{}", name_of(input));
    let bytes = files_of(input)?.iter().map(|(_, text)| text.len()).sum::<usize>();
    ensure!(bytes > 0, "there are no Rust files in {}", input.display());
    let copies = WORTHWHILE.div_ceil(bytes);
    let grown: Vec<(usize, PathBuf)> = [1, 2, 4].map(|factor| (factor, scratch.join(format!("grown{factor}")))).into();
    for (factor, folder) in &grown {
        for copy in 0..copies * factor {
            copy_sources(input, &folder.join(format!("copy{copy}")))?;
        }
    }
    Sample::take(&grown[0].1, threads)?.print(copies);
    print_growth(&grown, threads)
}

/// What each line costs as the input grows. All sizes take turns, as the sides do.
fn print_growth(grown: &[(usize, PathBuf)], threads: usize) -> Result<()> {
    let pool = pool(threads)?;
    let mut times: Vec<(Vec<Duration>, Vec<Duration>)> = vec![Default::default(); grown.len()];
    for _ in 0..ROUNDS {
        for ((_, folder), (parse, cold)) in grown.iter().zip(&mut times) {
            let project = project_of(folder)?;
            let files = largest_first(files_of(folder)?);
            parse.push(timed(|| each(&pool, &files, parse_file)));
            let start = Instant::now();
            drop(check(project, threads, false)?);
            cold.push(start.elapsed());
        }
    }
    println!("  as the input grows        parsing       cold run   ratio   peak memory");
    for ((factor, folder), (parse, cold)) in grown.iter().zip(times) {
        let texts = files_of(folder)?;
        let lines: usize = texts.iter().map(|(_, text)| text.lines().count()).sum();
        let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
        let (parse, cold) = (median(parse).as_secs_f64(), median(cold).as_secs_f64());
        let per_line = |time: f64| time * 1e9 / lines as f64;
        let peak = peak_of(folder)?.map_or_else(|| "?".to_owned(), |peak| format!("{:.2}", peak as f64 / bytes as f64));
        println!(
            "    {factor}x {lines:>8} lines {:>5.0} ns/line  {:>5.0} ns/line   {:5.2}   {peak} times the source",
            per_line(parse),
            per_line(cold),
            cold / parse,
        );
    }
    Ok(())
}

fn pool(threads: usize) -> Result<ThreadPool> {
    Ok(ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build()?)
}

/// Reads each file and does something with its text, scheduled as the engine does it.
fn each(pool: &ThreadPool, largest_first: &[PathBuf], work: fn(&str)) {
    let read = |path: &PathBuf| work(&fs::read_to_string(path).unwrap_or_default());
    pool.install(|| largest_first.iter().par_bridge().for_each(read));
}

fn largest_first(mut texts: Vec<(PathBuf, String)>) -> Vec<PathBuf> {
    texts.sort_by_key(|(_, text)| Reverse(text.len()));
    texts.into_iter().map(|(path, _)| path).collect()
}

/// What was measured of one folder.
#[derive(Default)]
struct Sample {
    files: usize,
    lines: usize,
    bytes: usize,
    parse: Duration,
    lower: Duration,
    cold: Duration,
    filling: Duration,
    warm: Duration,
    /// Of the cold run: name, time.
    phases: Vec<(&'static str, Duration)>,
}

impl Sample {
    fn take(folder: &Path, threads: usize) -> Result<Sample> {
        let pool = pool(threads)?;
        let project = project_of(folder)?;
        let texts = files_of(folder)?;
        let files = largest_first(files_of(folder)?);
        let cache = tempfile::tempdir().context("cannot make a folder for the cache")?;
        let cached = |place: PathBuf| Project { cache_dir: Some(place), ..project.clone() };
        let (mut parse, mut lowered, mut cold, mut filling, mut warm) = (vec![], vec![], vec![], vec![], vec![]);
        let mut phases: Vec<(&'static str, Vec<Duration>)> = Vec::new();
        for round in 0..ROUNDS {
            parse.push(timed(|| each(&pool, &files, parse_file)));
            lowered.push(timed(|| each(&pool, &files, lower_file)));
            let start = Instant::now();
            let report = check(project.clone(), threads, false)?;
            cold.push(start.elapsed());
            for phase in &report.stats.phases {
                match phases.iter_mut().find(|(name, _)| *name == phase.name) {
                    Some((_, times)) => times.push(phase.time),
                    None => phases.push((phase.name, vec![phase.time])),
                }
            }
            drop(report);
            let place = cache.path().join(round.to_string());
            let start = Instant::now();
            drop(check(cached(place.clone()), threads, true)?);
            filling.push(start.elapsed());
            let start = Instant::now();
            let report = check(cached(place), threads, true)?;
            warm.push(start.elapsed());
            ensure!(report.stats.cached > 0, "the second run took nothing from the cache");
        }
        Ok(Sample {
            files: texts.len(),
            lines: texts.iter().map(|(_, text)| text.lines().count()).sum(),
            bytes: texts.iter().map(|(_, text)| text.len()).sum(),
            parse: median(parse),
            lower: median(lowered),
            cold: median(cold),
            filling: median(filling),
            warm: median(warm),
            phases: phases.into_iter().map(|(name, times)| (name, median(times))).collect(),
        })
    }

    fn add(&mut self, other: &Sample) {
        self.bytes += other.bytes;
        self.parse += other.parse;
        self.lower += other.lower;
        self.cold += other.cold;
    }

    fn print_row(&self, name: &str) {
        let [parse, lower, cold] = [self.parse, self.lower, self.cold].map(|time| time.as_secs_f64() * 1000.0);
        println!("{name:<26} {:>9} {parse:>10.1} {lower:>10.1} {cold:>10.1}   {:5.2}", self.bytes, cold / parse);
    }

    fn print(&self, copies: usize) {
        let times = if copies > 1 { format!(", {copies} copies") } else { String::new() };
        println!("  {} files, {} lines, {} bytes{times}", self.files, self.lines, self.bytes);
        let row = |name: &str, time: Duration| {
            let ratio = time.as_secs_f64() / self.parse.as_secs_f64();
            println!("  {name:<42} {:9.1}   {ratio:5.2}", time.as_secs_f64() * 1000.0);
        };
        row("syn::parse_file, files read", self.parse);
        row("lowering alone, files read", self.lower);
        row("cold run: read, lower, join, link, judge", self.cold);
        for (name, time) in &self.phases {
            row(&format!("  of which {name}"), *time);
        }
        row("cold run that fills the cache", self.filling);
        row("warm run", self.warm);
    }
}

/// One side: what every linter on syn has to do.
fn parse_file(text: &str) {
    // Spans are kept for each thread until told otherwise; the other side does the same.
    proc_macro2::extra::invalidate_current_thread_spans();
    drop(syn::parse_file(text));
}

/// The same with the summary made.
fn lower_file(text: &str) {
    drop(lower(text));
}

/// The other side: a whole run, as the command line does it.
fn check(project: Project, threads: usize, use_cache: bool) -> Result<cargo_spawnlint::report::Report> {
    let options = Options { jobs: threads, use_cache, texts: Texts::Reported, ..Options::new(RULES) };
    Ok(Engine::open(project, options)?.check())
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The most memory that a process held which did nothing but one cold run. In bytes; `None` where no system tells.
fn peak_of(folder: &Path) -> Result<Option<usize>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let output = Command::new(env::current_exe()?).arg(PEAK).arg(folder).output()?;
    if !output.status.success() {
        bail!("the process that measures memory failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(Some(String::from_utf8(output.stdout)?.trim().parse()?))
}

fn print_own_peak(folder: &Path) -> Result<()> {
    let report = check(project_of(folder)?, threads()?, false)?;
    let peak = peak_in("/proc/self/status").context("the system tells no peak")?;
    drop(report);
    println!("{peak}");
    Ok(())
}

/// What the command line finds in a folder: a workspace, or plain files where there is no Cargo.toml.
fn project_of(folder: &Path) -> Result<Project> {
    let folder = folder.canonicalize().with_context(|| format!("cannot find the folder {}", folder.display()))?;
    let manifest = folder.join("Cargo.toml");
    if !manifest.exists() {
        return discover_loose(&folder, slice::from_ref(&folder));
    }
    let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let cargo = Cargo { program: program.into(), cwd: folder, target_dir: None };
    Ok(discover(&cargo, &manifest))
}

/// The files that a run over a folder looks at, with their texts.
fn files_of(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let folder = folder.canonicalize().with_context(|| format!("cannot find the folder {}", folder.display()))?;
    let paths = project_of(&folder)?.files;
    paths.into_iter().map(|path| Ok((path.clone(), fs::read_to_string(path)?))).collect()
}

fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    let from = from.canonicalize().with_context(|| format!("cannot find the folder {}", from.display()))?;
    for (path, text) in files_of(&from)? {
        let target = to.join(path.strip_prefix(&from)?);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::write(target, text)?;
    }
    Ok(())
}
