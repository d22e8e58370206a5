//! The real binary in projects that would like to choose what cargo and rustup run.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

const LEAK: &str = "pub fn start() {\n    tokio::spawn(async { loop { work().await } });\n}\nasync fn work() {}\n";
const MANIFEST: &str = "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\ntokio = \"1\"\n";

/// As rustup's stand-in for cargo: the nearest toolchain file says what runs.
const PROXY: &str = r#"#!/bin/sh
dir=$PWD
until [ "$dir" = / ]; do
    if [ -f "$dir/rust-toolchain.toml" ]; then
        path=$(sed -n 's/^path = "\(.*\)"/\1/p' "$dir/rust-toolchain.toml")
        if [ -n "$path" ]; then exec "$path/bin/cargo" "$@"; fi
        echo "error: toolchain is not installed" >&2
        exit 1
    fi
    dir=$(dirname "$dir")
done
exec "$REAL_CARGO" "$@"
"#;

/// A stranger's project, and tools of the user's beside it.
struct Stage {
    top: TempDir,
}

impl Stage {
    fn new() -> Stage {
        let stage = Stage { top: tempfile::tempdir().unwrap() };
        stage.write("project/Cargo.toml", MANIFEST);
        stage.write("project/src/lib.rs", LEAK);
        stage.write("project/.git/HEAD", "ref: refs/heads/main\n");
        stage.program("tools/cargo", PROXY);
        let witness = format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\nexit 1\n", stage.path("witness").display());
        for name in ["cargo", "rustc", "evil", "git"] {
            stage.program(&format!("project/bin/{name}"), &witness);
        }
        stage
    }

    fn path(&self, path: &str) -> PathBuf {
        self.top.path().canonicalize().unwrap().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn program(&self, path: &str, text: &str) {
        self.write(path, text);
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The binary, started by itself in the project, with the tools and nothing else on the PATH but the system's.
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-spawnlint"));
        command.args(["spawnlint", "--message-format", "short"]).current_dir(self.path("project"));
        for name in ["CARGO", "RUSTUP_TOOLCHAIN", "CARGO_TARGET_DIR"] {
            command.env_remove(name);
        }
        command.env("REAL_CARGO", env!("CARGO"));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path("tools").display()));
        command
    }

    /// Whether a run finds what there is, is told nothing, and starts nothing of the project's.
    fn assert_harmless(&self, command: &mut Command, what: &str) {
        let output = command.output().unwrap();
        assert_eq!(fs::read_to_string(self.path("witness")).unwrap_or_default(), "", "{what}: something ran");
        assert_eq!(output.status.code(), Some(0), "{what}: {output:?}");
        assert!(text(&output.stdout).starts_with("src/lib.rs:2:5: warning[spawnlint::"), "{what}: {output:?}");
        assert_eq!(text(&output.stderr).lines().count(), 1, "{what}: {output:?}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_owned()).unwrap()
}

/// rustup's own stand-in, where there is one.
fn rustup() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).find(|folder| folder.join("rustup").exists() && folder.join("cargo").exists())
}

#[test]
fn no_toolchain_of_the_project_runs() {
    let stage = Stage::new();
    let path = stage.path("project").display().to_string();
    let files = [
        ("rust-toolchain.toml", format!("[toolchain]\npath = \"{path}\"\n")),
        ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.0.0\"\n".to_owned()),
        ("rust-toolchain.toml", "[toolchain]\nchannel = \"../../project\"\n".to_owned()),
        ("rust-toolchain.toml", "[toolchain\n".to_owned()),
        ("rust-toolchain", "nightly-2020-01-01\n".to_owned()),
        ("rust-toolchain", path),
    ];
    for (name, text) in files {
        stage.write(&format!("project/{name}"), &text);
        let what = format!("{name}: {text}");
        stage.assert_harmless(&mut stage.command(), &what);
        if let Some(rustup) = rustup() {
            stage.assert_harmless(stage.command().env("PATH", rustup), &what);
        }
        // As cargo starts it.
        stage.assert_harmless(stage.command().env("CARGO", env!("CARGO")), &what);
        fs::remove_file(stage.path(&format!("project/{name}"))).unwrap();
    }
}

