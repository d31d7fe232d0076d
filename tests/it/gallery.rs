//! A gallery of mistaken scenarios, each with what landfall says about it.
//!
//! Every file in `gallery/` is wrong in a way that people are, and its message is kept as a snapshot. A line
//! `# strategy file: NAME` lays that file over it. To see them all: `cargo test --test it gallery`, then
//! `cargo insta review` where one has changed.

use std::fs;
use std::path::{Path, PathBuf};

use landfall::scenario::{Files, ReadError, Request, load};

/// The files of the gallery.
struct Gallery;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/gallery")
}

impl Files for Gallery {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        fs::read(folder().join(path)).map_err(|_| ReadError::NotFound)
    }
}

fn mistaken() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the gallery is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a plain name")
        })
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    names
}

fn request(name: &str) -> Request {
    let bytes = fs::read(folder().join(name)).expect("a file of the gallery");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let strategies = text
        .lines()
        .filter_map(|l| l.strip_prefix("# strategy file: "));
    Request {
        scenario: PathBuf::from(name),
        strategies: strategies.map(PathBuf::from).collect(),
        world_path: Vec::new(),
    }
}

#[test]
fn every_mistake_is_told_in_its_place() {
    let names = mistaken();
    assert!(names.len() >= 70, "{} files", names.len());
    for name in names {
        let problems = load(&request(&name), &Gallery).expect_err(&name);
        insta::assert_snapshot!(name.trim_end_matches(".toml"), problems.render(false));
    }
}
