//! Files that are nowhere on the disk: a scenario that is nothing but a shipped world, and a service's rate.

use std::path::{Path, PathBuf};

use super::disk::Disk;
use crate::scenario::{self, Files, ReadError, Request};

/// The world of a strategy file where none is named.
pub(super) const WORLD: &str = "aws-like";
/// How the scenario is called that is nothing but that world; a file of its own name would use itself.
pub(super) const WORLD_FILE: &str = "shipped world";
/// How the file is called that says what `--rps` does.
pub(super) const RPS: &str = "--rps";

/// Whether a file is a strategy file, landfall's own or another tool's.
pub(super) fn is_strategy_file(file: &Path, world_path: &[PathBuf]) -> bool {
    let request = Request {
        scenario: file.to_owned(),
        world_path: world_path.to_vec(),
        ..Request::default()
    };
    let bytes = Disk::for_request(&request).read(file).unwrap_or_default();
    let is_foreign = crate::import::is_foreign(&file.to_string_lossy(), &bytes);
    is_foreign || scenario::is_strategy_file(&bytes)
}

/// The disk, and what is nowhere on it.
#[derive(Debug)]
pub(super) struct Worlds {
    pub disk: Disk,
    /// Whether [`WORLD_FILE`] is a file.
    pub shipped: bool,
    /// Requests a second, of [`RPS`].
    pub rps: Option<f64>,
}

impl Files for Worlds {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        match self.rps {
            Some(rps) if path == Path::new(RPS) => {
                return Ok(format!("[service]\nrps = {rps}\n").into_bytes());
            }
            _ => {}
        }
        if self.shipped && path == Path::new(WORLD_FILE) {
            return Ok(format!("format = 1\nuse = \"{WORLD}\"\n").into_bytes());
        }
        self.disk.read(path)
    }
}