#[test]
fn no_configuration_of_the_project_says_what_runs() {
    let stage = Stage::new();
    let evil = stage.path("project/bin/evil").display().to_string();
    let elsewhere = stage.path("elsewhere").display().to_string();
    let host = "x86_64-unknown-linux-gnu";
    let configurations = [
        format!("[build]\nrustc = \"{evil}\"\nrustc-wrapper = \"{evil}\"\nrustc-workspace-wrapper = \"{evil}\"\n"),
        format!("[build]\nrustdoc = \"{evil}\"\ntarget = \"{evil}.json\"\n"),
        format!("[build]\ntarget-dir = \"{elsewhere}\"\nbuild-dir = \"{elsewhere}\"\n"),
        format!("[alias]\nmetadata = \"run\"\ncheck = \"run\"\nspawnlint = [\"--config\", \"build.rustc='{evil}'\", \"run\"]\n"),
        format!("[registry]\nglobal-credential-providers = [\"{evil}\"]\ncredential-provider = [\"{evil}\"]\n"),
        format!("[credential-alias]\n\"cargo:token\" = [\"{evil}\"]\n"),
        format!("[env]\nCARGO = {{ value = \"{evil}\", force = true }}\nRUSTC = \"{evil}\"\nPATH = {{ value = \"bin\", relative = true, force = true }}\n"),
        format!("[unstable]\nhost-config = true\nscript = true\n[host]\nrunner = \"{evil}\"\n"),
        format!("[target.{host}]\nrunner = \"{evil}\"\nlinker = \"{evil}\"\n"),
        "include = [\"more.toml\"]\n".to_owned(),
        "[net]\ngit-fetch-with-cli = true\noffline = false\n[http]\nproxy = \"http://127.0.0.1:9\"\n[term]\nquiet = true\n".to_owned(),
        "paths = [\"../project\"]\n[source.crates-io]\nreplace-with = \"mine\"\n[source.mine]\ndirectory = \"bin\"\n".to_owned(),
        "no TOML at all [\n".to_owned(),
    ];
    stage.write("project/.cargo/more.toml", &format!("[build]\nrustc = \"{evil}\"\ntarget-dir = \"{elsewhere}\"\n"));
    for configuration in configurations {
        stage.write("project/.cargo/config.toml", &configuration);
        stage.assert_harmless(&mut stage.command(), &configuration);
        stage.assert_harmless(stage.command().env("CARGO", env!("CARGO")), &configuration);
        assert!(!stage.path("elsewhere").exists(), "{configuration}");
    }
}

#[test]
fn no_program_of_the_project_is_taken_for_cargo() {
    let stage = Stage::new();
    let tools = stage.path("tools").display().to_string();
    let own = stage.path("project/bin").display().to_string();
    fs::create_dir(stage.path("project/inner")).unwrap();
    std::os::unix::fs::symlink(stage.path("project/bin"), stage.path("link")).unwrap();
    let link = stage.path("link").display().to_string();
    for entry in ["", ".", "bin", "./bin", "src/../bin", &own, &link] {
        stage.assert_harmless(stage.command().env("PATH", format!("{entry}:{tools}:/usr/bin:/bin")), entry);
        let mut bare = stage.command();
        stage.assert_harmless(bare.env("PATH", format!("{entry}:{tools}:/usr/bin:/bin")).env("CARGO", "cargo"), entry);
    }
    // A path that starts in the current folder is no path to what the user has.
    for cargo in ["bin/cargo", "./bin/cargo", "../project/bin/cargo"] {
        let output = stage.command().env("CARGO", cargo).output().unwrap();
        assert!(!stage.path("witness").exists(), "{cargo}");
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(text(&output.stdout).contains("which is neither an absolute path nor a plain name"), "{output:?}");
    }
}

/// Says what it was given, and does as cargo does.
const TELLING: &str = "#!/bin/sh\npwd > \"$TOLD\"\nenv >> \"$TOLD\"\nexec \"$REAL_CARGO\" \"$@\"\n";

#[test]
fn cargo_is_asked_from_a_folder_of_nobody_and_without_secrets() {
    let stage = Stage::new();
    stage.program("tools/cargo", TELLING);
    let mut command = stage.command();
    command.env("TOLD", stage.path("told")).env("CARGO_TARGET_DIR", "out");
    let secrets = ["CARGO_REGISTRY_TOKEN", "CARGO_REGISTRIES_MINE_TOKEN", "CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS"];
    for name in secrets {
        command.env(name, "canary");
    }
    for name in ["RUSTC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"] {
        command.env(name, stage.path("project/bin/evil"));
    }
    stage.assert_harmless(&mut command, "told");
    let told = fs::read_to_string(stage.path("told")).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "/");
    assert!(!told.contains("canary") && !told.contains("bin/evil"), "{told}");
    let target = format!("CARGO_TARGET_DIR={}", stage.path("project/out").display());
    for line in ["RUSTUP_AUTO_INSTALL=0", "RUSTC_WRAPPER=", "RUSTC_WORKSPACE_WRAPPER=", &target] {
        assert!(lines.contains(&line), "{line}: {told}");
    }
    assert!(stage.path("project/out/spawnlint/cache").is_dir());
}

