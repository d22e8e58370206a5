//! Texts of a size set by n, each large in one way.

/// Its name, and the text: one file, or several, each begun by a line `//- path`.
pub(super) type Shape = (&'static str, fn(usize) -> String);

/// All of them.
pub(super) const SHAPES: &[Shape] = &[
    ("structs_with_one_field_name", structs_with_one_field_name),
    ("circle_of_calls", circle_of_calls),
    ("handle_down_a_chain", handle_down_a_chain),
    ("sender_down_a_chain", sender_down_a_chain),
    ("diamond_of_calls", diamond_of_calls),
    ("wrappers_round_one_spawn", wrappers_round_one_spawn),
    ("implementations_through_dyn", implementations_through_dyn),
    ("spawns_in_one_function", spawns_in_one_function),
    ("tasks_of_one_channel", tasks_of_one_channel),
    ("tasks_of_one_token", tasks_of_one_token),
    ("tasks_of_one_arc", tasks_of_one_arc),
    ("nested_blocks", nested_blocks),
    ("nested_closures", nested_closures),
    ("nested_async_blocks", nested_async_blocks),
    ("arms_of_a_match", arms_of_a_match),
    ("arms_of_a_select", arms_of_a_select),
    ("generic_type_of_a_depth", generic_type_of_a_depth),
    ("statics", statics),
    ("thread_locals", thread_locals),
    ("tokens_of_one_macro", tokens_of_one_macro),
    ("modules_that_glob_import", modules_that_glob_import),
    ("files_of_one_module", files_of_one_module),
    ("fields_of_a_depth", fields_of_a_depth),
    ("functions_of_one_name", functions_of_one_name),
];

const HEAD: &str = "\
use std::{future::Future, sync::{Arc, Mutex}, time::Duration};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;
";

/// What never ends by itself.
const ENDLESS: &str = "loop { tokio::time::sleep(Duration::from_secs(1)).await; }";

/// The head and a text for each number below n.
fn each(n: usize, text: impl Fn(usize) -> String) -> String {
    let mut all = HEAD.to_owned();
    (0..n).for_each(|i| all.push_str(&text(i)));
    all
}

fn structs_with_one_field_name(n: usize) -> String {
    each(n, |i| {
        format!(
            "pub struct S{i} {{ task: Option<JoinHandle<()>>, tx: mpsc::Sender<u8> }}
impl S{i} {{
    pub fn start(tx: mpsc::Sender<u8>) -> S{i} {{
        S{i} {{ task: Some(tokio::spawn(async move {{ {ENDLESS} }})), tx }}
    }}
    pub fn restart(&mut self) {{
        let old = self.task.take();
        self.task = Some(tokio::spawn(async move {{ {ENDLESS} }}));
        drop(old);
    }}
    pub async fn send(&self, it: u8) {{
        self.tx.send(it).await.ok();
    }}
}}
"
        )
    })
}

fn circle_of_calls(n: usize) -> String {
    let calls =
        each(n, |i| format!("async fn f{i}(tx: mpsc::Sender<u8>) {{ step().await; f{}(tx).await; }}\n", (i + 1) % n));
    calls + "pub fn go(tx: mpsc::Sender<u8>) { tokio::spawn(async move { Box::pin(f0(tx)).await }); }\n"
}

fn handle_down_a_chain(n: usize) -> String {
    let chain = each(n, |i| format!("fn f{i}(it: JoinHandle<()>) {{ f{}(it); }}\n", i + 1));
    chain
        + &format!("fn f{n}(it: JoinHandle<()>) {{ it.abort(); }}\n")
        + &format!("pub fn go() {{ let it = tokio::spawn(async {{ {ENDLESS} }}); f0(it); }}\n")
}

fn sender_down_a_chain(n: usize) -> String {
    let chain = each(n, |i| format!("async fn f{i}(tx: mpsc::Sender<u8>) {{ f{}(tx).await; }}\n", i + 1));
    chain
        + &format!("async fn f{n}(tx: mpsc::Sender<u8>) {{ tx.send(1).await.ok(); }}\n")
        + "pub async fn go() {
    let (tx, mut rx) = mpsc::channel(1);
    tokio::spawn(async move { while rx.recv().await.is_some() {} });
    f0(tx).await;
}
"
}

