//! Programs out of a grammar: files, items, statements and expressions in which tasks are started, kept, lost and ended.
//! Names come from small pools, so that one part of a program speaks of another.

use arbitrary::{Result, Unstructured};
use std::fmt::Write as _;

/// How deep expressions and blocks stand in one another.
const DEPTH: u32 = 4;

const FUNCTIONS: &[&str] = &["run", "work", "start", "spawn_all", "serve", "handle", "tick", "new"];
const TYPES: &[&str] = &["Server", "Pool", "Client", "Guard"];
const FIELDS: &[&str] = &["handle", "tasks", "tx", "rx", "token", "inner", "set"];
const LOCALS: &[&str] = &["a", "b", "it", "tx", "rx", "token", "handle", "set", "x"];
const SPAWNS: &[&str] = &["tokio::spawn", "task::spawn", "spawn", "tokio::task::spawn_blocking", "std::thread::spawn"];
const WRITTEN_TYPES: &[&str] = &[
    "JoinHandle<()>",
    "Option<JoinHandle<()>>",
    "Vec<JoinHandle<()>>",
    "JoinSet<()>",
    "AbortHandle",
    "mpsc::Sender<u8>",
    "mpsc::Receiver<u8>",
    "oneshot::Sender<()>",
    "watch::Receiver<bool>",
    "CancellationToken",
    "Arc<Self>",
    "Arc<Mutex<Vec<JoinHandle<()>>>>",
    "Weak<Server>",
    "Duration",
    "impl Future<Output = ()> + Send + 'static",
    "T",
    "Box<dyn FnOnce() + Send>",
    "&'static str",
    "Server",
    "Pool",
    "u64",
];

/// The files of a program: a library `a` with modules, and a program `b` that uses it.
///
/// # Errors
/// If there are too few bytes, which never happens: past their end all choices are the first one.
pub fn files(input: &mut Unstructured<'_>) -> Result<Vec<(String, String)>> {
    let mut files = vec![("a/src/lib.rs".to_owned(), file(input, "pub mod m;\npub use m::*;\n")?)];
    files.push(("a/src/m.rs".to_owned(), file(input, "use super::*;\n")?));
    if input.ratio(1, 2)? {
        files.push(("b/src/main.rs".to_owned(), file(input, "use a::*;\n")?));
    }
    Ok(files)
}

const IMPORTS: &str = "use std::{future::Future, sync::{Arc, Mutex, Weak}, time::Duration};\n\
     use tokio::{task::{self, spawn, JoinHandle, JoinSet, AbortHandle}, select, sync::{mpsc, oneshot, watch, Notify}};\n\
     use tokio::time::{interval, sleep, timeout};\nuse tokio_util::sync::CancellationToken;\n";

fn file(input: &mut Unstructured<'_>, head: &str) -> Result<String> {
    let mut out = format!("{IMPORTS}{head}");
    for _ in 0..input.int_in_range(1..=7)? {
        item(input, &mut out)?;
    }
    Ok(out)
}