#[test]
fn a_release_that_is_pinned_and_installed_is_asked_where_the_usual_cargo_gives_up() {
    let stage = Stage::new();
    stage.program("tools/cargo", "#!/bin/sh\necho 'error: that is too new for me' >&2\nexit 101\n");
    for toolchain in ["1.80.1-host", "nightly-2024-01-01-host", "mine"] {
        let program = format!("#!/bin/sh\necho {toolchain} > \"$TOLD\"\nexec \"$REAL_CARGO\" \"$@\"\n");
        stage.program(&format!("rustup/toolchains/{toolchain}/bin/cargo"), &program);
    }
    fs::create_dir_all(stage.path("project/toolchains/1.70.0-host")).unwrap();
    std::os::unix::fs::symlink(stage.path("project/bin"), stage.path("project/toolchains/1.70.0-host/bin")).unwrap();
    let run = |pinned: &str, rustup: &str| {
        stage.write("project/rust-toolchain.toml", &format!("[toolchain]\nchannel = \"{pinned}\"\n"));
        fs::remove_file(stage.path("told")).ok();
        let mut command = stage.command();
        let output = command.env("TOLD", stage.path("told")).env("RUSTUP_HOME", stage.path(rustup)).output().unwrap();
        assert!(!stage.path("witness").exists(), "{pinned}");
        (output.status.code(), fs::read_to_string(stage.path("told")).unwrap_or_default(), text(&output.stdout))
    };
    let (code, told, _) = run("1.80.1", "rustup");
    assert_eq!((code, told.as_str()), (Some(0), "1.80.1-host\n"));
    for (pinned, rustup) in [
        ("mine", "rustup"),
        ("nightly", "rustup"),
        ("1.81", "rustup"),
        ("1.80.1/../mine", "rustup"),
        ("../../project", "rustup"),
        ("1.70.0", "project"),
    ] {
        let (code, told, stdout) = run(pinned, rustup);
        assert_eq!((code, told.as_str()), (Some(3), ""), "{pinned}");
        assert!(stdout.contains("cargo cannot read this workspace: that is too new for me\n"), "{stdout}");
        assert!(stdout.contains("src/lib.rs:2:5: warning[spawnlint::"), "{stdout}");
    }
}

#[test]
fn cargo_is_all_that_runs() {
    let strace = Path::new("/usr/bin/strace");
    let is_traceable = |stage: &Stage| {
        strace.exists()
            && Command::new(strace)
                .args(["-o", "/dev/null", "/bin/true"])
                .current_dir(stage.path("project"))
                .status()
                .is_ok_and(|it| it.success())
    };
    let stage = Stage::new();
    if !is_traceable(&stage) {
        return;
    }
    let evil = stage.path("project/bin/evil").display().to_string();
    let path = stage.path("project").display().to_string();
    stage.write("project/.cargo/config.toml", &format!("[build]\nrustc = \"{evil}\"\nrustc-wrapper = \"{evil}\"\n"));
    stage.write("project/rust-toolchain.toml", &format!("[toolchain]\npath = \"{path}\"\n"));
    stage.write("project/build.rs", "fn main() {}\n");
    let log = stage.path("log");
    let tools = stage.path("tools/cargo").display().to_string();
    for subcommand in ["check", "tasks", "config"] {
        let mut command = stage.command();
        let args: Vec<_> =
            command.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
        command = Command::new(strace);
        command.args(["-f", "-qq", "-e", "trace=execve", "-o"]).arg(&log).current_dir(stage.path("project"));
        command.args([env!("CARGO_BIN_EXE_cargo-spawnlint"), "spawnlint", subcommand]);
        for (name, value) in args {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let output = command.output().unwrap();
        let calls = fs::read_to_string(&log).unwrap();
        let calls = calls.lines().filter(|line| line.ends_with("= 0"));
        let programs: Vec<&str> = calls.filter_map(|line| line.split("execve(\"").nth(1)?.split('"').next()).collect();
        assert_eq!(programs, [env!("CARGO_BIN_EXE_cargo-spawnlint"), &tools, env!("CARGO")], "{subcommand}");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

/// The user asks for a build, and gets the one that the project would have; by the cargo that was started.
#[test]
fn a_build_that_is_asked_for_is_told_and_uses_the_same_cargo() {
    let stage = Stage::new();
    fs::remove_dir_all(stage.path("project/.git")).unwrap();
    stage.write("project/Cargo.toml", "[package]\nname = \"demo\"\nedition = \"2024\"\n");
    let old = "// spawnlint: allow(unbounded_task_loop): it is never started\nfn old() {}\n";
    stage.write("project/src/lib.rs", old);
    stage.program("tools/cargo", "#!/bin/sh\necho \"$1 in $PWD\" >> \"$TOLD\"\nexec \"$REAL_CARGO\" \"$@\"\n");
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        (text(&output.stderr), fs::read_to_string(stage.path("told")).unwrap_or_default())
    };
    let flags = ["--fix", "--unsafe-fixes", "--verify", "--allow-no-vcs", "--offline"];
    let mut command = stage.command();
    let rustc = Path::new(env!("CARGO")).parent().unwrap().display();
    command.env("PATH", format!("{}:{rustc}:/usr/bin:/bin", stage.path("tools").display()));
    let (told, calls) = run(command.args(flags).env("TOLD", stage.path("told")));
    let project = stage.path("project").display().to_string();
    assert!(told.starts_with("verifying with `cargo check --all-targets"), "{told}");
    assert_eq!(calls, format!("metadata in /\ncheck in {project}\ncheck in {project}\n"), "{told}");
}