fn diamond_of_calls(n: usize) -> String {
    let levels = each(n, |i| {
        let next = i + 1;
        format!(
            "async fn a{i}(rx: &mut mpsc::Receiver<u8>) {{ a{next}(rx).await; b{next}(rx).await; }}
async fn b{i}(rx: &mut mpsc::Receiver<u8>) {{ a{next}(rx).await; b{next}(rx).await; }}
"
        )
    });
    let last = |name: &str| format!("async fn {name}{n}(rx: &mut mpsc::Receiver<u8>) {{ rx.recv().await; }}\n");
    levels
        + &last("a")
        + &last("b")
        + "pub fn go() -> mpsc::Sender<u8> {
    let (tx, mut rx) = mpsc::channel(1);
    tokio::spawn(async move { a0(&mut rx).await });
    tx
}
"
}

fn wrappers_round_one_spawn(n: usize) -> String {
    let head = "F: Future<Output = ()> + Send + 'static>(it: F) -> JoinHandle<()>";
    let wrappers = each(n, |i| format!("pub fn f{i}<{head} {{ f{}(it) }}\n", i + 1));
    wrappers
        + &format!("pub fn f{n}<{head} {{ tokio::spawn(it) }}\n")
        + &format!("pub fn go() {{ drop(f0(async {{ {ENDLESS} }})); }}\n")
}

fn implementations_through_dyn(n: usize) -> String {
    let implementations = each(n, |i| {
        format!(
            "pub struct S{i} {{ next: Arc<dyn Work> }}
#[async_trait::async_trait]
impl Work for S{i} {{ async fn work(&self) {{ self.next.work().await; }} }}
"
        )
    });
    implementations
        + "#[async_trait::async_trait]
pub trait Work: Send + Sync { async fn work(&self); }
pub fn go(it: Arc<dyn Work>) { tokio::spawn(async move { it.work().await }); }
"
}

fn in_one_function(n: usize, text: impl Fn(usize) -> String) -> String {
    let statements: String = (0..n).map(text).collect();
    format!("{HEAD}pub async fn go() {{\n{statements}}}\n")
}

fn spawns_in_one_function(n: usize) -> String {
    in_one_function(n, |i| format!("    let it{i} = tokio::spawn(async {{ {ENDLESS} }});\n    it{i}.abort();\n"))
}

fn tasks_of_one_channel(n: usize) -> String {
    let tasks = |i| {
        format!(
            "    let tx{i} = tx.clone();\n    tokio::spawn(async move {{ loop {{ tx{i}.send(1).await.ok(); }} }});\n"
        )
    };
    let tasks: String = (0..n).map(tasks).collect();
    format!(
        "{HEAD}pub async fn go() {{
    let (tx, mut rx) = mpsc::channel::<u8>(1);
{tasks}    drop(tx);
    while rx.recv().await.is_some() {{}}
}}
"
    )
}

fn tasks_of_one_token(n: usize) -> String {
    let tasks = |i| {
        format!(
            "    let stop{i} = stop.clone();
    tokio::spawn(async move {{ loop {{ tokio::select! {{ () = stop{i}.cancelled() => break, () = step() => {{}} }} }} }});
"
        )
    };
    let tasks: String = (0..n).map(tasks).collect();
    format!(
        "{HEAD}pub fn go() -> CancellationToken {{\n    let stop = CancellationToken::new();\n{tasks}    stop\n}}\n"
    )
}

fn tasks_of_one_arc(n: usize) -> String {
    let tasks = |i| {
        format!(
            "    let state{i} = Arc::clone(&state);
    tokio::spawn(async move {{ loop {{ *state{i}.lock().unwrap() += 1; step().await; }} }});
"
        )
    };
    let tasks: String = (0..n).map(tasks).collect();
    format!("{HEAD}pub fn go() {{\n    let state = Arc::new(Mutex::new(0));\n{tasks}}}\n")
}

/// `open`, n times, something that never ends, and `close`, n times.
fn nested(n: usize, open: &str, close: &str) -> String {
    let (open, close) = (open.repeat(n), close.repeat(n));
    format!("{HEAD}pub fn go() {{ tokio::spawn(async move {{ {open}{ENDLESS}{close} }}); }}\n")
}

fn nested_blocks(n: usize) -> String {
    nested(n, "if more() { ", " }")
}

fn nested_closures(n: usize) -> String {
    let (open, close) = ("call(move || { ".repeat(n), " });".repeat(n));
    format!("{HEAD}pub fn go() {{ {open}tokio::spawn(async move {{ {ENDLESS} }});{close} }}\n")
}

