//! How places in files are named: relative to here or to the root of the repository, and the same on every system.

use std::env;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::report::diagnostic::Place;
use crate::scenario::Location;

/// Where GitHub Actions and GitLab CI say that they have put the repository.
const WORKSPACES: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// The place of something in a file.
pub(super) fn of(at: &Location) -> Place {
    let here = env::current_dir().unwrap_or_default();
    Place::of_text(named(&at.file, &here), at.line, at.column, &at.text)
}

/// Names a place from the root of the repository in which the command runs: code scanning and annotations take relative
/// paths for that (GitHub, "SARIF support for code scanning", "Specifying the root for source files").
pub(super) fn name_from_root(place: &mut Place) {
    let here = env::current_dir().unwrap_or_default();
    let workspaces = WORKSPACES.iter().filter_map(env::var_os);
    let workspaces: Vec<PathBuf> = workspaces
        .filter_map(|folder| PathBuf::from(folder).canonicalize().ok())
        .collect();
    let has_git = |folder: &Path| folder.join(".git").exists();
    if let Some(root) = root(&here, &workspaces, &has_git) {
        place.file = named(&here.join(&place.file), &root);
    }
}

/// The root of the repository that has a folder: the nearest above it with what Git keeps there, no further up than the
/// workspace that it is in; of a repository without that, the workspace.
fn root(here: &Path, workspaces: &[PathBuf], is_root: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let workspace = workspaces.iter().find(|folder| here.starts_with(folder));
    here.ancestors()
        .take_while(|folder| workspace.is_none_or(|w| folder.starts_with(w)))
        .find(|folder| is_root(folder))
        .map(Path::to_owned)
        .or_else(|| workspace.cloned())
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

    #[test]
    fn the_root_is_where_git_is_and_else_the_workspace() {
        let root_of = |here: &str, workspaces: &[&str], with_git: &[&str]| {
            let workspaces: Vec<PathBuf> = workspaces.iter().map(PathBuf::from).collect();
            let is_root = |folder: &Path| with_git.iter().any(|git| folder == Path::new(git));
            let root = root(Path::new(here), &workspaces, &is_root);
            root.map(|folder| folder.display().to_string())
        };
        for (here, workspaces, with_git, root) in [
            ("/w/repo/a", &[][..], &["/w/repo"][..], Some("/w/repo")),
            ("/w/repo", &[], &["/w/repo", "/w"], Some("/w/repo")),
            ("/w/repo/a", &["/w/repo"], &[], Some("/w/repo")),
            // Checked out into a folder of the workspace.
            ("/w/repo/a", &["/w"], &["/w/repo"], Some("/w/repo")),
            // Somebody else's, further up than the workspace.
            ("/w/repo/a", &["/w/repo"], &["/w"], Some("/w/repo")),
            ("/w/repo/a", &["/other"], &[], None),
        ] {
            assert_eq!(
                root_of(here, workspaces, with_git).as_deref(),
                root,
                "{here}"
            );
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
