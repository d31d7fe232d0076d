//! Bytes as text.

use super::refusal::{At, Refusal};

/// The largest file, in bytes.
const MOST_BYTES: usize = 10 << 20;

/// The text of a file, without a byte order mark.
///
/// # Errors
/// It is too large, not UTF-8, or empty.
pub fn text(bytes: &[u8], file: usize) -> Result<&str, Refusal> {
    let top = At::top(file);
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::new(top, "a file has at most 10 MiB"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        let at = At {
            file,
            line,
            column: 1,
        };
        Refusal::new(at, "this line is not UTF-8").mend("save the file as UTF-8")
    })?;
    if text.trim().is_empty() {
        return Err(Refusal::new(top, "the file is empty"));
    }
    Ok(text)
}
