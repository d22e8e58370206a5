//! Macros by example, and what their calls become.

use super::{check, lowered};
use crate::lower::{Definitions, definitions, lower_with};
use expect_test::expect;

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
        expect![[]],
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
        expect![[]],
    );
}
