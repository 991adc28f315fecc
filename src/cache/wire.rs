//! sccache's words: a length of four bytes, the highest first, then what bincode writes. Numbers are little
//! endian, a choice is four bytes, a length eight, and every text stands behind its length.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// The longest answer that is held whole: figures, the handshake.
const ANSWER: usize = 1 << 20;

/// What a client may ask, by the number that sccache gives it. The others make the daemon compile, stop,
/// or forget, and stand here so that it is seen what is left out: 0 to 4, 9, 10.
pub(super) mod question {
    pub(in crate::cache) const STATS: u32 = 1;
    pub(in crate::cache) const STOP: u32 = 3;
    pub(in crate::cache) const HANDSHAKE: u32 = 5;
    pub(in crate::cache) const PATH: u32 = 6;
    pub(in crate::cache) const GET: u32 = 7;
    pub(in crate::cache) const PUT: u32 = 8;
    pub(in crate::cache) const GET_PREPROCESSED: u32 = 9;
    pub(in crate::cache) const PUT_PREPROCESSED: u32 = 10;
    pub(in crate::cache) const RECORD: u32 = 11;
}

/// What the daemon answers.
pub(super) mod answer {
    pub(in crate::cache) const STATS: u32 = 2;
    pub(in crate::cache) const STOPPING: u32 = 4;
    pub(in crate::cache) const HANDSHAKE: u32 = 6;
    pub(in crate::cache) const PATH: u32 = 7;
    pub(in crate::cache) const GET: u32 = 8;
    pub(in crate::cache) const PUT: u32 = 9;
    pub(in crate::cache) const GET_PREPROCESSED: u32 = 10;
    pub(in crate::cache) const PUT_PREPROCESSED: u32 = 11;
    pub(in crate::cache) const RECORD: u32 = 12;
}

/// Reads what bincode wrote; never more than is there, and nothing is reserved for what is only announced.
pub(super) struct Cursor<'b>(pub(super) &'b [u8]);

impl<'b> Cursor<'b> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    pub(super) fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.u64()?).ok()?;
        self.take(length)
    }

    pub(super) fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// Each pair of a table of numbers.
    pub(super) fn table(&mut self, mut pair: impl FnMut(&'b str, u64)) -> Option<()> {
        for _ in 0..self.u64()? {
            let name = self.text()?;
            pair(name, self.u64()?);
        }
        Some(())
    }
}

/// A frame in the making.
pub(super) struct Frame(Vec<u8>);

impl Frame {
    pub(super) fn new(choice: u32) -> Self {
        let mut bytes = vec![0; 4];
        bytes.extend(choice.to_le_bytes());
        Self(bytes)
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub(super) fn u32(self, number: u32) -> Self {
        self.raw(&number.to_le_bytes())
    }

    pub(super) fn u64(self, number: u64) -> Self {
        self.raw(&number.to_le_bytes())
    }

    pub(super) fn text(self, text: &str) -> Self {
        self.u64(text.len() as u64).raw(text.as_bytes())
    }

    /// The bytes to send; `more` follow that are not held here.
    pub(super) fn with(mut self, more: u64) -> Vec<u8> {
        let length = (self.0.len() as u64 - 4).saturating_add(more);
        self.0[..4].copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        self.0
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.with(0)
    }
}

/// One end of a socket, with an end to each wait: `moment` without a byte, or `end` in all.
pub(super) struct Line {
    stream: UnixStream,
    end: Instant,
}

impl Line {
    pub(super) fn new(stream: UnixStream, moment: Duration, whole: Duration) -> io::Result<Self> {
        stream.set_read_timeout(Some(moment))?;
        stream.set_write_timeout(Some(moment))?;
        Ok(Self { stream, end: Instant::now() + whole })
    }

    fn in_time(&self) -> io::Result<()> {
        let late = Instant::now() >= self.end;
        if late { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    pub(super) fn read(&mut self, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.stream.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => buffer = &mut buffer[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            self.in_time()?;
        }
        Ok(())
    }

    pub(super) fn write(&mut self, mut buffer: &[u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.stream.write(buffer) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => buffer = &buffer[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            self.in_time()?;
        }
        Ok(())
    }

    /// The length of the next frame, which is at least a choice.
    pub(super) fn length(&mut self) -> io::Result<u32> {
        let mut head = [0; 4];
        self.read(&mut head)?;
        match u32::from_be_bytes(head) {
            0..4 => Err(io::ErrorKind::InvalidData.into()),
            length => Ok(length),
        }
    }

    pub(super) fn number(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.read(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// A whole frame, without its length.
    pub(super) fn frame(&mut self, limit: usize) -> io::Result<Vec<u8>> {
        let length = self.length()? as usize;
        if length > limit {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    /// Hands on the next `count` bytes through `buffer`.
    pub(super) fn hand_on(
        &mut self,
        to: &mut Self,
        mut count: u64,
        buffer: &mut [u8],
    ) -> io::Result<()> {
        while count > 0 {
            let most = usize::try_from(count).map_or(buffer.len(), |n| n.min(buffer.len()));
            let got = match self.stream.read(&mut buffer[..most]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            to.write(&buffer[..got])?;
            count -= got as u64;
            self.in_time()?;
        }
        Ok(())
    }
}

/// Asks what listens on `socket` and reads its whole answer: the choice, and what follows.
pub(super) fn ask(
    socket: &camino::Utf8Path,
    question: Frame,
    limit: Duration,
) -> io::Result<(u32, Vec<u8>)> {
    let mut line = Line::new(UnixStream::connect(socket)?, limit, limit)?;
    line.write(&question.bytes())?;
    let answer = line.frame(ANSWER)?;
    let mut cursor = Cursor(&answer);
    let choice = cursor.u32().ok_or(io::ErrorKind::InvalidData)?;
    Ok((choice, cursor.0.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Frame};

    #[test]
    fn what_is_announced_is_not_reserved() {
        let bytes = u64::MAX.to_le_bytes();
        assert_eq!(Cursor(&bytes).bytes(), None);
        assert_eq!(Cursor(&bytes).text(), None);
        assert_eq!(Cursor(&bytes).table(|_, _| {}), None);
        assert_eq!(Cursor(&bytes[..7]).u64(), None);
    }

    #[test]
    fn a_frame_says_its_length() {
        assert_eq!(Frame::new(5).bytes(), [0, 0, 0, 4, 5, 0, 0, 0]);
        let frame = Frame::new(7).text("ab").with(3);
        assert_eq!(frame[..8], [0, 0, 0, 17, 7, 0, 0, 0]);
        assert_eq!(Cursor(&frame[8..]).text(), Some("ab"));
    }
}
