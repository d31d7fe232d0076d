//! Files that appear whole or not at all, in a folder of results.
//!
//! A file is written under a temporary name beside its final one, brought to the disk, and renamed. All files of a run
//! are renamed together at its end, the manifest last; the old manifest goes first. So a folder with a manifest holds
//! one run's files and no other's, whatever happened in between.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// The name of the manifest.
pub(super) const MANIFEST: &str = "manifest.json";

/// A folder of results.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

/// A file that is not there yet. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Draft {
    name: &'static str,
    file: NamedTempFile<File>,
}

impl Folder {
    /// Makes the folder where it is missing.
    pub fn open(path: &Path) -> io::Result<Folder> {
        fs::create_dir_all(path)?;
        Ok(Folder {
            path: path.to_owned(),
        })
    }

    /// Begins a file.
    pub fn draft(&self, name: &'static str) -> io::Result<Draft> {
        temporary(&self.path, name).map(|file| Draft { name, file })
    }

    /// Gives all files their names, `manifest` last. What an earlier run left here and this one does not replace goes.
    pub fn publish(&self, drafts: Vec<Draft>, manifest: Draft) -> Result<(), (String, io::Error)> {
        let names: Vec<&str> = drafts.iter().map(|d| d.name).collect();
        let stale = self.listed_before();
        let stale = stale.iter().filter(|name| !names.contains(&name.as_str()));
        for draft in drafts.iter().chain([&manifest]) {
            let synced = draft.file.as_file().sync_all();
            synced.map_err(|e| (draft.name.to_owned(), e))?;
        }
        self.remove(MANIFEST)?;
        for draft in drafts {
            self.name(draft)?;
        }
        for name in stale {
            self.remove(name)?;
        }
        self.name(manifest)?;
        // Not every system can bring a folder to the disk; the files are there all the same.
        let _ = File::open(&self.path).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// Gives files their names, each for itself: for files of which each says what it is of.
    pub fn replace(&self, drafts: Vec<Draft>) -> Result<(), (String, io::Error)> {
        for draft in &drafts {
            let synced = draft.file.as_file().sync_all();
            synced.map_err(|e| (draft.name.to_owned(), e))?;
        }
        drafts.into_iter().try_for_each(|draft| self.name(draft))
    }

    fn name(&self, draft: Draft) -> Result<(), (String, io::Error)> {
        let name = draft.name;
        let named = draft.file.persist(self.path.join(name));
        named.map(drop).map_err(|e| (name.to_owned(), e.error))
    }

    fn remove(&self, name: &str) -> Result<(), (String, io::Error)> {
        match fs::remove_file(self.path.join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err((name.to_owned(), e)),
            _ => Ok(()),
        }
    }

    /// The files that the manifest here lists, as far as landfall may have written them.
    fn listed_before(&self) -> Vec<String> {
        let text = fs::read(self.path.join(MANIFEST)).unwrap_or_default();
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
        let files = json["files"].as_array().cloned().unwrap_or_default();
        let names = files.iter().filter_map(|name| name.as_str());
        names
            .filter(|name| super::output::may_be_written(name))
            .map(str::to_owned)
            .collect()
    }
}

impl Draft {
    /// Its final name.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The file itself: its wrapper's errors name the temporary file.
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

/// Begins a file beside others, which gets its name when it is whole.
pub(super) fn temporary(folder: &Path, name: &str) -> io::Result<NamedTempFile> {
    // Opened the ordinary way, so that it has the permissions that the user's files have: a named temporary file
    // can only be read by its owner.
    let open = |path: &Path| File::options().write(true).create_new(true).open(path);
    tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(".part")
        .make_in(folder, open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn draft(folder: &Folder, name: &'static str, text: &str) -> Draft {
        let mut draft = folder.draft(name).unwrap();
        draft.write_all(text.as_bytes()).unwrap();
        draft
    }

    #[test]
    fn nothing_has_its_name_before_all_is_there() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("a/b")).unwrap();
        let summary = draft(&folder, "summary.csv", "x");
        assert!(!folder.path.join("summary.csv").exists());
        let manifest = draft(&folder, MANIFEST, "{}");
        folder.publish(vec![summary], manifest).unwrap();
        assert_eq!(names(&folder.path), [MANIFEST, "summary.csv"]);
        assert_eq!(
            fs::read_to_string(folder.path.join("summary.csv")).unwrap(),
            "x"
        );
    }

    #[test]
    fn a_draft_that_is_dropped_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let dropped = draft(&folder, "rollouts.csv", "half a ro");
        assert_eq!(names(place.path()).len(), 1);
        drop(dropped);
        assert_eq!(names(place.path()), Vec::<String>::new());
    }

    #[test]
    fn failing_half_way_leaves_no_manifest_and_no_drafts() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        fs::write(place.path().join(MANIFEST), "{}").unwrap();
        // A folder stands where the file should go.
        fs::create_dir(place.path().join("summary.json")).unwrap();
        let drafts = vec![
            draft(&folder, "summary.csv", "x"),
            draft(&folder, "summary.json", "{}"),
        ];
        let manifest = draft(&folder, MANIFEST, "{}");
        let (name, _) = folder.publish(drafts, manifest).unwrap_err();
        assert_eq!(name, "summary.json");
        assert_eq!(names(place.path()), ["summary.csv", "summary.json"]);
    }

    #[test]
    fn what_an_earlier_run_left_goes_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let old = r#"{"files": ["rollouts.csv", "notes.txt", "../escape", "summary.csv"]}"#;
        for (name, text) in [
            (MANIFEST, old),
            ("rollouts.csv", "old"),
            ("notes.txt", "mine"),
            ("tradeoff.svg", "not listed"),
        ] {
            fs::write(place.path().join(name), text).unwrap();
        }
        let summary = draft(&folder, "summary.csv", "new");
        folder
            .publish(vec![summary], draft(&folder, MANIFEST, "{}"))
            .unwrap();
        assert_eq!(
            names(place.path()),
            [MANIFEST, "notes.txt", "summary.csv", "tradeoff.svg"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn files_have_the_permissions_of_the_users_files() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let summary = draft(&folder, "summary.csv", "x");
        folder
            .publish(vec![summary], draft(&folder, MANIFEST, "{}"))
            .unwrap();
        File::create(place.path().join("ordinary")).unwrap();
        let mode = |name: &str| {
            let about = fs::metadata(place.path().join(name)).unwrap();
            about.permissions().mode() & 0o777
        };
        assert_eq!(mode("summary.csv"), mode("ordinary"));
        assert_eq!(mode(MANIFEST), mode("ordinary"));
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(Folder::open(&file.join("output")).is_err());
    }
}
