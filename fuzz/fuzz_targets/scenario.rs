//! Any bytes as a scenario file: they are read and checked, and what is accepted becomes a plan.
#![no_main]

use std::path::{Path, PathBuf};

use landfall::scenario::{Files, ReadError, Request, load};
use libfuzzer_sys::fuzz_target;

/// One file, whatever it is called, and no other.
struct Only<'a>(&'a [u8]);

impl Files for Only<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        match path.to_str() {
            Some("scenario.toml") => Ok(self.0.to_vec()),
            _ => Err(ReadError::NotFound),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let request = Request {
        scenario: PathBuf::from("scenario.toml"),
        ..Request::default()
    };
    match load(&request, &Only(bytes)) {
        Ok(scenario) => assert!(!scenario.plan.strategies.is_empty()),
        Err(problems) => {
            assert!(problems.count() > 0);
            assert!(!problems.render(true).is_empty());
        }
    }
});
