//! A small file with something of everything.

use super::{at, check, lowered};
use expect_test::expect;
use spawnlint_analysis::facts::Expr;

pub(super) const SAMPLE: &str = r##"#![allow(dead_code)]
//! A server.
use std::{collections::HashMap, sync::Arc};
use tokio::{sync::{mpsc, self}, task::JoinHandle as Handle, time::*};

const TICK: Duration = Duration::from_secs(2 * 60);
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Keeps the peers.
pub struct Server<T: Clone> where T: Send + 'static {
    handle: Option<Handle<()>>,
    pub peers: HashMap<String, Vec<T>>,
    on_stop: Box<dyn Fn(&str) -> bool + Send>,
}

enum Message { Stop, Data(Vec<u8>), Ping { seq: u64 } }

impl<T: Clone + Send> Server<T> {
    const LIMIT: usize = 1_000;

    #[tracing::instrument(skip(self))]
    pub async fn run(self: Arc<Self>, mut rx: mpsc::Receiver<Message>) -> Result<(), Error> {
        let (tx, _) = channel::<u8>(Self::LIMIT);
        let Some(handle) = self.handle.as_ref() else { return Ok(()) };
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(TICK);
            'outer: loop {
                tokio::select! {
                    biased;
                    _ = ticks.tick() => tx.send(1).await?,
                    Some(m) = rx.recv(), if !done => match m {
                        Message::Stop => break 'outer,
                        Message::Data(ref d) if d.len() > 3 => continue,
                        Message::Ping { seq, .. } | Message::Pong { seq } => { seq += 1; }
                        _ => {}
                    },
                    else => { break }
                }
            }
            Ok::<_, Error>(())
        });
        struct Guard(Handle<()>);
        impl Drop for Guard { fn drop(&mut self) { self.0.abort() } }
        let r#type = Guard(task);
        if let Some(a) = self.x && *a == -1 { (a).b.0[1..] = f(|x: u8, (y, _)| async move { x }); } else if true {} else { unsafe { g() } }
        while let Ok(n) = <T as Trait>::read(&mut self.buf).await { for i in 0..=n { drop(i as u64 | 3) } }
        let s = Server { handle: None, peers, ..Default::default() };
        _ = [(0u8, 1.5f32); 4];
        info!(?handle, count = %s.count, "served {task:?} of {:>width$}", s.len());
        Ok(())
    }
}

trait Service { type Out; fn call(&self, n: impl Into<u8>) -> Self::Out; fn stop(self) where Self: Sized { drop(self) } }

#[cfg(test)]
mod tests {
    use super::*;
    #[tokio::test]
    async fn works() { assert_eq!(run().await, 1); }
}

#[tokio::main]
async fn main() { Server::new().run().await.unwrap() }
"##;

