//! Module trees and crates: which file is whose child, and what a crate's names stand for.

use crate::{
    probes::PROBES,
    support::{Folder, MANIFEST},
};
use cargo_spawnlint::{
    engine::{Engine, Options},
    project::{Cargo, CrateInput, DependencyInput, Project, discover},
};
use expect_test::{Expect, expect};
use spawnlint_analysis::crates::CrateKind;

fn open(folder: &Folder) -> Engine {
    let cargo = Cargo { program: env!("CARGO").into(), cwd: folder.path(), target_dir: None };
    let project = discover(&cargo, &folder.path().join("Cargo.toml"));
    Engine::open(project, Options::new(PROBES)).unwrap()
}

/// Each file with its crate and the module that declares it.
fn files(engine: &Engine) -> String {
    let graph = engine.crate_graph();
    let summaries: Vec<_> = engine.summaries().collect();
    let lines = engine.sources().iter().map(|(file, source)| {
        let place = graph.files[file.index()];
        let krate = &graph.crates[place.krate.index()];
        let root = if krate.root == Some(file) { " root" } else { "" };
        let parent = place.parent.map(|(parent, module)| {
            let name = summaries[parent.index()][module].name.unwrap();
            format!(" {}::{}", engine.sources().get(parent).path, &summaries[parent.index()][name])
        });
        let test = if place.is_test { " (test)" } else { "" };
        format!("{}: {:?} {}{root}{}{test}\n", source.path, krate.kind, krate.name, parent.unwrap_or_default())
    });
    lines.collect()
}

fn check(folder: &Folder, expected: Expect) {
    expected.assert_eq(&files(&open(folder)));
}

