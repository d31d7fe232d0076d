//! Any bytes as files of other tools. The bytes up to the first 0 are one file, the rest is another beside it.
#![no_main]

use landfall::import::{Input, Settings, import, json, strategy_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let cut = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let (first, second) = bytes.split_at(cut);
    let names = ["first.yaml", "second.yaml"];
    let mut files = vec![Input { name: names[0], bytes: first }];
    if second.len() > 1 {
        files.push(Input { name: names[1], bytes: &second[1..] });
    }
    let job = Input { name: "first.nomad", bytes: first };
    if let Ok(imported) = import(&[job], None, &Settings::default()) {
        assert!(!strategy_file(&imported, &["first.nomad"]).is_empty());
    }
    match import(&files, None, &Settings::default()) {
        Ok(imported) => {
            assert!(!imported.is_empty());
            assert!(!strategy_file(&imported, &names).is_empty());
            assert!(json(&imported, &names).starts_with('['));
        }
        Err(refusal) => assert!(!refusal.to_string().is_empty()),
    }
});
