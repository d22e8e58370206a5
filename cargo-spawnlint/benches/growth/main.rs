//! How time and memory grow with the input, shape by shape.
//!
//! `cargo bench -p cargo-spawnlint --bench growth [-- part-of-a-name..]`. Each shape is made ever larger, until a run
//! takes a second or the text is long enough; of the last four sizes, n, 2n, 4n and 8n, time and peak memory are told,
//! and with which power of the text's length they grow: 1 is linear. Each measurement is a process of its own, so that
//! one that does not end, or takes all memory, is one line of the output. `docs/performance.md` says what is promised.

#[expect(dead_code, unreachable_pub, reason = "it is a module of the tests, which ask more of it")]
#[path = "../../../tests/src/shapes.rs"]
mod hostile;
mod shapes;

use anyhow::{Context, Result, bail, ensure};
use cargo_spawnlint::{
    engine::{Engine, Options, Texts},
    project::discover_loose,
};
use shapes::Shape;
use spawnlint_rules::rules::RULES;
use std::{
    env, fs,
    io::{Read, Seek},
    path::Path,
    process::{Command, ExitCode, Stdio},
    slice,
    time::{Duration, Instant},
};
use wait_timeout::ChildExt;

/// A measurement that takes longer is ended.
const LIMIT: Duration = Duration::from_secs(20);
/// So is one that asks for more memory, in bytes.
const MEMORY: u64 = 2 << 30;

/// A shape grows until a run takes this long.
const WORTHWHILE: Duration = Duration::from_secs(1);
/// Or until its text is longer than this, in bytes.
const LARGEST: usize = 8 << 20;
/// The first size.
const SMALLEST: usize = 2;

/// The power that time and memory may grow with, and the same of a text in which n things use n things each.
const MOST: f64 = 1.15;
const MOST_OF_SQUARES: f64 = 1.3;

/// Less than this cannot be compared: time of a run, and memory over that of an empty file, in bytes.
const QUICK: Duration = Duration::from_millis(2);
const LITTLE: usize = 1 << 20;

/// The first argument of the process that is measured.
const RUN: &str = "--run-on";

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
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [flag, folder] = &args[..]
        && flag == RUN
    {
        return measure_own_run(Path::new(folder));
    }
    let wanted = |name: &str| args.is_empty() || args.iter().any(|part| name.contains(part));
    let hostile = hostile::SHAPES.iter().map(|it| (it.name, it.text));
    let shapes: Vec<Shape> = shapes::SHAPES.iter().copied().chain(hostile).filter(|(name, _)| wanted(name)).collect();
    ensure!(!shapes.is_empty(), "no shape has such a name");
    let base = sample(1, "")?.peak;
    println!("times in ms, memory in MB over the {} MB of an empty file; `-`: too little to tell\n", base >> 20);
    println!(
        "{:<34} {:>8} {:>9} {:>31}  power {:>27}  power",
        "shape", "8n", "bytes", "time at n, 2n, 4n, 8n", "memory at n, 2n, 4n, 8n"
    );
    let mut too_fast = 0;
    for (name, text) in &shapes {
        let growth = Growth::of(*text);
        println!("{name:<34} {}", growth.row(base));
        too_fast += usize::from(!growth.is_kept(base));
    }
    println!("\n{} shapes, {too_fast} of them grow faster than promised, marked with `!`", shapes.len());
    Ok(())
}

/// What one run took.
struct Sample {
    n: usize,
    bytes: usize,
    time: Duration,
    /// In bytes.
    peak: usize,
}

/// How a shape grows.
struct Growth {
    /// The last sizes that could be measured, four if so many could.
    samples: Vec<Sample>,
    /// Of the next size, why it could not be.
    failed: Option<(usize, String)>,
}

impl Growth {
    fn of(text: fn(usize) -> String) -> Growth {
        let mut growth = Growth { samples: Vec::new(), failed: None };
        let mut n = SMALLEST;
        while growth.samples.last().is_none_or(|last| last.time < WORTHWHILE) {
            let text = text(n);
            if text.len() > LARGEST {
                break;
            }
            match sample(n, &text) {
                Ok(sample) => growth.samples.push(sample),
                Err(error) => {
                    growth.failed = Some((n, format!("{error:#}")));
                    break;
                }
            }
            n *= 2;
        }
        growth.samples.drain(..growth.samples.len().saturating_sub(4));
        growth
    }

    /// Whether the promises are kept, as far as this can be told.
    fn is_kept(&self, base: usize) -> bool {
        let most = self.most();
        self.hangs().is_none()
            && [self.power_of_time(), self.power_of_memory(base)].iter().flatten().all(|it| *it <= most)
    }

    /// The size at which it takes too much time or memory. What is refused with a message is none of these.
    fn hangs(&self) -> Option<usize> {
        self.failed.as_ref().filter(|(_, why)| !why.starts_with(REFUSED)).map(|(n, _)| *n)
    }

    fn most(&self) -> f64 {
        let is_square = self.power(|it| Some(it.n as f64), |it| Some(it.bytes as f64)).is_some_and(|power| power > 1.5);
        if is_square { MOST_OF_SQUARES } else { MOST }
    }

    fn power_of_time(&self) -> Option<f64> {
        let time = |it: &Sample| (it.time >= QUICK).then_some(it.time.as_secs_f64());
        self.power(|it| Some(it.bytes as f64), time)
    }