fn pick<'a>(input: &mut Unstructured<'_>, from: &[&'a str]) -> Result<&'a str> {
    input.choose(from).copied()
}

fn item(input: &mut Unstructured<'_>, out: &mut String) -> Result<()> {
    let (ty, other) = (pick(input, TYPES)?, pick(input, TYPES)?);
    match input.int_in_range(0..=7)? {
        0 => {
            write!(out, "pub struct {ty} {{ ").ok();
            for _ in 0..input.int_in_range(0..=3)? {
                write!(out, "pub {}: {}, ", pick(input, FIELDS)?, pick(input, &WRITTEN_TYPES[..14])?).ok();
            }
            out.push_str("}\n");
        }
        1 => {
            write!(out, "impl Drop for {ty} {{ fn drop(&mut self) {{ ").ok();
            block(input, out, 2)?;
            out.push_str("} }\n");
        }
        2 => {
            writeln!(out, "pub trait Work{ty} {{ fn work(&self); async fn run(&mut self) {{}} }}").ok();
            write!(out, "impl Work{ty} for {other} {{ ").ok();
            function(input, out, true)?;
            out.push_str("}\n");
        }
        3 => {
            writeln!(out, "const X: Duration = Duration::from_secs({});", input.arbitrary::<u32>()?).map_or((), |()| ())
        }
        4 | 5 => {
            write!(out, "impl {ty} {{ ").ok();
            for _ in 0..input.int_in_range(1..=3)? {
                function(input, out, true)?;
            }
            out.push_str("}\n");
        }
        _ => function(input, out, false)?,
    }
    Ok(())
}

fn function(input: &mut Unstructured<'_>, out: &mut String, is_method: bool) -> Result<()> {
    const SELVES: &[&str] = &["", "&self, ", "&mut self, ", "self, ", "self: Arc<Self>, "];
    let attribute = pick(input, &["", "", "", "#[tokio::main] ", "#[tracing::instrument] ", "#[tokio::test] "])?;
    let (asyncness, name) = (pick(input, &["", "async "])?, pick(input, FUNCTIONS)?);
    let this = if is_method { pick(input, SELVES)? } else { "" };
    write!(out, "{attribute}pub {asyncness}fn {name}<T: Future<Output = ()> + Send + 'static>({this}").ok();
    for _ in 0..input.int_in_range(0..=2)? {
        write!(out, "{}: {}, ", pick(input, LOCALS)?, pick(input, WRITTEN_TYPES)?).ok();
    }
    let ret =
        pick(input, &["", "", "-> JoinHandle<()> ", "-> Result<(), Error> ", "-> Self ", "-> Option<AbortHandle> "])?;
    write!(out, ") {ret}{{ ").ok();
    block(input, out, DEPTH)?;
    out.push_str("}\n");
    Ok(())
}

fn block(input: &mut Unstructured<'_>, out: &mut String, depth: u32) -> Result<()> {
    for _ in 0..input.int_in_range(0..=4)? {
        statement(input, out, depth)?;
    }
    if input.ratio(1, 3)? {
        expression(input, out, depth)?;
        out.push(' ');
    }
    Ok(())
}

fn statement(input: &mut Unstructured<'_>, out: &mut String, depth: u32) -> Result<()> {
    let (local, field) = (pick(input, LOCALS)?, pick(input, FIELDS)?);
    const PATTERNS: &[&str] = &["_", "_unused", "mut it", "Some(it)", "(tx, rx)", "(mut tx, mut rx)", "Ok(it)"];
    match input.int_in_range(0..=14)? {
        12.. if depth > 0 => return idiom(input, out, depth - 1),
        0 | 1 => write!(out, "let {local} = ").ok(),
        2 => write!(out, "let {} = ", pick(input, PATTERNS)?).ok(),
        3 => write!(out, "self.{field} = ").ok(),
        4 => write!(out, "{local} = ").ok(),
        5 => write!(out, "drop({local}); ").ok(),
        6 if depth > 0 => {
            const HEADS: &[&str] = &[
                "loop",
                "while let Some(it) = rx.recv().await",
                "for it in 0..3",
                "for it in set",
                "while !token.is_cancelled()",
                "if let Ok(it) = rx.try_recv()",
                "while let Ok(x) = rx.changed().await",
                "if x > 1",
            ];
            write!(out, "{} {{ ", pick(input, HEADS)?).ok();
            block(input, out, depth - 1)?;
            out.push_str("} ");
            return Ok(());
        }
        7 => {
            const ENDS: &[&str] = &["break; ", "return; ", "continue; ", "x?; ", "panic!(); ", "drop(set.take()); "];
            let end = pick(input, ENDS)?;
            // Only rustc knows that there is a loop around it.
            out.push_str(end);
            return Ok(());
        }
        _ => None,
    };
    expression(input, out, depth)?;
    out.push_str("; ");
    Ok(())
}

/// Several statements that belong together, with blocks of their own in the gaps.
fn idiom(input: &mut Unstructured<'_>, out: &mut String, depth: u32) -> Result<()> {
    const IDIOMS: &[&str] = &[
        "let (tx, mut rx) = mpsc::channel(8); tokio::spawn(async move { while let Some(it) = rx.recv().await { @ } }); @ ",
        "let (tx, mut rx) = mpsc::channel(8); let keep = tx.clone(); tokio::spawn(async move { loop { select! { \
         it = rx.recv() => { @ } _ = sleep(X) => { keep.send(1).await; } } } }); @ ",
        "let mut set = JoinSet::new(); loop { set.spawn(async move { @ }); @ } ",
        "let mut set = JoinSet::new(); set.spawn(async move { @ }); set.join_next().await; ",
        "let token = CancellationToken::new(); let child = token.child_token(); tokio::spawn(async move { \
         select! { _ = child.cancelled() => {} _ = async { @ } => {} } }); @ ",
        "token.drop_guard(); @ ",
        "let _ = token.drop_guard(); @ ",
        "let handle = tokio::spawn(async move { @ }); timeout(X, handle).await; @ ",
        "let handle = tokio::spawn(async move { @ }); select! { _ = handle => { @ } _ = token.cancelled() => {} } ",
        "let handle = tokio::spawn(async { tokio::spawn(async move { loop { @ } }).await; }); handle.abort(); @ ",
        "let handle = tokio::task::spawn_blocking(move || { loop { @ } }); handle.abort(); ",
        "let this = self.clone(); self.handle = Some(tokio::spawn(async move { loop { this.tick().await; @ } })); ",
        "let weak = Arc::downgrade(&self); tokio::spawn(async move { while let Some(it) = weak.upgrade() { @ } }); ",
        "for it in rx { tokio::spawn(async move { @ }); } ",
        "let (tx, rx) = oneshot::channel(); tokio::spawn(async move { rx.await; @ }); std::mem::forget(tx); @ ",
        "let span = tracing::info_span!(\"a\"); tokio::spawn(async move { let guard = span.enter(); loop { \
         tracing::info_span!(\"b\").in_scope(|| { @ }); } }); ",
        "tokio::spawn(async move { loop { let it = rx.changed().await; if it.is_err() { continue; } @ } }); ",
        "tokio::spawn(async move { sleep(Duration::from_secs(86400)).await; drop(self.inner); @ }); ",
        "tokio::spawn(async move { work().await?; @ Ok::<(), Error>(()) }); ",
    ];
    let mut parts = pick(input, IDIOMS)?.split('@');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        block(input, out, depth)?;
        // A block may end with an expression.
        if !part.starts_with(" }") {
            out.push_str("; ");
        }
        out.push_str(part);
    }
    Ok(())
}

