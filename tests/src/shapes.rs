//! Texts of any size on which version 0.1 was slow, endless or hungry. Not all of them would compile; each parses.

/// A kind of text.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// What there is much of.
    pub name: &'static str,
    /// The text of a size.
    pub text: fn(usize) -> String,
    /// From this size on version 0.1 took seconds, or did not end.
    pub bad: usize,
    /// Whether the questions about it become so many that some have to be given up.
    pub explodes: bool,
}

/// All of them.
pub const SHAPES: &[Shape] = &[
    shape("abort_clone", abort_clone, 80, false),
    shape("aliases_twice", aliases_twice, 30, true),
    shape("arc_self", arc_self, 300, false),
    shape("assign_cycle", assign_cycle, 60, true),
    shape("assign_loop", assign_loop, 320, true),
    shape("callers_fanin_future", callers_fanin_future, 60, true),
    shape("callers_fanin_handle", callers_fanin_handle, 30, false),
    shape("drop_guards", drop_guards, 300, false),
    shape("fields_mutual", fields_mutual, 60, false),
    shape("format_nested", format_nested, 2_000, false),
    shape("globs", globs, 300, false),
    shape("globs_cross", globs_cross, 6, false),
    shape("handle_ref", handle_ref, 20, false),
    shape("handle_store", handle_store, 30, false),
    shape("handle_store_self", handle_store_self, 60, false),
    shape("joinset_field", joinset_field, 40, false),
    shape("joinset_ref", joinset_ref, 40, false),
    shape("labels", labels, 500, false),
    shape("long_line", long_line, 400, false),
    shape("loops_nested", loops_nested, 500, false),
    shape("macro_nested", macro_nested, 2_000, false),
    shape("many_spawns", many_spawns, 400, false),
    shape("many_spawns_chan", many_spawns_chan, 300, false),
    shape("match_arms", match_arms, 400, false),
    shape("push_cycle", push_cycle, 40, true),
    shape("race_fanin", race_fanin, 40, false),
    shape("same_method", same_method, 200, false),
    shape("select_many", select_many, 1_000, false),
    shape("senders_fields", senders_fields, 200, false),
    shape("store_cycle", store_cycle, 20, false),
    shape("store_pattern", store_pattern, 16, false),
    shape("structs_same_field", structs_same_field, 200, false),
    shape("supertraits", supertraits, 100, false),
    shape("suppress", suppress, 300, false),
    shape("trait_impls", trait_impls, 300, false),
    shape("wraps", wraps, 4, false),
];

const fn shape(name: &'static str, text: fn(usize) -> String, bad: usize, explodes: bool) -> Shape {
    Shape { name, text, bad, explodes }
}

const USES: &str = "use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
";
const LOOP: &str = "loop { tokio::time::sleep(Duration::from_secs(1)).await; }";
const SPAWN: &str = "tokio::spawn(async { loop { tokio::time::sleep(Duration::from_secs(1)).await; } })";
/// How many functions, one calling the next, a fan-out goes through.
const LEVELS: usize = 10;

/// Some text for each number below `n`.
fn each(n: usize, text: impl Fn(usize) -> String) -> String {
    (0..n).map(text).collect()
}

/// The uses, and the text of each number.
fn items(n: usize, text: impl Fn(usize) -> String) -> String {
    format!("{USES}{}", each(n, text))
}

/// A function around a text, behind the uses.
fn in_function(body: &str) -> String {
    format!("{USES}pub fn go() {{ {body} }}\n")
}

fn abort_clone(n: usize) -> String {
    let levels = items(LEVELS, |i| {
        let next = i + 1;
        format!("fn f{i}(h: AbortHandle) {{ {} }}\n", format!("f{next}(h.clone()); ").repeat(n))
    });
    format!(
        "{levels}fn f{LEVELS}(h: AbortHandle) {{ h.is_finished(); }}
pub fn go() {{ let h = {SPAWN}.abort_handle(); f0(h); }}\n"
    )
}

