#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spawnlint_tests::fuzzing::changes(data));
