//! Which file a name in a scenario means.
//!
//! Names are relative to the folder of the file that has them, or to a folder of the world path, and never lead out of it.

use std::path::{Component, Path, PathBuf};

use super::check::Check;
use super::files::ReadError;
use super::literal::LiteralError;

/// A file that was found.
pub(super) struct Found {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

/// Reads the file that `name` means in the text `asking`: beside that one first, then in the world path.
///
/// # Errors
/// The rule that is broken: the name leads elsewhere, there is no such file, or it cannot be read.
pub(super) fn find(name: &str, asking: usize, check: &Check) -> Result<Found, LiteralError> {
    let relative = inside(name)?;
    let source = check.texts.source(asking);
    if source.shipped {
        return Err(LiteralError::new("a shipped world cannot refer to files"));
    }
    let beside = source.path.parent().unwrap_or(Path::new("")).to_owned();
    let mut folders = vec![beside];
    folders.extend(check.world_path.iter().cloned());
    for folder in &folders {
        let path = folder.join(&relative);
        match check.files.read(&path) {
            Ok(bytes) => return Ok(Found { path, bytes }),
            Err(ReadError::NotFound) => {}
            Err(error) => {
                return Err(LiteralError::new(format!(
                    "{} cannot be read: {error}",
                    path.display()
                )));
            }
        }
    }
    let looked: Vec<String> = folders.iter().map(|f| folder_name(f)).collect();
    let error = LiteralError::new("there is no such file");
    Err(LiteralError {
        mend: Some(format!("looked in {}", looked.join(", "))),
        ..error
    })
}

fn folder_name(folder: &Path) -> String {
    if folder.as_os_str().is_empty() {
        "the folder of this file".to_owned()
    } else {
        folder.display().to_string()
    }
}

/// A relative path that stays inside the folder it starts in, without `.` and `..`.
fn inside(name: &str) -> Result<PathBuf, LiteralError> {
    let outside = || LiteralError {
        mend: Some("put the file beside this one, or name its folder with --world-path".to_owned()),
        ..LiteralError::new(
            "a file must lie in the folder of the file that names it, or in a --world-path folder",
        )
    };
    if name.is_empty() || name.contains('\0') {
        return Err(LiteralError::new("this is no name of a file"));
    }
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                if !path.pop() {
                    return Err(outside());
                }
            }
            Component::RootDir | Component::Prefix(_) => return Err(outside()),
        }
    }
    if path.as_os_str().is_empty() {
        Err(LiteralError::new("this is no name of a file"))
    } else {
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_folder() {
        for (name, expected) in [
            ("team.toml", Some("team.toml")),
            ("./a/b.toml", Some("a/b.toml")),
            ("a/../b.toml", Some("b.toml")),
            ("../b.toml", None),
            ("a/../../b.toml", None),
            ("/etc/passwd", None),
            ("", None),
            (".", None),
            ("a\0b", None),
        ] {
            assert_eq!(inside(name).ok(), expected.map(PathBuf::from), "{name:?}");
        }
    }
}