/// Each alias names the one before it twice.
fn aliases_twice(n: usize) -> String {
    let aliases = each(n, |i| format!("type A{}<T> = (A{i}<T>, A{i}<T>);\n", i + 1));
    format!(
        "{USES}type A0<T> = mpsc::Receiver<T>;
{aliases}pub fn go(mut all: A{n}<u8>) {{ tokio::spawn(async move {{ while let Some(_) = all.recv().await {{}} }}); }}\n"
    )
}

fn arc_self(n: usize) -> String {
    items(n, |i| {
        let (next, third) = ((i + 1) % n, (i * 3 + 1) % n);
        format!(
            "pub struct S{i} {{ a: Arc<S{next}>, b: Arc<S{third}>, tx: mpsc::Sender<u8> }}
impl S{i} {{
    pub fn start(self: Arc<Self>, mut rx: mpsc::Receiver<u8>) {{
        let me = self.clone();
        tokio::spawn(async move {{ while let Some(x) = rx.recv().await {{ me.on(x).await; }} }});
    }}
    async fn on(&self, x: u8) {{ self.a.on(x).await; self.b.on(x).await; }}
}}\n"
        )
    })
}

fn assign_cycle(n: usize) -> String {
    let lets = each(n, |i| format!("let mut v{i} = None; "));
    let moves = each(n, |i| each(n, |k| format!("v{i} = v{k}.take(); ")));
    in_function(&format!("{lets} v0 = Some({SPAWN}); loop {{ {moves} }}"))
}

fn assign_loop(n: usize) -> String {
    let starts = format!("if c() {{ self.t = Some({SPAWN}); }}\n").repeat(n);
    format!("{USES}pub struct S {{ t: Option<JoinHandle<()>> }}\nimpl S {{ pub fn go(&mut self) {{ {starts} }} }}\n")
}

fn callers_fanin_future(n: usize) -> String {
    let levels = items(LEVELS - 1, |i| {
        let level = i + 1;
        let calls = format!("w{i}(f()); ").repeat(n);
        format!("fn w{level}<F: Fn() -> G, G: Future<Output = ()> + Send + 'static>(f: F) {{ {calls} }}\n")
    });
    let last = LEVELS - 1;
    format!(
        "{levels}fn w0<F: Future<Output = ()> + Send + 'static>(f: F) {{ tokio::spawn(f); }}
pub fn go() {{ w{last}(|| async {{ {LOOP} }}); }}\n"
    )
}

fn callers_fanin_handle(n: usize) -> String {
    let levels = items(LEVELS - 1, |i| {
        let level = i + 1;
        let calls = each(n, |k| format!("if c({k}) {{ return w{i}(); }} "));
        format!("fn w{level}() -> JoinHandle<()> {{ {calls} w{i}() }}\n")
    });
    let last = LEVELS - 1;
    format!("{levels}fn w0() -> JoinHandle<()> {{ {SPAWN} }}\npub fn go() {{ let h = w{last}(); drop(h); }}\n")
}

fn drop_guards(n: usize) -> String {
    let guards = items(n, |i| {
        let (next, third) = ((i + 1) % n, (i * 3 + 1) % n);
        format!(
            "pub struct G{i} {{ task: JoinHandle<()>, inner: Option<Arc<G{next}>>, other: Option<Box<G{third}>> }}
impl Drop for G{i} {{ fn drop(&mut self) {{ stop(&self.task); }} }}
pub fn make{i}() -> G{i} {{ G{i} {{ task: {SPAWN}, inner: None, other: None }} }}
pub fn use{i}() {{ let g = make{i}(); foo(g); }}\n"
        )
    });
    format!("{guards}fn stop(t: &JoinHandle<()>) {{ t.abort(); }}\n")
}

