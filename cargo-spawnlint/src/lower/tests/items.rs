//! Items: what they own, who sees them, and what is a test.

use super::{at, check, lowered};
use expect_test::expect;

#[test]
fn imports_are_flattened() {
    check(
        "use a::{self, b as c, d::{e, f::*}, self as s}; pub use ::x::y; pub(crate) use super::r#type; use z as _; use self::q; use {m, n::o}; extern crate k as l; extern crate p;",
        expect![[r#"
            module 0: File
            use a
            use a::b as c
            use a::d::e
            use a::d::f::*
            use a as s
            pub use ::x::y
            pub(..) use super::type
            use z as _
            use self::q
            use m
            use n::o
            use ::k as l
            use ::p
        "#]],
    );
}

#[test]
fn tests_are_known_by_their_attributes_and_surroundings() {
    let text = r#"
#[test] fn a() {}
#[tokio::test(flavor = "x")] async fn b() {}
#[rstest] #[case(1)] fn c() {}
#[cfg(test)] fn d() { fn inner() {} }
#[cfg(all(test, unix))] mod e { fn f() {} struct S; impl S { fn g() {} const C: u8 = 1; } mod deeper; }
#[wasm_bindgen_test] fn h() {}
#[cfg(any(test, feature = "x"))] fn no_1() {}
#[cfg(not(test))] fn no_2() {}
#[cfg_attr(test, allow(x))] fn no_3() {}
#[tested] fn no_4() {}
"#;
    let summary = lowered(text);
    let mut tests: Vec<&str> =
        summary.functions.iter().filter(|it| it.attrs.is_test).map(|it| &summary[it.name]).collect();
    tests.sort_unstable();
    assert_eq!(tests, ["a", "b", "c", "d", "f", "g", "h", "inner"]);
    assert!(summary.modules.iter().skip(1).all(|it| it.is_test));
    assert!(summary.types[0].is_test && summary.impls[0].is_test && summary.consts[0].is_test);
    assert!(lowered("#![cfg(test)]\nfn f() {}").functions[0].attrs.is_test);
}

#[test]
fn code_that_is_only_there_in_tests_is_left_out_of_other_code() {
    let text = "fn f() { #[cfg(test)] let a = 1; #[cfg(test)] g(); match x { #[cfg(test)] 1 => h(), _ => {} } #[cfg(not(test))] i(); }
#[test] fn t() { #[cfg(test)] g(); }";
    check(
        text,
        expect![[r#"
        module 0: File
        fn f() {
          match x {
            _ => {}
          };
          i();
        }
        fn t() {
          g();
        } [test]
    "#]],
    );
}

#[test]
fn entries_and_instrumented_functions_are_marked() {
    let text = r#"
#[tokio::main(flavor = "current_thread")] async fn main() {}
#[cfg_attr(feature = "trace", tracing::instrument(skip_all))] fn a() {}
#[instrument] fn b() {}
#[tracing::instrument(skip(parent), parent = None, err(Debug))] fn e() {}
#[instrument(level = "trace")] fn h() {}
#[instrument(level = Level::TRACE, err)] fn i() {}
#[cfg_attr(feature = "trace", instrument(name = "g", parent = None))] fn g() {}
#[cfg_attr(not(x), async_std::main)] async fn c() {}
fn d() {}
"#;
    check(
        text,
        expect![[r#"
            module 0: File
            async fn main() [entry] {}
            fn a() [instrument] {}
            fn b() [instrument] {}
            fn e() [instrument parent err] {}
            fn h() [instrument trace] {}
            fn i() [instrument err trace] {}
            fn g() [instrument parent] {}
            async fn c() [entry] {}
            fn d() {}
        "#]],
    );
    let summary = lowered(text);
    assert_eq!(at(text, summary.functions[2].attrs.instrument.unwrap().range), "#[instrument]");
}

#[test]
fn bounds_of_where_clauses_join_those_beside_the_name() {
    check(
        "fn f<'a, F: Send + 'a, T: ?Sized, const N: usize>(f: F, g: impl Fn(u8) -> T, h: &'a dyn A<'a, X = u8, 3>) where F: FnOnce(A, &B) -> C + 'static, Vec<T>: Send {}",
        expect![[r#"
            module 0: File
            fn f<F: Send + FnOnce(A, &B) -> C, T>(f: F, g: impl Fn(u8) -> T, h: &dyn A<X = u8>) {}
        "#]],
    );
}

#[test]
fn types_and_their_parts() {
    check(
        "pub enum E<T> { A, B(u8, T), C { x: *const T, y: [u8; 4] } }
struct P(pub u8, pub(crate) fn(u8) -> !);
union U { a: u8, b: (u8, &'static [u8]) }
type A<T> = Result<T, Box<dyn Error + Send>>;
trait Al = A + B;
impl Iterator for P { type Item = <T as X>::Y; const N: u8 = 1; fn next(&mut self) -> Option<()> { None } }
unsafe extern \"C\" { pub fn ffi(x: u8); static S: u8; }",
        expect![[r#"
            module 0: File
            pub enum E<T> [A | B | C]
              B.0: u8
              B.1: T
              C.x: *T
              C.y: [u8; _]
            struct P
              pub 0: u8
              pub(..) 1: fn(u8) -> !
            struct U
              a: u8
              b: (u8, &[u8])
            type A<T> = Result<T, Box<dyn Error + Send>>
            trait Al
            pub type P::Item = <T>::X::Y
            const P::N: u8 = 1
            impl Iterator for P
            pub fn P::next(&self) -> Option<()> {
              None
            }
            pub fn ffi(x: u8)
        "#]],
    );
}

#[test]
fn receivers() {
    check(
        "impl S { fn a(self) {} fn b(&self) {} fn c(&mut self, x: u8) {} fn d(mut self: Box<Self>) {} fn e(self: &Arc<Self>) {} fn f() {} }",
        expect![[r#"
            module 0: File
            impl S
            fn S::a(self) {}
            fn S::b(&self) {}
            fn S::c(&self, x: u8) {}
            fn S::d(self: Box<Self>) {}
            fn S::e(&self: &Arc<Self>) {}
            fn S::f() {}
        "#]],
    );
}

#[test]
fn items_in_bodies_stand_in_a_module_of_the_body() {
    check(
        "mod m { fn outer() { use a::b; let x = { fn inner() { const C: u8 = { fn deepest() { z() } 1 }; y() } inner() }; static S: u8 = 1; x } }
const _: () = { impl T for S { fn f() { g() } } };",
        expect![[r#"
            module 0: File
            module 1: Inline m
            module 2: Body in 1
            module 3: Body in 2
            module 4: Body in 3
            module 5: Body
            use a::b in 2
            const C: u8 = {
              1
            } in 3
            static S: u8 = 1 in 2
            const _: () = {}
            impl T for S in 5
            fn outer() in 1 [body 2] {
              let x = {
                inner()
              };
              x
            }
            fn inner() in 2 [body 3] {
              y()
            }
            fn deepest() in 4 {
              z()
            }
            pub fn S::f() in 5 {
              g()
            }
        "#]],
    );
}

#[test]
fn modules() {
    check(
        "mod a; pub mod b { #[path = \"x.rs\"] mod c; mod d {} }",
        expect![[r#"
        module 0: File
        module 1: Declared a
        module 2: Inline b
        module 3: Declared c in 2 path="x.rs"
        module 4: Inline d in 2
    "#]],
    );
}

#[test]
fn macros_between_items_are_seen_through() {
    check(
        r#"
cfg_rt! { /// doc
    pub fn a() { f() } cfg_io! { mod b; } }
cfg_if::cfg_if! { if #[cfg(unix)] { fn c() {} } else if #[cfg(test)] { fn d() {} } else { use e::f; } }
lazy_static! { /// doc
    pub static ref G: Mutex<u8> = Mutex::new(1); static ref H: u8 = 2; }
thread_local! { static I: Cell<u8> = const { Cell::new(1) }; pub(crate) static J: u8 = 1 }
task_local! { static K: u8; pub static L: Vec<u8>; }
pin_project! { #[project = P] pub struct M<T> where T: Future { #[pin] n: T, } impl<T: Future> PinnedDrop for M<T> { fn drop(this: Pin<&mut Self>) { o() } } }
macro_rules! q { ($x:expr) => { fn r() { tokio::spawn($x) } } }
unknown! { fn s() {} }
unknown! { not items at all }
impl T { cfg_u! { fn v(&self) {} } bitfield! { a, b } }
trait W { cfg_x! { fn y(); } }
fn z() { lazy_static! { static ref AA: u8 = 1; } macro_rules! bb { () => {} } }
"#,
        expect![[r#"
            module 0: File
            module 1: Declared b
            module 2: Body
            use e::f
            pub struct M<T: Future>
              n: T
            trait W
            lazy static G: Mutex<u8> = Mutex::new(1)
            lazy static H: u8 = 2
            lazy static I: Cell<u8> = {
              Cell::new(1)
            }
            lazy static J: u8 = 1
            static K: u8
            static L: Vec<u8>
            lazy static AA: u8 = 1 in 2
            impl<T: Future> PinnedDrop for M<T>
            impl T
            pub fn a() {
              f()
            }
            fn c() {}
            fn d() {} [test]
            pub fn M<T>::drop(this: Pin<&Self>) {
              o()
            }
            fn s() {}
            fn T::v(&self) {}
            pub fn W::y()
            fn z() [body 2] {}
            macro_rules mention x, expr, fn, r, tokio, spawn
        "#]],
    );
}

#[test]
fn impls_that_a_macro_completes_are_read() {
    let plain =
        |text: &str| format!("fn before() {{}}\n#[ext(name = X)]\n{text} T for U {{ fn f(&self) {{ g(); }} }}\n");
    for marks in ["pub", "pub(crate)", "pub(in a::b)", "pub default", "pub /* why */", "pub\n"] {
        for head in ["impl", "unsafe impl", "impl<A>"] {
            let text = plain(&format!("{marks} {head}"));
            let summary = lowered(&text);
            assert_eq!(summary.impls.len(), 1, "{text}");
            let f = summary.functions.iter().find(|it| &summary[it.name] == "f").unwrap();
            assert_eq!(at(&text, f.range), "fn f(&self) { g(); }");
        }
    }
}

#[test]
fn what_is_wrong_beside_such_an_impl_is_told_where_it_is() {
    let text = "#[ext]\npub impl T for U {}\nfn f() { let x = ; }\n";
    let errors = crate::lower::lower(text).errors;
    let told: Vec<(usize, &str)> = errors.iter().map(|it| (it.range.start as usize, it.message.as_str())).collect();
    assert_eq!(told, [(text.find("; }").unwrap(), "expected an expression")]);
}

#[test]
fn what_a_trait_builds_on_bounds_self() {
    check(
        "trait A {} trait B: A + Send + 'static where Self: Sized { fn f(&self); } trait C<T: A>: B {}",
        expect![[r#"
            module 0: File
            trait A
            trait B<Self: A + Send>
            trait C<T: A, Self: B>
            pub fn B::f(&self)
        "#]],
    );
}
