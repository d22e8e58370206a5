//! What only older editions allow, and what rustc reads and we do not.

use super::{check, check_order, lowered};
use crate::lower::lower;
use expect_test::{Expect, expect};

/// Checks what is said of the old syntax in a text: edition, place, message.
#[track_caller]
fn old(text: &str, expected: Expect) {
    let lowered = lower(text);
    assert_eq!(lowered.errors, [], "{text}");
    check_order(&lowered.summary);
    let line = |it: &crate::lower::OldSyntax| {
        let (start, end) = (it.error.range.start as usize, it.error.range.end as usize);
        format!("until {}: `{}`: {}\n", it.until, &text[start..end], it.error.message)
    };
    expected.assert_eq(&lowered.old.iter().map(line).collect::<String>());
}

#[test]
fn a_trait_object_needs_no_dyn() {
    for text in [
        "type A = Fn(&T) + Send;",
        "type A = Box<Fn(&T) + Send + 'static>;",
        "type A = &'a (Fn() + Send);",
        "type A = &'a mut Fn();",
        "type A = Box<for<'a> Fn(&'a T) + Send>;",
        "type A = for<'a> Fn(&'a T) + Send;",
        "type A = Box<Fn(::std::ops::Range<u8>)>;",
        "type A = Box<for<'a> std::ops::Fn(&'a u8)>;",
        "type A = Box<Fn() -> Box<Fn() + Send> + Send>;",
        "type A = Box<FnMut(Box<Any + Send>, &Fn()) -> Result<(), Box<Error + Send>> + Send>;",
        "type A = Box<Iterator<Item = Box<Fn() + Send>> + 'static>;",
        "type A = [Fn() + Send; 1];",
        "type A = (Fn() + Send, u8);",
        "type A = fn(&Fn()) -> u8;",
        "struct S<T: ?Sized = Fn()>(Box<T>);",
        "struct S(Box<Fn() + Send>, Fn());",
        "struct S { x: Fn() + Send }",
        "static X: &'static (Fn() + Send) = &f;",
        "impl T for Fn() + Send { fn f() {} }",
        "impl<T> Fn(T) -> T { fn f() {} }",
        "impl<F> X for Box<Fn(F)> where F: Fn() -> Box<Fn()>, Box<Fn() + Send>: Y {}",
        "trait T { type X = Fn(); fn f(&self, g: &Fn(u8)) -> Box<Fn(u8)>; }",
        "fn f() -> &(Fn() + Send) { x as &(Fn() + Send) }",
        "fn f() { x as Box<Fn() -> u8 + Send>; let y: Box<FnOnce()> = z; }",
        "fn f() { Vec::<Box<Fn() + Send>>::new(); <Fn(u8)>::g(); }",
        "fn f() { |x: &Fn()| x; |x: Box<Fn() + Send>| x; }",
        "fn f() { let x = Fn(1); S { y: Fn(2) }; let z: &Fn(u8) = &Fn(3); g(&Fn(4)); }",
    ] {
        old(
            &format!("use a::B;\n{text}"),
            match text {
                _ if text.contains("<for") || text.contains("= for") => expect![[r#"
                    until 2018: `for`: a trait object needs `dyn` since edition 2021
                "#]],
                _ if text.contains("FnMut") => expect![[r#"
                    until 2018: `FnMut`: a trait object needs `dyn` since edition 2021
                "#]],
                _ => expect![[r#"
                    until 2018: `Fn`: a trait object needs `dyn` since edition 2021
                "#]],
            },
        );
    }
}

#[test]
fn what_is_older_still_is_told_of_each_edition() {
    old(
        "trait T { fn f(&self, u8, Box<Fn(u8, u8) -> X<u8, u8>>, &'a mut [u8], (u8, u8), fn(u8), ::a::B, x: u8); }",
        expect![[r#"
            until 2015: `u8`: a parameter of a trait's method needs a name since edition 2018
            until 2018: `Fn`: a trait object needs `dyn` since edition 2021
        "#]],
    );
    for text in [
        "trait T { fn f(mut self, u8, a: u8, _: u8, &Self, Self, &mut B) -> u8 { 1 } }",
        "trait T<A> where A: B { const X: u8 = 1; fn f<B, C: D<Item = (B, A)> + Fn(B) -> u8>(self: Box<Self>, u8,); fn g(); fn h(&'a self, u8); }",
        "trait T { fn f(u8, self::A); fn g(self: self::B, self::C<D>); }",
        "m! { trait A {} } trait T { fn f(#[a(b)] #[c] u8); fn g(&self) { fn h(x: u8) {} } }",
    ] {
        old(
            text,
            expect![[r#"
                until 2015: `u8`: a parameter of a trait's method needs a name since edition 2018
            "#]],
        );
    }
}

#[test]
fn words_were_names_before_they_were_keywords() {
    let renamed = |text: &str, word: &str| {
        let found = lower(text);
        assert_eq!(found.errors, [], "{text}");
        check_order(&found.summary);
        assert_eq!(found.old.len(), 1, "{text}");
        assert_eq!(found.old[0].until, 2015);
        assert_eq!(found.old[0].error.message, format!("`{word}` is a keyword since edition 2018"));
    };
    // The parser takes `try` for a name in most places.
    for word in ["async", "await", "dyn"] {
        for text in [
            "fn WORD() {}",
            "mod WORD;",
            "pub mod WORD { }",
            "use a::WORD;",
            "use a::WORD::{b, c};",
            "use a::{WORD, c};",
            "extern crate WORD;",
            "struct S { WORD: u8 }",
            "enum E { A, WORD, B }",
            "fn WORD(WORD: u8) { WORD + 1; let WORD = 2; x.WORD(); S { WORD: 1 }; S { WORD }; WORD }",
        ] {
            renamed(&text.replace("WORD", word), word);
        }
    }
    // What is a keyword stays one.
    renamed(
        "fn f() { async(); async { x.await }; async move { 1 }; async || 2; a.map(|async| async.b()); a.map(|async| async |b| c); \
         a(|| async |b| c); a(|b| async |c| d); } async fn g() {}",
        "async",
    );
    renamed("fn f() { let dyn = 1; x as &dyn A; x as &dyn (A); x as &dyn (::A); x as &dyn ::A; }", "dyn");
    renamed("fn f() { x.try(); try!(x.y()).z; try { 1 }; } fn try() {}", "try");
    renamed("fn f() { match async { a => b } if async { } else { } match async { a } { b => c } }", "async");
    renamed("fn f() { await(x.await); }", "await");
}

#[test]
fn old_syntax_stands_where_the_text_has_it() {
    check(
        "trait T { fn f(u8, &str); }\nfn async(x: Box<Fn(u8) + Send>) { x.await(1); async() }\n",
        expect![[r#"
        module 0: File
        trait T
        pub fn T::f(_: u8, _: &str)
        fn async(x: Box<dyn Fn(u8) + Send>) {
          x.await(1);
          async()
        }
    "#]],
    );
}

#[test]
fn deep_and_long_old_texts_are_read() {
    let deep = |middle: &str| format!("fn f(x: &Fn()) {{ {}{middle}{} }}", "(".repeat(5_000), ")".repeat(5_000));
    check_order(&lowered(&deep("x as Box<Fn()>")));
    check_order(&lowered(&"fn f(x: &Fn(), y: Box<FnMut(u8)>) -> Vec<Box<Fn(u8)>> { }\n".repeat(3_000)));
    // Too many different ones: an error, after a bounded number of attempts.
    let many: String = (0..200).map(|at| format!("type A{at} = Box<Trait{at}(u8)>;\n")).collect();
    assert!(!lower(&many).errors.is_empty());
}

#[test]
fn what_no_edition_allows_is_an_error_as_before() {
    for (text, message) in [
        ("fn f() { let x: Fn(u8 = 1; }", "this `}` does not match"),
        ("type A = Fn(u8) Send;", "expected `;`"),
        ("fn f(u8) {}", "expected `:`"),
        ("fn f() { g(async fn) }", "expected an expression"),
        ("type A = dyn dyn Fn();", "found keyword `dyn`"),
    ] {
        let errors = lower(text).errors;
        assert!(errors.iter().any(|it| it.message.contains(message)), "{text}: {errors:?}");
    }
}
