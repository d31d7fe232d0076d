//! How places in files are named: relative to here, and the same on every system.

use std::ffi::OsStr;
use std::path::{Component, Path};

use crate::report::diagnostic::Place;
use crate::scenario::Location;

/// The place of something in a file.
pub(super) fn of(at: &Location) -> Place {
    let here = std::env::current_dir().unwrap_or_default();
    Place::of_text(named(&at.file, &here), at.line, at.column, &at.text)
}

/// A path as it is seen from a folder, with forward slashes and no detours. What lies elsewhere keeps its whole name.
fn named(file: &Path, here: &Path) -> String {
    let inside = file.strip_prefix(here).unwrap_or(file);
    let mut parts: Vec<&OsStr> = Vec::new();
    let mut root = "";
    for component in inside.components() {
        match component {
            Component::CurDir => {}
            Component::RootDir => root = "/",
            // Back to where it was before, unless that is further up than here.
            Component::ParentDir if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part.as_os_str()),
        }
    }
    let parts: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_where_they_can_be_and_have_no_detours() {
        for (file, name) in [
            ("a.toml", "a.toml"),
            ("./services/./a b.toml", "services/a b.toml"),
            ("services/../platform/a.toml", "platform/a.toml"),
            ("../other/a.toml", "../other/a.toml"),
            ("../../a.toml", "../../a.toml"),
            ("/repo/services/a.toml", "services/a.toml"),
            ("/elsewhere/a.toml", "/elsewhere/a.toml"),
            ("/repo/../a.toml", "../a.toml"),
        ] {
            assert_eq!(named(Path::new(file), Path::new("/repo")), name, "{file}");
        }
    }

    #[cfg(windows)]
    #[test]
    fn slashes_lean_forward() {
        assert_eq!(
            named(Path::new(r"services\a.toml"), Path::new("")),
            "services/a.toml"
        );
    }
}