fn fields_mutual(n: usize) -> String {
    let structs = items(n, |i| {
        let (next, other) = ((i + 1) % n, (i * 7 + 3) % n);
        format!(
            "pub struct S{i} {{ task: JoinHandle<()> }}
impl S{i} {{
    pub fn new() -> Self {{ S{i} {{ task: tokio::spawn(run()) }} }}
    pub fn with(task: JoinHandle<()>) -> Self {{ S{i} {{ task }} }}
    pub fn go(self) {{ S{next}::with(self.task); }}
    pub fn give(self) {{ S{other}::with(self.task); }}
}}\n"
        )
    });
    format!("{structs}async fn run() {{ {LOOP} }}\n")
}

fn format_nested(n: usize) -> String {
    in_function(&format!("{}1{};", "println!(".repeat(n), ")".repeat(n)))
}

fn globs(n: usize) -> String {
    items(n, |i| {
        let (next, third) = ((i + 1) % n, (i * 3 + 1) % n);
        format!(
            "pub mod m{i} {{
    pub use super::m{next}::*;
    pub use super::m{third}::*;
    pub fn g{i}() {{ unknown(); tokio::spawn(async move {{ loop {{ zzz().await; }} }}); }}
}}\n"
        )
    })
}

fn globs_cross(n: usize) -> String {
    items(n, |i| {
        let others = each(n, |k| if k == i { String::new() } else { format!("pub use super::m{k}::*; ") });
        format!(
            "pub mod m{i} {{ {others}pub fn g{i}() {{
    nope{i}();
    tokio::spawn(async move {{ loop {{ zz{i}().await; }} }});
}} }}\n"
        )
    })
}

fn handle_ref(n: usize) -> String {
    let levels = items(LEVELS, |i| {
        let next = i + 1;
        format!("fn f{i}(h: &JoinHandle<()>) {{ {} }}\n", format!("f{next}(h); ").repeat(n))
    });
    format!(
        "{levels}fn f{LEVELS}(h: &JoinHandle<()>) {{ h.is_finished(); }}
pub fn go() {{ let h = {SPAWN}; f0(&h); }}\n"
    )
}

fn handle_store(n: usize) -> String {
    let levels = items(LEVELS, |i| {
        let next = i + 1;
        let gives = each(n, |k| format!("pub fn g{k}(self) {{ let x = S{next} {{ t: self.t }}; keep(x); }}\n"));
        format!("pub struct S{i} {{ t: JoinHandle<()> }}\nimpl S{i} {{ {gives} }}\n")
    });
    format!("{levels}pub struct S{LEVELS} {{ t: JoinHandle<()> }}\npub fn go() -> S0 {{ S0 {{ t: {SPAWN} }} }}\n")
}

fn handle_store_self(n: usize) -> String {
    let structs = items(3, |i| {
        let next = (i + 1) % 3;
        let gives = each(n, |k| format!("pub fn g{k}(&mut self) -> S{next} {{ S{next} {{ t: self.t.take() }} }}\n"));
        format!("pub struct S{i} {{ t: Option<JoinHandle<()>> }}\nimpl S{i} {{ {gives} }}\n")
    });
    format!("{structs}pub fn go() -> S0 {{ S0 {{ t: Some({SPAWN}) }} }}\n")
}

fn joinset_field(n: usize) -> String {
    let levels = each(LEVELS, |i| {
        let next = i + 1;
        format!("fn f{i}(&mut self) {{ {} }}\n", format!("self.f{next}(); ").repeat(n))
    });
    format!(
        "{USES}pub struct S {{ set: JoinSet<()> }}
impl S {{
{levels}fn f{LEVELS}(&mut self) {{ self.set.spawn(async move {{ {LOOP} }}); }}
pub fn go() {{ let mut s = S {{ set: JoinSet::new() }}; s.f0(); }}
}}\n"
    )
}

fn joinset_ref(n: usize) -> String {
    let levels = items(LEVELS, |i| {
        let next = i + 1;
        format!("fn f{i}(t: &mut JoinSet<()>) {{ {} }}\n", format!("f{next}(t); ").repeat(n))
    });
    format!(
        "{levels}fn f{LEVELS}(t: &mut JoinSet<()>) {{ t.spawn(async move {{ {LOOP} }}); }}
pub fn go() {{ let mut s = JoinSet::new(); f0(&mut s); }}\n"
    )
}

