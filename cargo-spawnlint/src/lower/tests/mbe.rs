//! Macros by example, and what their calls become.

use super::{at, check, check_order, lowered};
use crate::lower::{Definitions, definitions, lower, lower_with};
use expect_test::{Expect, expect};
use std::sync::Arc;

/// Compares what a call becomes in a body. Each definition names `spawn`, or it would not be looked at.
#[track_caller]
fn becomes(arms: &str, body: &str, expected: Expect) {
    let text = format!("fn f() {{\n{body}\n}}\nmacro_rules! m {{ {arms} }}");
    let printed = lowered(&text).to_string();
    let body = printed.lines().skip(2).take_while(|line| *line != "}");
    let body: Vec<&str> = body.map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    expected.assert_eq(&body.join("\n"));
}

#[test]
fn functions_that_a_macro_defines() {
    check(
        "struct All;
macro_rules! define_spawn {
    ($type: ident) => {
        paste! {
            #[doc = \"Spawns on `\" $type \"`.\"]
            pub fn [<spawn_ $type>]<F>(&self, future: F) -> JoinHandle<F::Output> where F: Future {
                self.[<$type _runtime>].spawn(future)
            }
        }
    };
}
impl All {
    define_spawn!(global);
    define_spawn!(hb);
}",
        expect![[r#"
            module 0: File
            struct All
            impl All
            pub fn All::spawn_global<F: Future>(&self, future: F) -> JoinHandle<F::Output> {
              self.global_runtime.spawn(future)
            }
            pub fn All::spawn_hb<F: Future>(&self, future: F) -> JoinHandle<F::Output> {
              self.hb_runtime.spawn(future)
            }
            macro_rules mention type, ident, paste, doc, pub, fn, spawn_, F, self, future, JoinHandle, Output, where, Future, _runtime, spawn
        "#]],
    );
}

#[test]
fn bodies_of_macros() {
    check(
        "macro_rules! spawn_logged {
    ($name:expr, $($rest:tt)*) => { spawn_logged!(@go tracing::info_span!($name), $($rest)*) };
    (@go $span:expr, $future:expr) => {{
        let handle = $crate::rt::spawn($future.instrument($span));
        handle
    }};
}
fn f() {
    spawn_logged!(\"a\", async move { work(x).await });
    let task = spawn_logged!(\"b\", g());
}",
        expect![[r#"
            module 0: File
            fn f() {
              {
                let handle = crate::rt::spawn(async move {
                  work(x).await
                }.instrument(tracing::info_span!("a")));
                handle
              };
              let task = {
                let handle = crate::rt::spawn(g().instrument(tracing::info_span!("b")));
                handle
              };
            }
            macro_rules mention name, expr, rest, tt, spawn_logged, go, tracing, info_span, span, future, let, handle, crate, rt, spawn, instrument
        "#]],
    );
}

#[test]
fn each_kind_of_fragment() {
    becomes(
        "($i:ident $l:lifetime $n:literal $t:tt $b:block $p:path; $y:ty; $a:pat => $s:stmt; $v:vis $m:meta $e:expr) => {
            spawn($i, $n, $t, $b, $p, <$y>::new(), $y::new(), match x { $a => 1 }, { $s; }, $e * 2)
        }",
        "m!(a 'b 3 (c, d) { e } f::g; Vec<u8>; Some(h) => let i = j; pub(crate) test k + 1);",
        expect![[r#"
              spawn(a, 3, (c, d), {
                e
              }, f::g, <Vec<u8>>::::new(), <Vec<u8>>::::new(), match x {
                Some(h) => 1
              }, {
                let i = j;
              }, ((k + 1) * 2));"#]],
    );
}

#[test]
fn repetitions_with_separators_in_one_another() {
    becomes(
        "($($name:ident: [$($part:expr),* $(,)?]);+ $(;)?) => { $(spawn(stringify!($name), [$($part + $name),*]);)+ }",
        "m!(a: [1, 2,]; b: []; c: [3]);
m!(a: [1]; b: [2];);",
        expect![[r#"
              {
                spawn(stringify![opaque][mentions a], [(1 + a), (2 + a)]);
                spawn(stringify![opaque][mentions b], []);
                spawn(stringify![opaque][mentions c], [(3 + c)]);
              };
              {
                spawn(stringify![opaque][mentions a], [(1 + a)]);
                spawn(stringify![opaque][mentions b], [(2 + b)]);
              };"#]],
    );
}

#[test]
fn the_first_arm_that_matches() {
    becomes(
        "() => { spawn(none) }; ($only:ident) => { spawn(one, $only) }; ($($any:tt)*) => { spawn(any, stringify!($($any)*)) }",
        "m!(); m!(a); m!(a, b => c);",
        expect![[r#"
              spawn(none);
              spawn(one, a);
              spawn(any, stringify![opaque][mentions a, b, c]);"#]],
    );
}

#[test]
fn names_that_are_bound_for_what_follows() {
    becomes(
        "($name:ident, $value:expr) => { let $name = spawn($value); }; ($value:expr) => { let inner = spawn($value); }",
        "m!(task, a());
m!(b());
task.abort();",
        expect![[r#"
              let task = spawn(a());
              {
                let inner = spawn(b());
              };
              task.abort();"#]],
    );
}

#[test]
fn names_that_are_put_together() {
    becomes(
        "($a:ident, $b:literal) => { paste::paste! { [<spawn_ $a:snake _ $b>]([<$a:camel>], [<$a:upper>], [<$a:lower>]) } }",
        "m!(SpawnAll, \"x\"); m!(run_all, 2);",
        expect![[r#"
              spawn_spawn_all_x(SpawnAll, SPAWNALL, spawnall);
              spawn_run_all_2(RunAll, RUN_ALL, run_all);"#]],
    );
}

#[test]
fn items_of_all_kinds() {
    check(
        "macro_rules! actors {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident { $($field:ident: $ty:ty),* })*) => {
        $($(#[$meta])* $vis struct $name { task: JoinHandle<()>, $($field: $ty),* }
        impl Drop for $name { fn drop(&mut self) { self.task.abort(); } })*
    };
}
mod inside { actors! { #[derive(Debug)] pub struct A { x: Vec<u8> } struct B {} } }",
        expect![[r#"
            module 0: File
            module 1: Inline inside
            pub struct A in 1
              task: JoinHandle<()>
              x: Vec<u8>
            struct B in 1
              task: JoinHandle<()>
            impl Drop for A in 1
            impl Drop for B in 1
            pub fn A::drop(&self) in 1 {
              self.task.abort();
            }
            pub fn B::drop(&self) in 1 {
              self.task.abort();
            }
            macro_rules mention meta, vis, struct, name, ident, field, ty, task, JoinHandle, impl, Drop, for, fn, drop, mut, self, abort
        "#]],
    );
}

#[test]
fn all_places_are_in_the_file() {
    let text = "macro_rules! swapped { ($a:expr, $b:expr) => { spawn($b + $a.await, $b.field($a)) }; }
fn é() { let ü = swapped!(\"ö\", { g(1) }); }
swapped_items! {}
";
    let summary = lowered(text);
    assert_eq!(summary.expanded.iter().map(|it| at(text, *it)).collect::<Vec<_>>(), ["swapped!(\"ö\", { g(1) })"]);
    let call = summary.expanded[0];
    let outside = summary.expr_ranges.iter().filter(|it| !call.contains(**it)).map(|it| at(text, *it));
    assert_eq!(
        outside.collect::<Vec<_>>(),
        ["let ü = swapped!(\"ö\", { g(1) });", "{ let ü = swapped!(\"ö\", { g(1) }); }"]
    );
    let own = summary.expr_ranges.iter().filter(|it| call != **it && call.contains(**it)).map(|it| at(text, *it));
    assert!(own.clone().any(|it| it == "g(1)"), "{:?}", own.collect::<Vec<_>>());
    assert!(summary.touches_expansion(call) && !summary.touches_expansion(summary.functions[0].name_range));
}

#[test]
fn definitions_of_other_files() {
    let shared = definitions("#[macro_export]\nmacro_rules! bg { ($f:expr) => { $crate::rt::spawn($f) }; }");
    assert!(shared[0].is_exported);
    let mut known = Definitions::default();
    known.add(Arc::new(shared[0].clone()), Some("shared".to_owned()));
    let lowered = lower_with("fn f() { shared::bg!(work()); }", &known);
    assert_eq!(lowered.errors, []);
    check_order(&lowered.summary);
    expect![[r#"
        module 0: File
        fn f() {
          shared::rt::spawn(work());
        }
    "#]]
    .assert_eq(&lowered.summary.to_string());
}

/// How often a text says `spawn(` once its calls are expanded.
fn spawns(text: &str) -> usize {
    let lowered = lower(text);
    assert_eq!(lowered.errors, []);
    check_order(&lowered.summary);
    lowered.summary.to_string().matches("spawn(").count()
}

#[test]
fn macros_that_call_themselves_come_to_an_end() {
    // The same once more; more each time; twice as many each time.
    for (arm, most) in [
        ("($($t:tt)*) => {{ spawn(1); m!($($t)*) }}", 1),
        ("($($t:tt)*) => {{ spawn(1); m!($($t)* a) }}", 64),
        ("($($t:tt)*) => {{ spawn(1); m!($($t)* a); m!($($t)* b) }}", 20_000),
        ("($($t:tt)*) => {{ spawn(1); m!($($t)* $($t)* a) }}", 64),
        ("($e:expr) => { spawn(m!(($e))) }", 65),
    ] {
        let found = spawns(&format!("macro_rules! m {{ {arm} }}\nfn f() {{ m!(x); }}"));
        assert!((1..=most).contains(&found), "{arm}: {found}");
    }
    let found = spawns(
        "macro_rules! a { () => { spawn(1); b!() } } macro_rules! b { () => { spawn(2); a!() } } fn f() { a!() }",
    );
    assert_eq!(found, 2);
    let items = "macro_rules! m { ($($t:tt)*) => { fn spawn() {} m!($($t)* a); } } m!();";
    assert!(lower(items).summary.functions.len() <= 65);
}

#[test]
fn calls_that_do_not_match_stay_as_they_are() {
    becomes("(a) => { spawn(b) }", "m!(x.y(), z);", expect!["m!(x.y(), z);"]);
    becomes(
        "($($a:ident)* ; $($b:ident)*) => { $(spawn($a, $b);)* }",
        "m!(a b; c);",
        expect![[r#"
          {
            spawn(a, c);
          };"#]],
    );
    becomes("($a:ident) => { spawn( $a => ) }", "m!(a);", expect!["m!(a);"]);
    becomes("($a:ident) => { spawn($a; ${count(a)}) }", "m!(a);", expect!["m!(a);"]);
    becomes("$a => spawn", "m!(a);", expect!["m!(a);"]);
    becomes("($($a:expr),*) => { spawn($a) }", "m!(a, b);", expect!["m!(a, b);"]);
}

#[test]
fn what_is_defined_twice_is_not_known() {
    let one = "macro_rules! m { () => { spawn(1) }; }\n";
    let other = "macro_rules! m { () => { spawn(2) }; }\n";
    let nothing = "macro_rules! m { () => {}; }\n";
    let call = "fn f() { m!() }";
    assert_eq!(spawns(&format!("{one}{one}{call}")), 1);
    assert_eq!(spawns(&format!("#[cfg(unix)]\n{one}#[cfg(not(unix))]\n{other}{call}")), 0);
    // Behind a cfg: the one that starts a task counts.
    assert_eq!(spawns(&format!("#[cfg(feature = \"rt\")]\n{one}#[cfg(not(feature = \"rt\"))]\n{nothing}{call}")), 1);
}

#[test]
fn texts_that_only_look_like_definitions() {
    for text in [
        "/// macro_rules! m { () => { spawn(1) } }\nfn f() { m!() }",
        "const A: &str = \"macro_rules! m { () => { spawn(1) } }\"; fn f() { m!() }",
        "fn f() { m!() } mod macro_rules { }",
        "macro_rules! m { } fn f() { m!() }",
        "macro_rules! spawn { ($ $) => { } } fn f() { spawn!(a) }",
    ] {
        assert_eq!(lowered(text).expanded, [], "{text}");
    }
    assert_eq!(definitions("macro_rules! macro_rules!"), []);
    assert_eq!(definitions("macro_rules! ( \u{0}"), []);
}

#[test]
fn what_means_something_by_name_keeps_its_meaning() {
    let text = "macro_rules! select { ($($t:tt)*) => { spawn(1) } } fn f() { select! { x = a => b } }";
    assert_eq!(spawns(text), 0);
}

#[test]
fn deep_calls_are_left_alone() {
    let deep = format!("{}x{}", "(".repeat(300), ")".repeat(300));
    let found = spawns(&format!("macro_rules! m {{ ($e:expr) => {{ spawn($e) }}; }}\nfn f() {{ m!({deep}); m!(a) }}"));
    assert_eq!(found, 1);
}

#[test]
fn many_calls_of_a_large_definition() {
    let definition = format!("macro_rules! m {{ () => {{{{ {} }}}}; }}\n", "spawn(1);".repeat(1500));
    let text = format!("{definition}fn f() {{ {} }}\n", "m!();".repeat(5000));
    let found = spawns(&text);
    assert!(found >= 1500 && found * 4 <= 20_000 + text.len() / 2, "{found}");
    // Too large to be looked at.
    let definition = definition.replace("spawn(1);", "spawn((1, 2, 3));");
    assert_eq!(spawns(&format!("{definition}fn f() {{ m!() }}")), 0);
}
