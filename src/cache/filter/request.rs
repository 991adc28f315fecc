//! What a step may ask. Everything else is refused before the daemon sees a byte of it.

use std::io;
use std::path::Path;

use crate::cache::wire::{Frame, Line, question};

/// The most bytes of an entry. One that is being stored is held in the daemon's memory.
pub(in crate::cache) const ENTRY: u64 = 256 << 20;
/// The most bytes of a report.
const REPORT: u32 = 64 << 10;
/// A key's length: a hash of 32 bytes, in hexadecimal digits.
const KEY: usize = 64;

/// The name of an entry. sccache makes a path of what it is given, and would follow `/` and `..` in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key([u8; KEY]);

impl Key {
    fn new(bytes: [u8; KEY]) -> Option<Self> {
        let digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        bytes.iter().all(digit).then_some(Self(bytes))
    }

    fn read(line: &mut Line) -> io::Result<Option<Self>> {
        let mut bytes = [0; 8 + KEY];
        line.read(&mut bytes)?;
        let (length, key) = bytes.split_at(8);
        let key = key.try_into().ok().filter(|_| length == (KEY as u64).to_le_bytes());
        Ok(key.and_then(Self::new))
    }

    /// How many bytes the entry has in the daemon's directory on this machine's disk; none where it is not
    /// there, and a remote storage may have it.
    pub(super) fn size(self, directory: &Path) -> Option<u64> {
        let name = std::str::from_utf8(&self.0).ok()?;
        let file = directory.join(&name[..1]).join(&name[1..2]).join(name);
        Some(file.symlink_metadata().ok()?.len())
    }

    fn into_frame(self, choice: u32) -> Frame {
        Frame::new(choice).u64(KEY as u64).raw(&self.0)
    }
}

/// A question that is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// What kind of cache is this?
    Handshake,
    /// In which file is an entry? In none that a step can see.
    Path,
    /// An entry.
    Get(Key),
    /// Keep this many bytes, which follow.
    Put(Key, u64),
    /// Count what a report of this many bytes says.
    Record(usize),
}

impl Request {
    /// Reads one, with the `length` of its frame; for what is no step's question, its choice.
    pub(super) fn read(line: &mut Line, length: u32) -> io::Result<Result<Self, u32>> {
        const KEYED: u32 = 4 + 8 + KEY as u32;
        let choice = line.number()?;
        let request = match (choice, length) {
            (question::HANDSHAKE, 4) => Some(Self::Handshake),
            (question::PATH, KEYED) => Key::read(line)?.map(|_| Self::Path),
            (question::GET, KEYED) => Key::read(line)?.map(Self::Get),
            (question::PUT, _) if length >= KEYED + 8 => {
                let key = Key::read(line)?;
                let mut count = [0; 8];
                line.read(&mut count)?;
                let count = u64::from_le_bytes(count);
                let whole = count == u64::from(length - KEYED - 8) && count <= ENTRY;
                key.filter(|_| whole).map(|key| Self::Put(key, count))
            }
            (question::RECORD, 5..=REPORT) => Some(Self::Record(length as usize - 4)),
            _ => None,
        };
        Ok(request.ok_or(choice))
    }

    /// What the daemon is asked, and how many bytes of the client's own follow.
    pub(super) fn question(self) -> Option<(Vec<u8>, u64)> {
        match self {
            Self::Handshake => Some((Frame::new(question::HANDSHAKE).bytes(), 0)),
            Self::Get(key) => Some((key.into_frame(question::GET).bytes(), 0)),
            Self::Put(key, count) => {
                Some((key.into_frame(question::PUT).u64(count).with(count), count))
            }
            Self::Path | Self::Record(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::{ENTRY, Frame, Line, Request, question};

    /// What is made of a frame; none where it is refused.
    fn read(frame: &[u8]) -> Option<Request> {
        let (mut here, there) = UnixStream::pair().expect("a pair of sockets");
        here.write_all(frame).expect("room in a socket");
        drop(here);
        let moment = Duration::from_secs(1);
        let mut line = Line::new(there, moment, moment).expect("a socket");
        let length = line.length().ok()?;
        Request::read(&mut line, length).ok()?.ok()
    }

    fn keyed(choice: u32, key: &str) -> Vec<u8> {
        Frame::new(choice).text(key).bytes()
    }

    #[test]
    fn what_steps_ask_is_let_through() {
        let key = "0123456789abcdef".repeat(4);
        assert_eq!(read(&Frame::new(question::HANDSHAKE).bytes()), Some(Request::Handshake));
        assert!(matches!(read(&keyed(question::GET, &key)), Some(Request::Get(_))));
        assert!(matches!(read(&keyed(question::PATH, &key)), Some(Request::Path)));
        let put = Frame::new(question::PUT).text(&key).text("entry").bytes();
        assert!(matches!(read(&put), Some(Request::Put(_, 5))));
        let (question, more) = read(&put).and_then(Request::question).expect("a question");
        assert_eq!((question.as_slice(), more), (&put[..put.len() - 5], 5));
    }

    #[test]
    fn every_other_number_is_refused() {
        for choice in (0..5).chain([9, 10]).chain(12..64).chain([u32::MAX]) {
            assert_eq!(read(&Frame::new(choice).bytes()), None, "{choice}");
            assert_eq!(read(&keyed(choice, &"a".repeat(64))), None, "{choice} with a key");
        }
    }

    #[test]
    fn a_key_is_no_path() {
        for key in [
            "",
            "a",
            "/etc/passwd",
            &"A".repeat(64),
            &"g".repeat(64),
            &format!("/{}", "a".repeat(63)),
            &format!("../{}", "a".repeat(61)),
            &"a".repeat(63),
            &"a".repeat(65),
            &format!("{}\0", "a".repeat(63)),
            &"é".repeat(32),
        ] {
            assert_eq!(read(&keyed(question::GET, key)), None, "{key:?}");
            let put = Frame::new(question::PUT).text(key).text("entry").bytes();
            assert_eq!(read(&put), None, "{key:?}");
        }
    }

    #[test]
    fn lengths_that_disagree_are_refused() {
        let key = "a".repeat(64);
        let put =
            |count: u64, more: u64| Frame::new(question::PUT).text(&key).u64(count).with(more);
        assert_eq!(read(&put(5, 4)), None);
        assert_eq!(read(&put(u64::MAX, 4)), None);
        assert_eq!(read(&put(ENTRY + 1, ENTRY + 1)), None);
        assert!(read(&put(ENTRY, ENTRY)).is_some());
        assert_eq!(read(&Frame::new(question::HANDSHAKE).with(u64::from(u32::MAX))), None);
        assert_eq!(read(&Frame::new(question::RECORD).with(1 << 20)), None);
        assert_eq!(read(&[0, 0, 0, 3, 5, 0, 0]), None);
        assert_eq!(read(&[0, 0]), None);
    }
}
