//! How fast a run is, beside what no linter on syn can do without: parsing the same files.
//!
//! `cargo bench -p cargo-spawnlint -- [folder]..`, or the folders in `SPAWNLINT_BENCH`, separated as in `PATH`.
//! Without any, the sources of this repository are measured. `docs/performance.md` says how to read the output.

use anyhow::{Context, Result, bail, ensure};
use cargo_spawnlint::{
    engine::{Engine, Options, Texts},
    lower::lower,
    project::{Project, discover_loose},
};
use rayon::prelude::*;
use spawnlint_rules::rules::RULES;
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

/// Both sides parse on threads with the stack that the linter gives its own.
const STACK: usize = 16 << 20;

/// Each figure is the middle one of so many runs. The sides take turns, so that a busy machine slows all of them.
const ROUNDS: usize = 9;

/// Input below this size is copied until it has it; what takes milliseconds cannot be measured. In bytes.
const WORTHWHILE: usize = 2 << 20;

/// The first argument of the process that measures its own memory.
const PEAK: &str = "--peak-of";

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
    let named = env::var_os("SPAWNLINT_BENCH").filter(|_| args.is_empty());
    let folders: Vec<PathBuf> = match named {
        Some(list) => env::split_paths(&list).collect(),
        None => args.into_iter().map(PathBuf::from).collect(),
    };
    let scratch = tempfile::tempdir().context("cannot make a folder for copies")?;
    let inputs = if folders.is_empty() { vec![own_sources(scratch.path())?] } else { folders };
    let threads = threads()?;
    println!("{threads} threads; every time is the median of {ROUNDS} runs, in milliseconds");
    for (at, input) in inputs.iter().enumerate() {
        measure(input, &scratch.path().join(at.to_string()), threads)?;
    }
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
    for part in ["test-fixtures/workspaces/streaming-service", "cargo-spawnlint/src", "rules/src", "tests"] {
        copy_sources(&repository.join(part), &folder.join(part))?;
    }
    Ok(folder)
}

fn measure(input: &Path, scratch: &Path, threads: usize) -> Result<()> {
    println!("\n{}", input.file_name().unwrap_or(input.as_os_str()).to_string_lossy());
    let bytes = files_of(input)?.iter().map(|(_, text)| text.len()).sum::<usize>();
    ensure!(bytes > 0, "there are no Rust files in {}", input.display());
    let copies = WORTHWHILE.div_ceil(bytes);
    let mut growth = Vec::new();
    for (row, factor) in [1, 2, 4].into_iter().enumerate() {
        let folder = scratch.join(factor.to_string());
        for copy in 0..copies * factor {
            copy_sources(input, &folder.join(format!("copy{copy}")))?;
        }
        let sample = Sample::take(&folder, threads)?;
        if row == 0 {
            sample.print(copies, &folder)?;
        }
        growth.push((factor, sample));
    }
    println!("  growth, in nanoseconds for each line");
    for (factor, sample) in growth {
        let per_line = |time: Duration| time.as_nanos() as usize / sample.lines;
        let (parse, cold, peak) =
            (per_line(sample.parse), per_line(sample.cold), peak_of(&scratch.join(factor.to_string()))?);
        let per_byte = peak.map_or_else(|| "?".to_owned(), |peak| format!("{:.2}", peak as f64 / sample.bytes as f64));
        println!("    {factor}x: parsing {parse}, cold run {cold}; peak memory {per_byte} times the source");
    }
    Ok(())
}

/// What was measured of one folder.
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
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build()?;
        let project = discover_loose(folder, &[folder.to_owned()])?;
        let texts = files_of(folder)?;
        let cache = tempfile::tempdir().context("cannot make a folder for the cache")?;
        let cached = |place: PathBuf| Project { cache_dir: Some(place), ..project.clone() };
        let (mut parse, mut lowered, mut cold, mut filling, mut warm) = (vec![], vec![], vec![], vec![], vec![]);
        let mut phases: Vec<(&'static str, Vec<Duration>)> = Vec::new();
        for round in 0..ROUNDS {
            parse.push(timed(|| {
                pool.install(|| texts.par_iter().with_max_len(1).for_each(|(path, _)| parse_file(path)))
            }));
            lowered.push(timed(|| {
                pool.install(|| texts.par_iter().with_max_len(1).for_each(|(path, _)| lower_file(path)))
            }));
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

    fn print(&self, copies: usize, folder: &Path) -> Result<()> {
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
        match peak_of(folder)? {
            Some(peak) => {
                let ratio = peak as f64 / self.bytes as f64;
                println!(
                    "  {:<42} {:9.1}   {ratio:5.2}",
                    "peak memory, MiB, and times the source",
                    peak as f64 / f64::from(1 << 20)
                );
            }
            None => println!("  peak memory is known on Linux only"),
        }
        Ok(())
    }
}

/// One side: what every linter on syn has to do.
fn parse_file(path: &Path) {
    let text = fs::read_to_string(path).unwrap_or_default();
    // Spans are kept for each thread until told otherwise; the other side does the same.
    proc_macro2::extra::invalidate_current_thread_spans();
    drop(syn::parse_file(&text));
}

/// The same with the summary made.
fn lower_file(path: &Path) {
    let text = fs::read_to_string(path).unwrap_or_default();
    drop(lower(&text));
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
    let report = check(discover_loose(folder, &[folder.to_owned()])?, threads()?, false)?;
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system tells no peak")?;
    let kibibytes: usize = line.trim().trim_end_matches(" kB").parse()?;
    drop(report);
    println!("{}", kibibytes << 10);
    Ok(())
}

/// The files that a run over a folder looks at, with their texts.
fn files_of(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let folder = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    let paths = discover_loose(&folder, std::slice::from_ref(&folder))?.files;
    paths.into_iter().map(|path| Ok((path.clone(), fs::read_to_string(path)?))).collect()
}

fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    let from = from.canonicalize().with_context(|| format!("there is no folder {}", from.display()))?;
    for (path, text) in files_of(&from)? {
        let target = to.join(path.strip_prefix(&from)?);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::write(target, text)?;
    }
    Ok(())
}