fn expression(input: &mut Unstructured<'_>, out: &mut String, depth: u32) -> Result<()> {
    if depth == 0 || input.is_empty() {
        return leaf(input, out);
    }
    let depth = depth - 1;
    let local = pick(input, LOCALS)?;
    match input.int_in_range(0..=15)? {
        0..=3 => {
            write!(out, "{}(", pick(input, SPAWNS)?).ok();
            future(input, out, depth)?;
            out.push(')');
        }
        4 => {
            write!(out, "{}.{}(", place(input)?, pick(input, &["push", "spawn", "send", "insert", "add"])?).ok();
            expression(input, out, depth)?;
            out.push(')');
        }
        5 => {
            out.push_str("select! { ");
            for _ in 0..input.int_in_range(1..=3)? {
                const ARMS: &[&str] =
                    &["_ = token.cancelled()", "Some(it) = rx.recv()", "_ = sleep(X)", "_ = &mut handle", "else"];
                write!(out, "{} => {{ ", pick(input, ARMS)?).ok();
                block(input, out, depth)?;
                out.push_str("} ");
            }
            out.push('}');
        }
        6 => {
            let kind = pick(input, &["timeout(X, ", "Box::pin(", "Some(", "Arc::new(", "Ok(", "tokio::join!("])?;
            out.push_str(kind);
            future(input, out, depth)?;
            out.push(')');
        }
        7 => {
            out.push_str("match ");
            leaf(input, out)?;
            out.push_str(" { Some(it) if it => ");
            expression(input, out, depth)?;
            out.push_str(", _ => { ");
            block(input, out, depth)?;
            out.push_str("} }");
        }
        8 => {
            write!(out, "{}::{}(", pick(input, TYPES)?, pick(input, FUNCTIONS)?).ok();
            expression(input, out, depth)?;
            out.push(')');
        }
        9 => {
            write!(out, "{} {{ {}: ", pick(input, TYPES)?, pick(input, FIELDS)?).ok();
            expression(input, out, depth)?;
            out.push_str(" }");
        }
        10 => {
            out.push('(');
            expression(input, out, depth)?;
            const ENDS: &[&str] = &[
                ").await",
                ").abort()",
                ").abort_handle()",
                ")?",
                ").clone()",
                ").is_finished()",
                ").unwrap()",
                ").detach()",
            ];
            out.push_str(pick(input, ENDS)?);
        }
        11 => {
            out.push_str("if x ");
            out.push_str("{ ");
            block(input, out, depth)?;
            out.push_str("} else { ");
            block(input, out, depth)?;
            out.push('}');
        }
        12 => {
            write!(out, "{}(", pick(input, FUNCTIONS)?).ok();
            future(input, out, depth)?;
            write!(out, ", {local})").ok();
        }
        13 => future(input, out, depth)?,
        14 => {
            write!(out, "{}.iter().map(|{local}| ", place(input)?).ok();
            expression(input, out, depth)?;
            out.push_str(").collect::<Vec<_>>()");
        }
        _ => leaf(input, out)?,
    }
    Ok(())
}

