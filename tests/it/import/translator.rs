//! SAM's own translator beside the import, where somebody names a Python that has it:
//! `LANDFALL_SAM=venv/bin/python cargo test --test it translator`, after `pip install aws-sam-translator pyyaml`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use landfall::import::{Input, import};

use super::{at_zero, sam_templates, tool};

#[test]
fn what_sams_translator_deploys_is_imported_and_nothing_else() {
    let Some(python) = tool("LANDFALL_SAM", "a Python with aws-sam-translator") else {
        return;
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let templates = sam_templates();
    assert!(!templates.is_empty(), "there are no real templates");
    let output = Command::new(python)
        .arg(here.join("tests/it/import/translator.py"))
        .args(&templates)
        .output()
        .expect("python runs");
    let told: BTreeMap<String, Option<Vec<String>>> =
        serde_json::from_slice(&output.stdout).expect("JSON of the script");
    assert_eq!(told.len(), templates.len());
    for (file, deployed) in told {
        let bytes = std::fs::read(&file).expect("a template");
        let input = Input {
            name: &file,
            bytes: &bytes,
        };
        match (import(&[input], None, &at_zero()), deployed) {
            (Ok(all), Some(names)) => {
                let mut found: Vec<String> = all.into_iter().map(|one| one.name).collect();
                found.sort();
                assert_eq!(found, names, "{file}");
            }
            (Err(_), None) => {}
            (Err(refusal), Some(names)) => {
                // The translator hands on names of configurations that are nowhere, and knows no ECS.
                let text = refusal.to_string();
                let only_unknown = text.contains("not known");
                assert!(only_unknown, "{file}: {text}, and SAM deploys {names:?}");
            }
            (Ok(all), None) => panic!("{file}: SAM refuses it, and {} were imported", all.len()),
        }
    }
}
