//! Any bytes as a strategy file, laid over a world that is right.
#![no_main]

use std::path::{Path, PathBuf};

use landfall::scenario::{Files, ReadError, Request, load};
use libfuzzer_sys::fuzz_target;

/// A world with one strategy in it, and the file that somebody proposes.
struct Proposal<'a>(&'a [u8]);

/// What the proposal is laid over.
const WORLD: &[u8] = br#"format = 1
use = "one-cluster"
[strategy.ours]
steps = [{ to = "one-box", bake = "10m" }, { to = "100%", takes = "10m", in = "boxes" }]
"#;

impl Files for Proposal<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        match path.to_str() {
            Some("world.toml") => Ok(WORLD.to_vec()),
            Some("proposal.toml") => Ok(self.0.to_vec()),
            _ => Err(ReadError::NotFound),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let request = Request {
        scenario: PathBuf::from("world.toml"),
        strategies: vec![PathBuf::from("proposal.toml")],
        ..Request::default()
    };
    match load(&request, &Proposal(bytes)) {
        Ok(scenario) => assert!(!scenario.plan.strategies.is_empty()),
        Err(problems) => {
            assert!(problems.count() > 0);
            assert!(!problems.render(true).is_empty());
        }
    }
});