fn labels(n: usize) -> String {
    let open = each(n, |i| format!("'l{i}: loop {{ if a() {{ continue 'l{}; }} ", i.saturating_sub(1)));
    in_function(&format!("tokio::spawn(async move {{ {open} x().await; {} }});", "}".repeat(n)))
}

fn long_line(n: usize) -> String {
    in_function(&format!("{SPAWN}; ").repeat(n))
}

fn loops_nested(n: usize) -> String {
    let open = "loop { if a() { break; } ".repeat(n);
    in_function(&format!("tokio::spawn(async move {{ {open} x().await; {} }});", "}".repeat(n)))
}

fn macro_nested(n: usize) -> String {
    in_function(&format!("{}1{}", "m!{".repeat(n), "}".repeat(n)))
}

fn many_spawns(n: usize) -> String {
    let spawns = each(n, |i| format!("let h{i} = {SPAWN};\n"));
    let aborts = each(n, |i| if i % 2 == 0 { format!("h{i}.abort();\n") } else { String::new() });
    in_function(&format!("{spawns}{aborts}"))
}

fn many_spawns_chan(n: usize) -> String {
    let spawns = each(n, |i| {
        format!("let t{i} = tx.clone(); let h{i} = tokio::spawn(async move {{ loop {{ t{i}.send(1).await; }} }});\n")
    });
    in_function(&format!(
        "let (tx, mut rx) = mpsc::channel::<u8>(1);\n{spawns}
tokio::spawn(async move {{ while let Some(_) = rx.recv().await {{}} }});"
    ))
}

fn match_arms(n: usize) -> String {
    let arms = each(n, |i| format!("{i} => {{ {SPAWN}; }}\n"));
    in_function(&format!("match c() {{ {arms} _ => {{}} }}"))
}

fn push_cycle(n: usize) -> String {
    let lets = each(n, |i| format!("let mut v{i} = Vec::new(); "));
    let moves = each(n, |i| each(n, |k| format!("v{i}.push(v{k}.pop().unwrap()); ")));
    in_function(&format!("{lets} v0.push({SPAWN}); loop {{ {moves} }}"))
}

fn race_fanin(n: usize) -> String {
    let levels = items(LEVELS - 1, |i| {
        let level = i + 1;
        format!("async fn w{level}() {{ {} }}\n", each(n, |k| format!("if c({k}) {{ w{i}().await; }} ")))
    });
    let last = LEVELS - 1;
    format!("{levels}async fn w0() {{ let h = {SPAWN}; h.await; }}\npub async fn go() {{ w{last}().await; }}\n")
}

fn same_method(n: usize) -> String {
    items(n, |i| {
        format!(
            "pub struct S{i};
impl S{i} {{
    pub async fn run(self, x: X) {{ x.unknown().run(x).await; y().run(x).await; }}
    pub fn start(self, x: X) {{ tokio::spawn(async move {{ x.get().run(x).await }}); x.other().start(x); }}
}}\n"
        )
    })
}

fn select_many(n: usize) -> String {
    let arms = each(n, |i| format!("x = a{i}.recv() => {{ foo(x); }}\n"));
    in_function(&format!("tokio::spawn(async move {{ loop {{ tokio::select! {{ {arms} }} }} }});"))
}

fn senders_fields(n: usize) -> String {
    items(n, |i| {
        let next = (i + 1) % n;
        format!(
            "pub struct S{i} {{ tx: mpsc::Sender<u8>, next: Arc<S{next}> }}
impl S{i} {{
    pub fn new(next: Arc<S{next}>) -> Self {{
        let (tx, mut rx) = mpsc::channel(1);
        let t2 = tx.clone();
        tokio::spawn(async move {{ while let Some(x) = rx.recv().await {{ t2.send(x).await; }} }});
        S{i} {{ tx, next }}
    }}
    pub fn get(&self) -> mpsc::Sender<u8> {{ self.tx.clone() }}
    pub fn other(&self) -> mpsc::Sender<u8> {{ self.next.get() }}
}}\n"
        )
    })
}