#[test]
fn the_sample_prints_as() {
    check(
        SAMPLE,
        expect![[r#"
            module 0: File
            module 1: Body
            module 2: Inline tests [test]
            use std::collections::HashMap
            use std::sync::Arc
            use tokio::sync::mpsc
            use tokio::sync
            use tokio::task::JoinHandle as Handle
            use tokio::time::*
            use super::* in 2 [test]
            pub struct Server<T: Clone + Send>
              handle: Option<Handle<()>>
              pub peers: HashMap<String, Vec<T>>
              on_stop: Box<dyn Fn(&str) -> bool + Send>
            enum Message [Stop | Data | Ping]
              Data.0: Vec<u8>
              Ping.seq: u64
            struct Guard in 1
              0: Handle<()>
            trait Service
            const TICK: Duration = Duration::from_secs((2 * 60))
            static COUNT: AtomicU64 = AtomicU64::new(0)
            const Server<T>::LIMIT: usize = 1000
            impl<T: Clone + Send> Server<T>
            impl Drop for Guard in 1
            pub async fn Server<T>::run(self: Arc<Self>, rx: mpsc::Receiver<Message>) -> Result<(), Error> [instrument] [body 1] {
              let (tx, _) = channel<u8>(Self::LIMIT);
              let Some(handle) = self.handle.as_ref() else {
                return Ok(())
              };
              let task = tokio::spawn(async move {
                let ticks = tokio::time::interval(TICK);
                'outer: loop {
                  tokio::select! {
                    _ = ticks.tick() => tx.send(1).await?
                    Some(m) = rx.recv() if !done => match m {
                      Message::Stop => break 'outer
                      Message::Data(d) if (d.len() > 3) => continue
                      Message::Ping { seq: seq } | Message::Pong { seq: seq } => {
                        seq += 1;
                      }
                      _ => {}
                    }
                    else => {
                      break
                    }
                  }
                };
                Ok<_, Error>(())
              });
              let type = Guard(task);
              if (let Some(a) = self.x && (*a == -1)) {
                a.b.0[1..] = f(|x: u8, (y, _)| async move {
                  x
                });
              } else if true {} else {
                {
                  g()
                }
              };
              while let Ok(n) = <T>::Trait::read(&mut self.buf).await {
                for i in 0..n {
                  drop((i as u64 | 3))
                }
              };
              let s = Server { handle: None, peers: peers, ..Default::default() };
              _ = [(0, 1.5); 4];
              info!(handle, s.count, "served {task:?} of {:>width$}", s.len())[mentions task, width];
              Ok(())
            }
            pub fn Guard::drop(&self) in 1 {
              self.0.abort()
            }
            pub fn Service::call(&self, n: impl Into<u8>) -> Self::Out
            pub fn Service::stop(self) {
              drop(self)
            }
            async fn works() in 2 {
              assert_eq!(run().await, 1);
            } [test]
            async fn main() [entry] {
              Server::new().run().await.unwrap()
            }
        "#]],
    );
}

/// Every path of the sample, cut out of it again, is that path.
#[test]
fn ranges_are_offsets_into_the_text() {
    for prefix in ["", "\u{feff}", "#!/usr/bin/env run\n", "\u{feff}#! x\n", "// é ü 漢字\n/* 🦀 */", "\r\n"] {
        let text = format!("{prefix}{SAMPLE}");
        let summary = lowered(&text);
        for (expr, range) in summary.exprs.iter().zip(&summary.expr_ranges) {
            match expr {
                Expr::Path(path) if summary[*path].qself.is_none() => {
                    let cut =
                        at(&text, *range).trim_matches(['(', ')']).split('<').next().unwrap().trim_end_matches("::");
                    assert_eq!(cut.replace("r#", ""), summary.path_text(*path));
                }
                Expr::Block { .. } => assert!(at(&text, *range).ends_with('}')),
                Expr::Local { .. } => assert!(at(&text, *range).starts_with("let ")),
                _ => {}
            }
        }
        for function in &summary.functions {
            assert_eq!(at(&text, function.name_range), &summary[function.name]);
        }
    }
}

/// Columns are counted in characters by the lexer, offsets in bytes.
#[test]
fn lines_with_wide_characters_have_byte_offsets() {
    let text = "fn f() { g(\"äöü 漢字\", h); }";
    let summary = lowered(text);
    let paths: Vec<&str> = summary.paths.iter().map(|path| at(text, path.range)).collect();
    assert_eq!(paths, ["g", "h"]);

    for width in 50..200 {
        let text =
            format!("fn f() {{ g(\"{}\", h) }} // é\nfn i() {{ \"ü{}\"; j }}", "é".repeat(width), " ".repeat(width));
        let summary = lowered(&text);
        let paths: Vec<&str> = summary.paths.iter().map(|path| at(&text, path.range)).collect();
        assert_eq!(paths, ["g", "h", "j"]);
        assert_eq!(summary.functions[1].range.end as usize, text.len());
    }
}

#[test]
fn parentheses_belong_to_what_they_hold() {
    let text = "fn f() { ((a) + (b)).c }";
    let summary = lowered(text);
    let all: Vec<&str> = summary.expr_ranges.iter().map(|range| at(text, *range)).collect();
    assert_eq!(all, ["(a)", "(b)", "((a) + (b))", "((a) + (b)).c", "{ ((a) + (b)).c }"]);
}