#[test]
fn modules_are_found_as_rustc_finds_them() {
    let folder = Folder::package(&[
        (
            "src/lib.rs",
            "mod a;\nmod b;\nmod inline { mod c; #[path = \"other.rs\"] mod d; }\n\
             #[path = \"odd/name.rs\"]\nmod e;\n#[path = \"moved\"]\nmod m { mod n; }\nmod gone;\nmod r#try;\n",
        ),
        ("src/a.rs", "mod deep;\n#[path = \"beside.rs\"]\nmod f;\nmod inline { mod g; #[path = \"h.rs\"] mod h; }\n"),
        ("src/a/deep.rs", ""),
        ("src/beside.rs", ""),
        ("src/a/inline/g.rs", ""),
        ("src/a/inline/h.rs", ""),
        ("src/b/mod.rs", "mod i;\n"),
        ("src/b/i.rs", ""),
        ("src/inline/c.rs", ""),
        ("src/inline/other.rs", ""),
        ("src/odd/name.rs", "mod j;\n"),
        ("src/odd/j.rs", ""),
        ("src/moved/n.rs", ""),
        ("src/try.rs", ""),
        ("src/nobody.rs", "mod child;\n"),
        ("src/nobody/child.rs", ""),
    ]);
    check(
        &folder,
        expect![[r#"
        src/a.rs: Lib demo src/lib.rs::a
        src/a/deep.rs: Lib demo src/a.rs::deep
        src/a/inline/g.rs: Lib demo src/a.rs::g
        src/a/inline/h.rs: Lib demo src/a.rs::h
        src/b/i.rs: Lib demo src/b/mod.rs::i
        src/b/mod.rs: Lib demo src/lib.rs::b
        src/beside.rs: Lib demo src/a.rs::f
        src/inline/c.rs: Lib demo src/lib.rs::c
        src/inline/other.rs: Lib demo src/lib.rs::d
        src/lib.rs: Lib demo root
        src/moved/n.rs: Lib demo src/lib.rs::n
        src/nobody.rs: Lib demo
        src/nobody/child.rs: Lib demo src/nobody.rs::child
        src/odd/j.rs: Lib demo src/odd/name.rs::j
        src/odd/name.rs: Lib demo src/lib.rs::e
        src/try.rs: Lib demo src/lib.rs::try
    "#]],
    );
}

#[test]
fn files_outside_of_the_package_are_read() {
    let folder = Folder::new(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"in\"]\n"),
        ("in/src/lib.rs", "#[path = \"../../shared/x.rs\"]\nmod x;\n"),
        ("shared/x.rs", "mod y;\n"),
        ("shared/y.rs", ""),
    ]);
    folder.write("in/Cargo.toml", MANIFEST);
    check(
        &folder,
        expect![[r#"
        in/src/lib.rs: Lib demo root
        shared/x.rs: Lib demo in/src/lib.rs::x
        shared/y.rs: Lib demo shared/x.rs::y
    "#]],
    );
}

#[cfg(unix)]
#[test]
fn links_are_the_file_that_they_lead_to() {
    let folder = Folder::package(&[
        ("src/lib.rs", "mod a;\nmod b;\n"),
        ("src/a.rs", ""),
        ("outside/mod.rs", "mod c;\n"),
        ("outside/c.rs", ""),
    ]);
    std::os::unix::fs::symlink("../outside", folder.path().join("src/b")).unwrap();
    std::os::unix::fs::symlink("a.rs", folder.path().join("src/z.rs")).unwrap();
    check(
        &folder,
        expect![[r#"
        outside/c.rs: Lib demo outside/mod.rs::c
        outside/mod.rs: Lib demo src/lib.rs::b
        src/a.rs: Lib demo src/lib.rs::a
        src/lib.rs: Lib demo root
    "#]],
    );
}

#[test]
fn code_that_tests_share_is_code() {
    let folder = Folder::package(&[
        ("src/lib.rs", "#[cfg(test)]\nmod shared;\n#[cfg(test)]\nmod checks;\n"),
        ("src/main.rs", "mod shared;\nfn main() {}\n"),
        ("src/shared.rs", ""),
        ("src/checks.rs", "mod more;\n"),
        ("src/checks/more.rs", ""),
        ("tests/it.rs", "mod common;\n#[path = \"../src/shared.rs\"]\nmod shared;\n"),
        ("tests/common/mod.rs", ""),
    ]);
    check(
        &folder,
        expect![[r#"
        src/checks.rs: Lib demo src/lib.rs::checks (test)
        src/checks/more.rs: Lib demo src/checks.rs::more (test)
        src/lib.rs: Lib demo root
        src/main.rs: Bin demo root
        src/shared.rs: Bin demo src/main.rs::shared
        tests/common/mod.rs: Test it tests/it.rs::common (test)
        tests/it.rs: Test it root (test)
    "#]],
    );
}

#[test]
fn dependencies_have_the_names_that_code_uses() {
    let folder = Folder::new(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"core\", \"util\"]\n"),
        ("app/src/lib.rs", ""),
        ("app/src/main.rs", "fn main() {}\n"),
        ("app/build.rs", "fn main() {}\n"),
        ("core/src/lib.rs", ""),
        ("util/src/lib.rs", ""),
    ]);
    let app = "[dependencies]\nthe-core = { path = \"../core\" }\nrt = { package = \"tokio\", version = \"1\" }\n\
               handy = { package = \"util\", path = \"../util\" }\nserde-json = \"1\"\n\
               [dev-dependencies]\nutil = { path = \"../util\" }\n[build-dependencies]\ncc = \"1\"\n";
    folder.write("app/Cargo.toml", format!("{}{app}", MANIFEST.replace("demo", "my-app")));
    folder.write("core/Cargo.toml", format!("{}[lib]\nname = \"kernel\"\n", MANIFEST.replace("demo", "the-core")));
    folder.write("util/Cargo.toml", MANIFEST.replace("demo", "util"));
    let engine = open(&folder);
    let graph = engine.crate_graph();
    let mut text = String::new();
    for krate in &graph.crates {
        text += &format!("{:?} {} of {}\n", krate.kind, krate.name, krate.package);
        for it in &krate.dependencies {
            let own = it.workspace_crate.map_or("", |id| &graph.crates[id.index()].package);
            text += &format!("  {} = {} {own}\n", it.name, it.real_name);
        }
    }
    expect![[r#"
        Lib my_app of my-app
          handy = util util
          rt = tokio 
          serde_json = serde_json 
          kernel = kernel the-core
          util = util util
        Bin my_app of my-app
          my_app = my_app my-app
          handy = util util
          rt = tokio 
          serde_json = serde_json 
          kernel = kernel the-core
          util = util util
        BuildScript build_script_build of my-app
          cc = cc 
        Lib kernel of the-core
        Lib util of util
    "#]]
    .assert_eq(&text);
}

#[test]
fn described_projects_are_joined_and_change() {
    let row = |name: &str| DependencyInput { name: name.to_owned(), real_name: name.to_owned() };
    let krate = |name: &str, root: &str, dependencies: Vec<DependencyInput>| CrateInput {
        name: name.to_owned(),
        package: name.to_owned(),
        kind: CrateKind::Lib,
        edition: 2024,
        root: root.to_owned(),
        dependencies,
    };
    let project =
        Project::described(&[krate("a", "a/lib.rs", vec![row("b"), row("tokio")]), krate("b", "b/lib.rs", Vec::new())]);
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let texts =
        vec![file("b/lib.rs", "fn leak_b() {}\n"), file("a/x.rs", ""), file("a/lib.rs", "mod x;\nfn leak_a() {}\n")];
    let mut engine = Engine::from_texts(project, texts, Options::new(PROBES)).unwrap();
    expect![[r#"
        a/lib.rs: Lib a root
        a/x.rs: Lib a a/lib.rs::x
        b/lib.rs: Lib b root
    "#]]
    .assert_eq(&files(&engine));
    let dependencies = engine.crate_graph().crates[0].dependencies.clone();
    assert_eq!(dependencies.iter().map(|it| it.workspace_crate.is_some()).collect::<Vec<_>>(), [true, false]);
    let findings = |engine: &mut Engine| engine.check().diagnostics.len();
    assert_eq!(findings(&mut engine), 2);
    engine.update("a/x.rs", "fn leak_x() {}\n".to_owned());
    assert_eq!(findings(&mut engine), 3);
    engine.update("a/lib.rs", "mod x;\nmod y;\n".to_owned());
    engine.update("a/y.rs", "fn leak_y() {}\n".to_owned());
    assert_eq!(findings(&mut engine), 3);
    expect![[r#"
        a/lib.rs: Lib a root
        a/x.rs: Lib a a/lib.rs::x
        a/y.rs: Lib a a/lib.rs::y
        b/lib.rs: Lib b root
    "#]]
    .assert_eq(&files(&engine));
}
