//! A scenario's files on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::scenario::{Files, ReadError, Request};

/// Most bytes of a file.
const LIMIT: u64 = 10 << 20;

/// The disk, as far as a scenario may see it: the files that were named, and what lies in their folders and in those
/// of `--world-path`.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    /// As given.
    named: Vec<PathBuf>,
    /// With links resolved.
    folders: Vec<PathBuf>,
}

impl Disk {
    pub fn for_request(request: &Request) -> Disk {
        let named: Vec<PathBuf> = std::iter::once(&request.scenario)
            .chain(&request.strategies)
            .cloned()
            .collect();
        let beside = named.iter().map(|file| match file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        });
        let folders = beside.chain(request.world_path.iter().cloned());
        let folders = folders
            .filter_map(|folder| fs::canonicalize(folder).ok())
            .collect();
        Disk { named, folders }
    }

    /// The same, and one more file that was named.
    pub fn and(mut self, named: &Path) -> Disk {
        self.named.push(named.to_owned());
        self
    }

    /// A file that was named may be a link to anywhere; what a scenario names may not lead out of its folders.
    fn is_outside(&self, path: &Path) -> io::Result<bool> {
        if self.named.iter().any(|named| named == path) {
            return Ok(false);
        }
        let real = fs::canonicalize(path)?;
        Ok(!self.folders.iter().any(|folder| real.starts_with(folder)))
    }
}

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        // Opening can do something of its own to what is no plain file, so what it is is asked first.
        check_plain(path)?;
        if self.is_outside(path).map_err(problem)? {
            return Err(ReadError::Outside);
        }
        let bytes = beginning(path, LIMIT + 1)?;
        if bytes.len() as u64 > LIMIT {
            return Err(ReadError::TooLarge { limit: LIMIT });
        }
        Ok(bytes)
    }
}

/// Refuses what is no plain file. Others may do something of their own when they are opened, so this is asked first.
pub(super) fn check_plain(path: &Path) -> Result<(), ReadError> {
    plain(&fs::metadata(path).map_err(problem)?)
}

/// At most so many bytes of a plain file from its beginning. It may grow while it is read: the limit holds for what comes.
pub(super) fn beginning(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let file = open(path).map_err(problem)?;
    // By now there may be something else of that name.
    plain(&file.metadata().map_err(problem)?)?;
    file.take(most).read_to_end(&mut bytes).map_err(problem)?;
    Ok(bytes)
}

fn plain(about: &fs::Metadata) -> Result<(), ReadError> {
    about.is_file().then_some(()).ok_or(ReadError::NotAFile)
}

/// Opens a file that neither opening nor reading waits for. Some that the system calls plain have their reader wait,
/// such as Linux's `/proc/kmsg` until the kernel has something to say.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        libc::O_NONBLOCK | libc::O_NOCTTY,
    );
    options.open(path)
}

fn problem(error: io::Error) -> ReadError {
    match error.kind() {
        // A file that is plain in deed never asks to wait.
        io::ErrorKind::WouldBlock => ReadError::NotAFile,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound,
        _ => ReadError::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(scenario: &Path) -> Disk {
        Disk::for_request(&Request {
            scenario: scenario.to_owned(),
            strategies: Vec::new(),
            world_path: Vec::new(),
        })
    }

    #[test]
    fn plain_files_of_ten_mebibytes_at_most() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        let disk = disk(&path);
        assert!(matches!(disk.read(&path), Err(ReadError::NotFound)));
        fs::write(&path, "format = 1").unwrap();
        assert_eq!(disk.read(&path).unwrap(), b"format = 1");
        assert!(matches!(disk.read(folder.path()), Err(ReadError::NotAFile)));
        File::create(&path).unwrap().set_len(LIMIT).unwrap();
        assert_eq!(disk.read(&path).unwrap().len() as u64, LIMIT);
        File::create(&path).unwrap().set_len(LIMIT + 1).unwrap();
        assert!(matches!(
            disk.read(&path),
            Err(ReadError::TooLarge { limit: LIMIT })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_waits_for_who_writes_into_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        assert!(matches!(disk(&path).read(&path), Err(ReadError::NotAFile)));
        // Nor where it took the place of a plain file that was looked at before.
        let file = open(&path).unwrap();
        assert!(matches!(
            plain(&file.metadata().unwrap()),
            Err(ReadError::NotAFile)
        ));
        // With somebody at the other end who writes nothing, reading has to wait, and does not.
        let _writer = OpenOptions::new().write(true).open(&path).unwrap();
        let error = (&file).read(&mut [0]).unwrap_err();
        assert!(matches!(problem(error), ReadError::NotAFile));
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out_unless_they_were_named() {
        let inside = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let secret = outside.path().join("secret.csv");
        fs::write(&secret, "1").unwrap();
        let link = inside.path().join("link.toml");
        std::os::unix::fs::symlink(&secret, &link).unwrap();
        assert_eq!(disk(&link).read(&link).unwrap(), b"1");
        let scenario = inside.path().join("a.toml");
        assert!(matches!(
            disk(&scenario).read(&link),
            Err(ReadError::Outside)
        ));
    }
}
