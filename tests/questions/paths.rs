//! What tasks take along, and the ways that lead to it.

use expect_test::{Expect, expect};
use spawnlint_tests::{fixture::Fixture, pipeline};
use std::path::Path;

fn check_taken(text: &str, expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), text.to_owned());
    expect.assert_eq(&pipeline::print_taken(&fixture));
}

#[test]
fn ways() {
    check_taken(
        r#"use std::sync::{Arc, LazyLock, Mutex};
use tokio::sync::mpsc::Sender;
static BUS: LazyLock<Sender<u8>> = LazyLock::new(new_bus);
struct Hub { tx: Mutex<Option<Sender<u8>>> }
struct Server { hub: Arc<Hub>, name: String }
async fn one<T>(_: T) {}
impl Server {
    fn hub(&self) -> &Arc<Hub> { &self.hub }
    fn whole(self: Arc<Self>) { tokio::spawn(one(self)); }
    fn cloned(self: &Arc<Self>) { let this = self.clone(); tokio::spawn(one(this)); }
    fn field(&self) { tokio::spawn(one(self.hub.clone())); }
    fn two_deep(&self) { tokio::spawn(one(self.hub.tx.lock().unwrap().as_ref().unwrap().clone())); }
    fn accessor(&self) { let hub = self.hub().clone(); tokio::spawn(one(hub)); }
    fn copied(&self) { let name = self.name.to_uppercase(); tokio::spawn(one(name)); }
}
fn parameter(tx: Sender<u8>) { tokio::spawn(one(tx)); }
fn made() { let (tx, rx) = tokio::sync::mpsc::channel::<u8>(1); tokio::spawn(one((tx, rx))); }
fn of_a_static() { tokio::spawn(one(BUS.clone())); }
fn in_a_struct(hub: Arc<Hub>) { tokio::spawn(one(Server { hub, name: String::new() })); }
"#,
        expect![[r#"
            q/lib.rs:9:33: tokio::spawn
              `self`: (self at q/lib.rs:9:14), shared
            q/lib.rs:10:60: tokio::spawn
              `this`: (self at q/lib.rs:10:15), shared
            q/lib.rs:11:23: tokio::spawn
              `self.hub.clone()`: (self at q/lib.rs:11:14).hub, a field of `Server`, shared
            q/lib.rs:12:26: tokio::spawn
              `self.hub.tx.lock().unwrap().as_ref().unwrap().clone()`: (self at q/lib.rs:12:17).hub.tx, a field of `Hub`
            q/lib.rs:13:56: tokio::spawn
              `hub`: (self at q/lib.rs:13:17).hub, a field of `Server`, shared
            q/lib.rs:14:61: tokio::spawn
              `name`: (name at q/lib.rs:14:28)
            q/lib.rs:16:32: tokio::spawn
              `tx`: (tx at q/lib.rs:16:14)
            q/lib.rs:17:65: tokio::spawn
              `tx`: (tx at q/lib.rs:17:18)
              `rx`: (rx at q/lib.rs:17:22)
            q/lib.rs:18:20: tokio::spawn
              `BUS.clone()`: BUS
            q/lib.rs:19:33: tokio::spawn
              `hub`: (hub at q/lib.rs:19:16), shared
        "#]],
    );
}

#[test]
fn captures() {
    check_taken(
        r#"use std::sync::Arc;
use tokio::sync::mpsc::Sender;
struct Inner { tx: Sender<u8>, n: u8 }
struct Outer { inner: Inner, shared: Arc<Inner> }
impl Outer {
    fn one_field(self) { tokio::spawn(async move { self.inner.tx.send(1).await; }); }
    fn behind_a_pointer(self) { tokio::spawn(async move { self.shared.tx.send(1).await; }); }
    fn all(self: Arc<Self>) { tokio::spawn(async move { self.inner.tx.send(self.inner.n).await; }); }
}
fn own_names(tx: Sender<u8>) { tokio::spawn(async move { let n = 1; for _ in 0..n { tx.send(n).await; } }); }
fn nested(tx: Sender<u8>) { tokio::spawn(async move { let send = async { tx.send(1).await }; send.await; }); }
fn nothing() { tokio::spawn(async { println!("none"); }); }
"#,
        expect![[r#"
            q/lib.rs:6:26: tokio::spawn
              `self.inner.tx`: (self at q/lib.rs:6:18).inner.tx, a field of `Inner`
            q/lib.rs:7:33: tokio::spawn
              `self.shared`: (self at q/lib.rs:7:25).shared, a field of `Outer`, shared
            q/lib.rs:8:31: tokio::spawn
              `self`: (self at q/lib.rs:8:12), shared
              `self`: (self at q/lib.rs:8:12), shared
            q/lib.rs:10:32: tokio::spawn
              `tx`: (tx at q/lib.rs:10:14)
            q/lib.rs:11:29: tokio::spawn
              `tx`: (tx at q/lib.rs:11:11)
            q/lib.rs:12:16: tokio::spawn
        "#]],
    );
}

#[test]
fn through_wrappers() {
    check_taken(
        r#"use std::{future::Future, sync::Arc};
struct Hub { name: String }
fn launch(work: impl Future<Output = ()> + Send + 'static) { tokio::spawn(async move { work.await; }); }
async fn run(_: Arc<Hub>) {}
fn block(hub: Arc<Hub>) { launch(async move { println!("{}", hub.name); }); }
fn call(hub: &Arc<Hub>) { launch(run(hub.clone())); }
fn passed_on(hub: Arc<Hub>) { call(&hub); }
"#,
        expect![[r#"
            q/lib.rs:5:27: tokio::spawn
              `hub`: (hub at q/lib.rs:5:10), shared
            q/lib.rs:6:27: tokio::spawn
              `hub.clone()`: (hub at q/lib.rs:6:9), shared
        "#]],
    );
}
