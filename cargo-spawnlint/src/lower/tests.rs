use super::lower;

#[test]
fn an_empty_file_is_one_module() {
    let lowered = lower("");
    assert!(lowered.errors.is_empty());
    assert_eq!(lowered.summary.modules.len(), 1);
}