/// A future, or what makes one.
fn future(input: &mut Unstructured<'_>, out: &mut String, depth: u32) -> Result<()> {
    const HEADS: &[&str] = &["async { ", "async move { ", "move || { ", "|| async { "];
    if input.ratio(2, 3)? {
        out.push_str(pick(input, HEADS)?);
        block(input, out, depth)?;
        out.push('}');
        const ENDS: &[&str] = &["", "", "", ".instrument(span)", ".boxed()"];
        // A closure would end with it.
        if !out.ends_with("|| {}") && input.ratio(1, 4)? {
            out.push_str(pick(input, ENDS)?);
        }
        return Ok(());
    }
    leaf(input, out)
}

fn place(input: &mut Unstructured<'_>) -> Result<String> {
    Ok(match input.int_in_range(0..=3)? {
        0 | 1 => format!("self.{}", pick(input, FIELDS)?),
        2 => format!("self.{}.lock().unwrap()", pick(input, FIELDS)?),
        _ => pick(input, LOCALS)?.to_owned(),
    })
}

fn leaf(input: &mut Unstructured<'_>, out: &mut String) -> Result<()> {
    const LEAVES: &[&str] = &[
        "mpsc::channel(8)",
        "mpsc::unbounded_channel()",
        "oneshot::channel()",
        "watch::channel(false)",
        "CancellationToken::new()",
        "token.child_token()",
        "token.drop_guard()",
        "token.cancel()",
        "JoinSet::new()",
        "sleep(Duration::from_secs(3600)).await",
        "interval(X).tick().await",
        "rx.recv().await",
        "tx.send(1).await",
        "tx.clone()",
        "Arc::downgrade(&self)",
        "self.clone()",
        "Arc::clone(&self)",
        "std::mem::forget(handle)",
        "set.join_next().await",
        "std::future::pending::<()>().await",
        "tracing::info_span!(\"a\").entered()",
        "Server::new()",
        "Self::run(self)",
        "run()",
        "work().await",
        "self.tick().await",
        "None",
        "1",
        "\"text\"",
        "vec![]",
        "()",
    ];
    if input.ratio(1, 4)? {
        out.push_str(&place(input)?);
    } else {
        out.push_str(pick(input, LEAVES)?);
    }
    Ok(())
}