fn store_cycle(n: usize) -> String {
    let structs = items(n, |i| {
        let gives = each(n, |k| format!("pub fn to{k}(self) -> S{k} {{ S{k} {{ t: self.t }} }}\n"));
        format!("pub struct S{i} {{ t: JoinHandle<()> }}\nimpl S{i} {{ {gives} }}\n")
    });
    format!("{structs}pub fn go() -> S0 {{ S0 {{ t: {SPAWN} }} }}\n")
}

fn store_pattern(n: usize) -> String {
    let enums = items(n, |i| {
        let gives = each(n, |k| {
            format!(
                "pub fn to{k}(self) -> S{k} {{ match self {{
    S{i}::Idle => S{k}::Idle,
    S{i}::Run {{ t }} => S{k}::Run {{ t }},
    S{i}::Other(t) => S{k}::Other(t),
}} }}\n"
            )
        });
        format!(
            "pub enum S{i} {{ Idle, Run {{ t: JoinHandle<()> }}, Other(JoinHandle<()>) }}\nimpl S{i} {{ {gives} }}\n"
        )
    });
    format!("{enums}pub fn go() -> S0 {{ S0::Run {{ t: {SPAWN} }} }}\n")
}

fn structs_same_field(n: usize) -> String {
    let structs = items(n, |i| {
        let next = (i + 1) % n;
        format!(
            "pub struct S{i} {{ task: JoinHandle<()>, next: Option<Box<S{next}>> }}
impl S{i} {{
    pub fn new() -> Self {{ S{i} {{ task: {SPAWN}, next: None }} }}
    pub fn stop(self) {{ let t = self.task; helper(t); }}
    pub fn get(&self) -> &JoinHandle<()> {{ &self.task }}
}}\n"
        )
    });
    format!("{structs}fn helper(t: JoinHandle<()>) {{ t.abort(); }}\n")
}

fn supertraits(n: usize) -> String {
    let traits = items(n, |i| {
        let (next, above) = ((i + 1) % n, each(i, |k| format!("T{k} + ")));
        format!(
            "pub trait T{i}: {above}Send {{ fn m{i}(&self); }}
impl<X: T{next}> T{i} for X {{ fn m{i}(&self) {{ self.m{next}(); self.nope(); }} }}\n"
        )
    });
    let last = n - 1;
    format!("{traits}pub fn go<X: T{last}>(s: X) {{ tokio::spawn(async move {{ s.m0(); s.zzz().await; }}); }}\n")
}

fn suppress(n: usize) -> String {
    items(n, |i| format!("// spawnlint: allow(detached_task) -- reason {i}\npub fn g{i}() {{ {SPAWN}; }}\n"))
}

fn trait_impls(n: usize) -> String {
    let traits = items(n, |i| {
        format!(
            "pub struct S{i};
impl T for S{i} {{ async fn run(&self, t: Arc<dyn T>) {{ t.run(t.clone()).await; wait({i}).await; }} }}\n"
        )
    });
    format!(
        "{traits}pub trait T: Send + Sync {{ async fn run(&self, t: Arc<dyn T>); }}
pub fn go(t: Arc<dyn T>) {{ tokio::spawn(async move {{ t.run(t.clone()).await; }}); }}\n"
    )
}

/// Each call wraps what it was given in another way than its neighbours: n to the power of `LEVELS` values, of which no
/// answer needs more than the outermost part.
fn wraps(n: usize) -> String {
    let levels = items(LEVELS, |i| {
        let calls = each(n, |k| format!("f{}(({k}, f)).await; ", i + 1));
        format!("async fn f{i}<F>(f: F) {{ {calls} }}\n")
    });
    format!(
        "{levels}async fn f{LEVELS}<F: Future>(f: F) {{ f.await; }}
pub fn go() {{ tokio::spawn(f0(async {{ {LOOP} }})); }}\n"
    )
}
