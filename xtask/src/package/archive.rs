//! An archive whose bytes depend on nothing but its contents.

use std::fmt::Write as _;
use std::io;

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

/// A file to be archived.
#[derive(Clone)]
pub(crate) struct Entry {
    /// From the archive's root, with `/`.
    pub(crate) path: String,
    pub(crate) executable: bool,
    pub(crate) bytes: Vec<u8>,
}

/// When every file was changed last, in seconds since 1970: the first of January 2020. Zero would
/// do as well, but some programs take it for "unknown".
const CHANGED: u64 = 1_577_836_800;
/// The gzip header's "unknown", where the machine that compresses would stand.
const UNKNOWN_SYSTEM: u8 = 255;

/// Makes a .tar.gz. The order of the entries does not matter, nor who makes it, when and where.
pub(crate) fn pack(mut entries: Vec<Entry>, level: Compression) -> io::Result<Vec<u8>> {
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let gzip = GzBuilder::new()
        .operating_system(UNKNOWN_SYSTEM)
        .write(Vec::new(), level);
    let mut archive = tar::Builder::new(gzip);
    for entry in &entries {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(if entry.executable { 0o755 } else { 0o644 });
        header.set_mtime(CHANGED);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(entry.bytes.len() as u64);
        archive.append_data(&mut header, &entry.path, entry.bytes.as_slice())?;
    }
    archive.into_inner()?.finish()
}

/// SHA-256 in hexadecimal, as `sha256sum` and Krew write it.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        vec![
            Entry {
                path: "kubectl-lease".to_owned(),
                executable: true,
                bytes: b"a program".to_vec(),
            },
            Entry {
                path: "man/man1/kubectl-lease.1".to_owned(),
                executable: false,
                bytes: b"a page".to_vec(),
            },
            Entry {
                path: "LICENSE".to_owned(),
                executable: false,
                bytes: b"a licence".to_vec(),
            },
        ]
    }

    #[test]
    fn the_order_of_entries_leaves_no_trace() {
        let mut backwards = entries();
        backwards.reverse();
        let level = Compression::best();
        assert_eq!(
            pack(entries(), level).expect("memory is writable"),
            pack(backwards, level).expect("memory is writable")
        );
    }

    #[test]
    fn nothing_of_this_machine_is_inside() {
        let packed = pack(entries(), Compression::best()).expect("memory is writable");
        // RFC 1952: flags, time and system of the gzip header.
        assert_eq!(packed[3], 0, "no file name, no comment");
        assert_eq!(&packed[4..8], [0; 4], "no time");
        assert_eq!(packed[9], UNKNOWN_SYSTEM);

        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
        let found: Vec<_> = archive
            .entries()
            .expect("it is an archive")
            .map(|entry| {
                let entry = entry.expect("it is whole");
                let header = entry.header();
                assert_eq!(header.mtime().expect("a number"), CHANGED);
                assert_eq!(header.uid().expect("a number"), 0);
                assert_eq!(header.gid().expect("a number"), 0);
                assert_eq!(header.username(), Ok(Some("")));
                let path = entry.path().expect("UTF-8").display().to_string();
                (path, header.mode().expect("a number"))
            })
            .collect();
        let expected = [
            ("LICENSE", 0o644),
            ("kubectl-lease", 0o755),
            ("man/man1/kubectl-lease.1", 0o644),
        ];
        assert_eq!(found, expected.map(|(path, mode)| (path.to_owned(), mode)));
    }

    #[test]
    fn digests_are_those_of_sha256sum() {
        assert_eq!(
            digest(b"hello world"),
            "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
        );
    }
}
