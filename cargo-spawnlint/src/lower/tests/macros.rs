//! Each grammar of macros in bodies.

use super::{check, lowered};
use expect_test::{Expect, expect};
use spawnlint_analysis::facts::Expr;

/// The body of a function that holds these statements.
#[track_caller]
fn body(statements: &str, expected: Expect) {
    check(&format!("fn f() {{\n{statements}\n}}"), expected);
}

#[test]
fn select_of_tokio() {
    body(
        "tokio::select! { biased; Some(x) | Ok(x) = a, if b => c, | _ = d.recv() => { e } mut y = f => { g }, else => h }
select!(x = a => match x { _ => {} }, y = b => c,);
select! {}",
        expect![[r#"
            module 0: File
            fn f() {
              tokio::select! {
                Some(x) | Ok(x) = a if b => c
                _ = d.recv() => {
                  e
                }
                y = f => {
                  g
                }
                else => h
              };
              select! {
                x = a => match x {
                  _ => {}
                }
                y = b => c
              };
              select! {
              }
            }
        "#]],
    );
}

#[test]
fn select_of_futures() {
    body(
        "futures::select! { x = a.next() => b, complete => break, default => c() }
select_biased! { x = a => {} default => { d } }",
        expect![[r#"
            module 0: File
            fn f() {
              futures::select! {
                x = a.next() => b
                else => {
                  break;
                  c()
                }
              };
              select_biased! {
                x = a => {}
                else => {
                  d
                }
              }
            }
        "#]],
    );
}

#[test]
fn select_of_crossbeam_is_opaque() {
    body(
        "crossbeam_channel::select! { recv(rx) -> x => f(x), send(tx, y) -> r => {} }",
        expect![[r#"
        module 0: File
        fn f() {
          crossbeam_channel::select![opaque][mentions recv, rx, x, f, send, tx, y, r]
        }
    "#]],
    );
}

#[test]
fn a_pattern_may_be_called_biased() {
    body(
        "select! { biased = f() => g() }",
        expect![[r#"
        module 0: File
        fn f() {
          select! {
            biased = f() => g()
          }
        }
    "#]],
    );
}

#[test]
fn joins() {
    body(
        "tokio::join!(biased; a(), b.c(),); try_join!(a, b)",
        expect![[r#"
        module 0: File
        fn f() {
          tokio::join!(a(), b.c());
          try_join!(a, b)
        }
    "#]],
    );
}

#[test]
fn formats_name_what_they_capture() {
    body(
        r#"println!("{h} {{no}} {} {x:?} {0} {:>w$.p$} {y}", a(), y = b.c);
write!(f, "{}", d)?;
assert_eq!(a, b, "{c}");
panic!();
bail!("no {e}");
unreachable!("{:?}", if a { b } else { c });"#,
        expect![[r#"
            module 0: File
            fn f() {
              println!("{h} {{no}} {} {x:?} {0} {:>w$.p$} {y}", a(), b.c)[mentions h, x, w, p];
              write!(f, "{}", d)?;
              assert_eq!(a, b, "{c}")[mentions c];
              panic!();
              bail!("no {e}")[mentions e];
              unreachable!("{:?}", if a {
                b
              } else {
                c
              });
            }
        "#]],
    );
}

#[test]
fn events_and_spans() {
    body(
        r#"info!(?handle, %name, count = %s.count, other.key = ?v, "message {m}");
tracing::debug!(target: "x", parent: &span, { a = 1, b }, "text");
let s = info_span!(parent: None, "name", id = tracing::field::Empty, r#type = 1, "quoted key" = 2);
event!(Level::INFO, a == b, x);
log::error!(key:? = value; "text {}", y);
slog::info!(log, "m"; "k" => z);
warn!(a b c, d);"#,
        expect![[r#"
            module 0: File
            fn f() {
              info!(handle, name, s.count, v, "message {m}")[mentions m];
              tracing::debug!("x", &span, 1, b, "text")[parent];
              let s = info_span!(None, "name", tracing::field::Empty, 1, 2)[parent];
              event!(Level::INFO, (a == b), x);
              log::error!(value, "text {}", y);
              slog::info!(log, "m", z);
              warn!(d)[mentions a, b, c];
            }
        "#]],
    );
}

#[test]
fn statements_and_streams() {
    body(
        "let s = async_stream::try_stream! { let x = a().await?; 'l: for await y in s { yield y; } for z in t {} };
tokio::pin!(a, b);
pin! { let c = d(); let e = f; }
cfg_rt! { let x = 1; tokio::spawn(x); }
unknown! { g(); h() }",
        expect![[r#"
            module 0: File
            fn f() {
              let s = async_stream::try_stream! async {
                let x = a().await?;
                'l: for await y in s {
                  yield y;
                };
                for z in t {}
              };
              tokio::pin!(a, b);
              pin! {
                let c = d();
                let e = f;
              };
              cfg_rt! {
                let x = 1;
                tokio::spawn(x);
              };
              unknown! {
                g();
                h()
              }
            }
        "#]],
    );
}

#[test]
fn matches_keeps_its_pattern_to_itself() {
    body(
        "matches!(a.b(), Some(x) if x > c); assert!(matches!(d, A | B)); assert_matches!(e, Ok(_), \"t\")",
        expect![[r#"
            module 0: File
            fn f() {
              matches!(a.b(), (x > c));
              assert!(matches!(d));
              assert_matches!(e, "t")
            }
        "#]],
    );
}

#[test]
fn vectors_and_tries() {
    body(
        "vec![a; 3]; vec![b(), c]; vec![]; my![d; 4]; r#try!(e()); dbg!(&f)",
        expect![[r#"
        module 0: File
        fn f() {
          vec!(a, 3);
          vec!(b(), c);
          vec!();
          my!(d, 4);
          e()?;
          dbg!(&f)
        }
    "#]],
    );
}

#[test]
fn tables_are_not_read() {
    let bytes = "0x1f, 2u8,\n".repeat(30);
    body(
        &format!("vec![{bytes}]; vec![1, 2]"),
        expect![[r#"
            module 0: File
            fn f() {
              vec![opaque];
              vec!(1, 2)
            }
        "#]],
    );
}

#[test]
fn names_of_arguments_are_no_assignments() {
    body(
        "unknown!(a = b(), c, d.e = f)",
        expect![[r#"
        module 0: File
        fn f() {
          unknown!(b(), c, d.e = f)
        }
    "#]],
    );
}

#[test]
fn what_nobody_understands_is_named_in_full() {
    body(
        "html! { <div id={handle.x}>a b \"{captured}\" handle</div> }; quote! { tokio::spawn(#x) }; json!({ \"a\": b })",
        expect![[r#"
            module 0: File
            fn f() {
              html![opaque][mentions div, id, handle, x, a, b, captured];
              quote![opaque][mentions tokio, spawn, x];
              json![opaque][mentions b]
            }
        "#]],
    );
}

#[test]
fn branches_of_cfg_if_are_blocks() {
    body(
        "cfg_if! { if #[cfg(unix)] { let a = 1; b(a) } else { c() } }",
        expect![[r#"
        module 0: File
        fn f() {
          cfg_if! {
            {
              let a = 1;
              b(a)
            };
            {
              c()
            };
          }
        }
    "#]],
    );
}

#[test]
fn macros_in_macros() {
    body(
        "join!(async { select! { _ = a => vec![b(c!(d))] } })",
        expect![[r#"
        module 0: File
        fn f() {
          join!(async {
            select! {
              _ = a => vec!(b(c!(d)))
            }
          })
        }
    "#]],
    );
}

#[test]
fn a_macro_at_the_end_is_the_value() {
    let summary = lowered("fn f() { a!(); select! { _ = a => {} } }");
    assert!(matches!(summary[summary.functions[0].body.unwrap()], Expr::Block { has_tail: true, .. }));
    let summary = lowered("fn f() { a!(); b!{}; }");
    assert!(matches!(summary[summary.functions[0].body.unwrap()], Expr::Block { has_tail: false, .. }));
}

#[test]
fn spans_with_a_parent() {
    body(
        r#"info_span!(parent: None, "a"); span!(target: "t", parent: &x, Level::INFO, "b"); info_span!("c", parent = 1);"#,
        expect![[r#"
            module 0: File
            fn f() {
              info_span!(None, "a")[parent];
              span!("t", &x, Level::INFO, "b")[parent];
              info_span!("c", 1);
            }
        "#]],
    );
}