    fn power_of_memory(&self, base: usize) -> Option<f64> {
        let memory = |it: &Sample| it.peak.checked_sub(base).filter(|it| *it >= LITTLE).map(|it| it as f64);
        self.power(|it| Some(it.bytes as f64), memory)
    }

    /// `of` grows with this power of `with`, from the first sample that has enough of it to the last.
    fn power(&self, with: fn(&Sample) -> Option<f64>, of: impl Fn(&Sample) -> Option<f64>) -> Option<f64> {
        let mut known = self.samples.iter().filter_map(|it| Some((with(it)?, of(it)?)));
        let (first, last) = (known.next()?, known.last()?);
        Some((last.1 / first.1).ln() / (last.0 / first.0).ln())
    }

    fn row(&self, base: usize) -> String {
        let list = |value: &dyn Fn(&Sample) -> String| self.samples.iter().map(value).collect::<Vec<_>>().join(" ");
        let times = list(&|it| format!("{:7.1}", it.time.as_secs_f64() * 1000.0));
        let peaks = list(&|it| format!("{:6.1}", it.peak.saturating_sub(base) as f64 / f64::from(1 << 20)));
        let power = |power: Option<f64>| match power {
            Some(power) => format!("{power:5.2}{}", if power > self.most() { '!' } else { ' ' }),
            None => "    - ".to_owned(),
        };
        let (n, bytes) = self.samples.last().map_or((0, 0), |it| (it.n, it.bytes));
        let (time, memory) = (power(self.power_of_time()), power(self.power_of_memory(base)));
        let mark = if self.hangs().is_some() { "! " } else { "" };
        let end = self.failed.as_ref().map(|(n, why)| format!(" {mark}n = {n}: {why}")).unwrap_or_default();
        format!("{n:>8} {bytes:>9} {times:>31} {time} {peaks:>27} {memory}{end}")
    }
}

/// How a failure begins which is an answer: the text is not judged, and the user is told so.
const REFUSED: &str = "refused: ";

/// Measures a text in a process of its own.
fn sample(n: usize, text: &str) -> Result<Sample> {
    let folder = tempfile::tempdir().context("cannot make a folder for the text")?;
    write_files(text, folder.path())?;
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut command = Command::new(env::current_exe()?);
    // The first line is to tell why it failed; a backtrace would stand before that.
    command.arg(RUN).arg(folder.path()).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    let mut child = command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?).spawn()?;
    let Some(status) = child.wait_timeout(LIMIT)? else {
        child.kill()?;
        child.wait()?;
        bail!("over {} s", LIMIT.as_secs());
    };
    if !status.success() {
        let stderr = text_of(&mut stderr)?;
        let why = stderr.lines().find(|line| !line.is_empty()).unwrap_or("it ended without a word");
        bail!("{}", why.trim_start_matches("error: "));
    }
    let stdout = text_of(&mut stdout)?;
    let (time, peak) = stdout.trim().split_once(' ').context("the process that is measured tells no figures")?;
    Ok(Sample { n, bytes: text.len(), time: Duration::from_nanos(time.parse()?), peak: peak.parse()? })
}

/// A text is one file, unless it has lines `//- path`, each of which begins another one.
fn write_files(text: &str, folder: &Path) -> Result<()> {
    let mut parts = text.split("//- ");
    fs::write(folder.join("lib.rs"), parts.next().unwrap_or_default())?;
    for part in parts {
        let (path, text) = part.split_once('\n').context("a `//-` line ends the text")?;
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn text_of(file: &mut fs::File) -> Result<String> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// Prints the nanoseconds of the quickest of a few runs, and the peak memory of the first one in bytes.
fn measure_own_run(folder: &Path) -> Result<()> {
    limit_memory()?;
    let begin = Instant::now();
    let first = timed_run(folder)?;
    let peak = own_peak()?;
    let mut quickest = first;
    for _ in 0..4 {
        if begin.elapsed() < WORTHWHILE / 2 {
            quickest = quickest.min(timed_run(folder)?);
        }
    }
    println!("{} {peak}", quickest.as_nanos());
    Ok(())
}

fn timed_run(folder: &Path) -> Result<Duration> {
    let folder = folder.canonicalize()?;
    let project = discover_loose(&folder, slice::from_ref(&folder))?;
    let jobs = env::var("SPAWNLINT_BENCH_JOBS").ok().and_then(|it| it.parse().ok());
    let jobs = jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let options = Options { jobs, use_cache: false, texts: Texts::Reported, ..Options::new(RULES) };
    let start = Instant::now();
    let report = Engine::open(project, options)?.check();
    let time = start.elapsed();
    if let Some(problem) = report.problems.first() {
        bail!("{REFUSED}{}", problem.message);
    }
    Ok(time)
}

#[cfg(unix)]
fn limit_memory() -> Result<()> {
    rlimit::setrlimit(rlimit::Resource::AS, MEMORY, MEMORY).context("the system does not limit memory")
}

/// There, only time is limited.
#[cfg(not(unix))]
fn limit_memory() -> Result<()> {
    Ok(())
}

fn own_peak() -> Result<usize> {
    if !cfg!(target_os = "linux") {
        return Ok(0);
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system tells no peak")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<usize>()? << 10)
}