fn nested_async_blocks(n: usize) -> String {
    nested(n, "async move { ", " }.await;")
}

fn arms_of_a_match(n: usize) -> String {
    let arms: String =
        (0..n).map(|i| format!("        {i} => {{ tokio::spawn(async move {{ step({i}).await }}); }}\n")).collect();
    format!("{HEAD}pub fn go(it: u64) {{\n    match it {{\n{arms}        _ => {{}}\n    }}\n}}\n")
}

fn arms_of_a_select(n: usize) -> String {
    let arms: String = (0..n).map(|i| format!("        Some(it) = rx{i}.recv() => step(it).await,\n")).collect();
    format!(
        "{HEAD}pub fn go() {{\n    tokio::spawn(async move {{ loop {{ tokio::select! {{\n{arms}    }} }} }});\n}}\n"
    )
}

fn generic_type_of_a_depth(n: usize) -> String {
    let (open, close, some, end) = ("Option<".repeat(n), ">".repeat(n), "Some(".repeat(n), ")".repeat(n));
    format!(
        "{HEAD}pub struct S {{ task: {open}JoinHandle<()>{close} }}
impl S {{
    pub fn start(&mut self) {{ self.task = {some}tokio::spawn(async {{ {ENDLESS} }}){end}; }}
}}
"
    )
}

fn statics(n: usize) -> String {
    each(n, |i| {
        format!(
            "static TASK{i}: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);
pub fn start{i}() {{ *TASK{i}.lock().unwrap() = Some(tokio::spawn(async {{ {ENDLESS} }})); }}
"
        )
    })
}

fn thread_locals(n: usize) -> String {
    each(n, |i| {
        format!(
            "thread_local! {{ static TASK{i}: std::cell::RefCell<Option<JoinHandle<()>>> = const {{ std::cell::RefCell::new(None) }}; }}
pub fn start{i}() {{ TASK{i}.with_borrow_mut(|it| *it = Some(tokio::spawn(async {{ {ENDLESS} }}))); }}
"
        )
    })
}

fn tokens_of_one_macro(n: usize) -> String {
    let rows: String =
        (0..n).map(|i| format!("    key{i} => tokio::spawn(async move {{ step({i}).await }}),\n")).collect();
    format!("{HEAD}pub fn go() {{\n    table! {{\n{rows}    }}\n}}\n")
}

fn modules_that_glob_import(n: usize) -> String {
    each(n, |i| {
        let (next, last) = ((i + 1) % n, (i + n - 1) % n);
        format!(
            "pub mod m{i} {{
    pub use super::m{next}::*;
    pub use super::m{last}::*;
    pub fn start{i}() {{ tokio::spawn(async move {{ loop {{ elsewhere{i}().await; }} }}); }}
}}
"
        )
    })
}

fn files_of_one_module(n: usize) -> String {
    let modules: String = (0..n).map(|i| format!("mod m{i};\n")).collect();
    let files = (0..n).map(|i| {
        let next = (i + 1) % n;
        format!(
            "//- all/m{i}.rs
{HEAD}use super::m{next};
pub async fn run() {{ m{next}::step().await; }}
pub async fn step() {{ {ENDLESS} }}
pub fn start() -> JoinHandle<()> {{ tokio::spawn(run()) }}
"
        )
    });
    format!("mod all;\n//- all/mod.rs\n{modules}{}", files.collect::<String>())
}

fn fields_of_a_depth(n: usize) -> String {
    let structs = each(n, |i| format!("pub struct S{i} {{ a: S{} }}\n", i + 1));
    let path = ".a".repeat(n);
    structs
        + &format!("pub struct S{n} {{ task: Option<JoinHandle<()>> }}\nimpl S0 {{\n")
        + &format!("    pub fn start(&mut self) {{ self{path}.task = Some(tokio::spawn(async {{ {ENDLESS} }})); }}\n")
        + &format!("    pub fn stop(&mut self) {{ self{path}.task.take().unwrap().abort(); }}\n}}\n")
}

fn functions_of_one_name(n: usize) -> String {
    each(n, |i| {
        format!(
            "pub mod m{i} {{
    pub fn start(it: tokio::task::JoinHandle<()>) {{ it.abort(); }}
    pub fn go(it: impl Unknown) {{ it.start(tokio::spawn(async {{ loop {{ step().await; }} }})); start(it.task()); }}
}}
"
        )
    })
}
