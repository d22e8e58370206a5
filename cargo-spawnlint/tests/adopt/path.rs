//! The way that docs/adopting.md shows, from old findings to a gate: the lines that stand there are the ones that are run.

use crate::{
    action::{self, Job},
    documents::{recipe, text, yaml},
    scratch::{NEW, OLD, Ran, Scratch},
};
use serde_json::Value;

const PAGE: &str = "docs/adopting.md";
const BASELINE: &str = "spawnlint-baseline.json";

/// What the workflow of docs/ci.md gives the action.
fn with() -> Value {
    let workflow = yaml(&recipe("docs/ci.md", "workflow"));
    assert!(workflow["on"].get("pull_request").is_some());
    assert_eq!(workflow["permissions"]["security-events"], "write");
    let [checkout, step] = workflow.pointer("/jobs/spawnlint/steps").unwrap().as_array().unwrap().as_slice() else {
        panic!("two steps, not {workflow:#}")
    };
    assert!(text(checkout, "/uses").starts_with("actions/checkout@"));
    assert_eq!(text(step, "/uses"), "OWNER/cargo-spawnlint@main");
    step["with"].clone()
}

/// A check of a pull request, and the same on somebody's own machine.
fn gate(scratch: &Scratch) -> (Job, Ran) {
    let job = action::run(scratch, &with());
    let ran = scratch.sh(&recipe(PAGE, "gate"));
    assert_eq!(job.code, ran.code, "{}{}", job.log, ran.stderr);
    (job, ran)
}

/// What passes, with nothing told of the code.
fn passes(scratch: &Scratch) -> String {
    let (job, ran) = gate(scratch);
    assert_eq!((job.code, job.annotations().len(), job.results()), (0, 0, 0), "{}", job.log);
    assert_eq!(ran.stdout, "");
    ran.stderr
}

fn entries(scratch: &Scratch) -> usize {
    let baseline: Value = serde_json::from_str(&scratch.read(BASELINE)).unwrap();
    baseline["findings"].as_array().unwrap().len()
}

#[test]
fn from_old_findings_to_a_gate() {
    let scratch = Scratch::new();
    // It would fail on what is old.
    assert_eq!(scratch.sh("cargo spawnlint --workspace -D warnings").code, 1);

    let ran = scratch.sh(&recipe(PAGE, "switch on"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("wrote spawnlint-baseline.json: 2 findings in 1 file\n"), "{}", ran.stderr);
    assert_eq!(entries(&scratch), 2);
    assert!(passes(&scratch).contains("0 findings"));

    // A pull request that adds one leak, above the old ones.
    scratch.git("git checkout -q -b pull-request");
    scratch.write("src/lib.rs", format!("{}\n{OLD}", NEW.trim_start()));
    scratch.git("git commit -q -a -m 'Count'");
    let (job, ran) = gate(&scratch);
    assert_eq!(job.code, 1, "{}", job.log);
    let [annotation] = job.annotations()[..] else { panic!("{}", job.log) };
    assert!(annotation.starts_with("::error file=src/lib.rs,line=2,endLine=2,"), "{annotation}");
    let uploaded = job.uploaded().unwrap();
    let [result] = uploaded.pointer("/runs/0/results").unwrap().as_array().unwrap().as_slice() else {
        panic!("{uploaded:#}")
    };
    assert_eq!(text(result, "/ruleId"), "unbounded_task_loop");
    assert_eq!(text(result, "/level"), "error");
    assert_eq!(text(result, "/locations/0/physicalLocation/artifactLocation/uri"), "src/lib.rs");
    assert_eq!(result.pointer("/locations/0/physicalLocation/region/startLine"), Some(&2.into()));
    assert_eq!(job.summary.matches("- `src/lib.rs:").count(), 1, "{}", job.summary);
    assert!(ran.stdout.contains("src/lib.rs:2:") && !ran.stdout.contains("start_reports"), "{}", ran.stdout);

    // It says why it is none.
    let comment = recipe(PAGE, "allow");
    let allowed = scratch.read("src/lib.rs").replacen("    tokio::spawn", &format!("    {comment}    tokio::spawn"), 1);
    scratch.write("src/lib.rs", allowed);
    scratch.git("git commit -q -a -m 'Say why' && git checkout -q main && git merge -q pull-request");
    passes(&scratch);

    // An old leak is mended, which is told and nothing more.
    let mended = scratch.read("src/lib.rs").replacen(
        "        loop {\n            report().await;\n        }\n",
        "        report().await;\n",
        1,
    );
    scratch.write("src/lib.rs", mended);
    scratch.git("git commit -q -a -m 'Mend'");
    let told = "note: 1 finding in spawnlint-baseline.json no longer occurs; --prune-baseline removes it\n";
    assert!(passes(&scratch).ends_with(told));
    assert_eq!(entries(&scratch), 2);
    let ran = scratch.sh(&recipe(PAGE, "prune"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("note: removed 1 finding from spawnlint-baseline.json that no longer occurs\n"));
    assert_eq!(entries(&scratch), 1);
    assert!(!scratch.read(BASELINE).contains("start_reports"));
    assert!(!passes(&scratch).contains("note:"));
    assert_eq!(scratch.sh("git status --porcelain").stdout, "", "all of it is committed");

    // It cannot come back.
    scratch.git("git revert --no-edit HEAD~1 > /dev/null");
    let (job, _) = gate(&scratch);
    assert_eq!((job.code, job.annotations().len(), job.results()), (1, 1, 1), "{}", job.log);
}
