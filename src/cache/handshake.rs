//! What a cache says of itself.

use super::wire::{Cursor, Frame, answer};

/// What our filter calls the cache: no build learns where it is, and `rbn-plan` sees that it does not talk to a
/// bare sccache.
pub(super) const OURS: &str = "rbn-plan's filter";

/// The answer to a handshake, as far as it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handshake {
    pub(super) location: String,
    pub(super) writes: bool,
    base_directories: Vec<Vec<u8>>,
    preprocessor: [u8; 6],
}

impl Handshake {
    /// Reads one, behind its choice.
    pub(super) fn read(words: &mut Cursor) -> Option<Self> {
        let location = words.text()?.to_owned();
        words.bytes()?;
        let mut base_directories = Vec::new();
        for _ in 0..words.u64()? {
            base_directories.push(words.bytes()?.to_vec());
        }
        let preprocessor = words.take(6)?.try_into().ok()?;
        let writes = match words.u32()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        Some(Self { location, writes, base_directories, preprocessor })
    }

    /// The same for builds, which may write if the daemon and `writes` say so.
    pub(super) fn for_builds(&self, writes: bool) -> Frame {
        let mut frame = Frame::new(answer::HANDSHAKE).text(OURS).text("ipc");
        frame = frame.u64(self.base_directories.len() as u64);
        for directory in &self.base_directories {
            frame = frame.u64(directory.len() as u64).raw(directory);
        }
        // The last byte: no size is said.
        frame.raw(&self.preprocessor).u32(u32::from(self.writes && writes)).raw(&[0])
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Handshake, OURS};

    #[test]
    fn builds_write_where_both_allow_it() {
        for (daemon, filter) in [(true, true), (true, false), (false, true), (false, false)] {
            let own = Handshake {
                location: "/var/cache".to_owned(),
                writes: daemon,
                base_directories: vec![b"/a".to_vec()],
                preprocessor: [0, 1, 0, 1, 0, 1],
            };
            let bytes = own.for_builds(filter).bytes();
            let read = Handshake::read(&mut Cursor(&bytes[8..])).expect("a handshake");
            let location = OURS.to_owned();
            assert_eq!(read, Handshake { location, writes: daemon && filter, ..own });
        }
        assert_eq!(Handshake::read(&mut Cursor(&[255; 40])), None);
    }
}
