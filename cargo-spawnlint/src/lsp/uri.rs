//! Addresses of files.

use crate::project::shown;
use lsp_types::Uri;
use std::path::{Path, PathBuf};

/// The path of a `file:` address; `None` for any other one.
pub(super) fn to_path(uri: &Uri) -> Option<PathBuf> {
    let text = uri.as_str();
    let rest = text.get(..7).filter(|start| start.eq_ignore_ascii_case("file://")).map(|_| &text[7..])?;
    // Of a host only this one is meant.
    let rest = if rest.starts_with('/') { rest } else { &rest[rest.find('/')?..] };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let bytes = decoded(rest);
    Some(path_of(bytes))
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    // `/c:/work`: the drive stands first.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let has_drive = text.as_bytes().get(2) == Some(&b':');
    PathBuf::from(if has_drive { text[1..].to_owned() } else { text })
}

/// The address of an absolute path; `None` if there is none.
pub(super) fn of_path(path: &Path) -> Option<Uri> {
    let text = bytes_of(path);
    let slash = if text.starts_with(b"/") { "" } else { "/" };
    let mut out = format!("file://{slash}");
    for byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out.parse().ok()
}

#[cfg(unix)]
fn bytes_of(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() { shown(Path::new(""), path).into_bytes() } else { bytes.to_vec() }
}

#[cfg(not(unix))]
fn bytes_of(path: &Path) -> Vec<u8> {
    shown(Path::new(""), path).into_bytes()
}

fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|it| std::str::from_utf8(it).ok());
        match digits.filter(|_| bytes[at] == b'%').and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_path_comes_back_from_its_address() {
        for path in ["/work/a b/ü.rs", "/%41.rs", "/a#b?.rs", "/c:/x.rs"] {
            let uri = of_path(Path::new(path)).unwrap();
            assert_eq!(to_path(&uri).as_deref(), Some(Path::new(path)), "{}", uri.as_str());
        }
        let uri: Uri = "file:///c%3A/a%20b.rs".parse().unwrap();
        assert_eq!(to_path(&uri), Some(PathBuf::from("/c:/a b.rs")));
        let uri: Uri = "FILE://localhost/a.rs".parse().unwrap();
        assert_eq!(to_path(&uri), Some(PathBuf::from("/a.rs")));
        let uri: Uri = "untitled:Untitled-1".parse().unwrap();
        assert_eq!(to_path(&uri), None);
    }
}
