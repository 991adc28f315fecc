//! One client: its questions, one after the other, to the daemon and back.

use std::io;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::guests::{Guest, Guests, Room};
use super::request::{ENTRY, Request};
use crate::cache::figures::Figures;
use crate::cache::handshake::Handshake;
use crate::cache::wire::{Cursor, Frame, Line, answer};

/// How long a new client may say nothing.
const GREETING: Duration = Duration::from_secs(5);
/// How long it may be silent later: in between a step compiles.
const SILENCE: Duration = Duration::from_secs(60 * 60);
/// How long one that is in the middle of a question, or of an answer, may do nothing.
const MOMENT: Duration = Duration::from_secs(5);
/// How long a question with its answer may take in all.
const TURN: Duration = Duration::from_secs(60);
/// How long the daemon may take for a word: a remote storage is asked meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);
/// For how many bytes there must be room where nobody knows how many an entry has: most have fewer.
const UNKNOWN: u64 = 16 << 20;
/// What an answer has besides its entry, and more.
const FRAME: u64 = 64;
/// How much is handed on at once.
const PIECE: usize = 128 << 10;

/// Whom clients talk to, and what they may.
pub(super) struct Relay<'r> {
    pub(super) server: &'r camino::Utf8Path,
    /// Where the daemon keeps entries on this machine's disk.
    pub(super) directory: &'r std::path::Path,
    pub(super) writes: bool,
    pub(super) guests: &'r Guests,
}

impl Relay<'_> {
    /// Serves a client to its end. A question that no step has is the end, too: its choice is returned.
    pub(super) fn serve(&self, stream: UnixStream, guest: &Guest) -> io::Result<Option<u32>> {
        let mut buffer = Vec::new();
        let mut wait = GREETING;
        loop {
            // Its first byte may come late; the others follow at once.
            let mut idle = Line::new(stream.try_clone()?, wait, wait + MOMENT)?;
            let length = match idle.length() {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                Err(error) => return Err(error),
            };
            guest.speaks();
            let mut client = Line::new(stream.try_clone()?, MOMENT, TURN)?;
            match Request::read(&mut client, length)? {
                Err(choice) => return Ok(Some(choice)),
                Ok(request) => self.answer(request, guest, &mut client, &mut buffer)?,
            }
            guest.speaks();
            wait = SILENCE;
        }
    }

    fn answer(
        &self,
        request: Request,
        guest: &Guest,
        client: &mut Line,
        buffer: &mut Vec<u8>,
    ) -> io::Result<()> {
        match request {
            // "Not supported": then it asks for the bytes.
            Request::Path => client.write(&Frame::new(answer::PATH).u32(2).bytes()),
            Request::Record(length) => self.record(length, client),
            Request::Put(..) if !self.writes => {
                client.write(&refused("builds may only read this cache"))?;
                Err(io::ErrorKind::PermissionDenied.into())
            }
            Request::Put(_, count) => {
                let Some(_room) = self.guests.room(guest, count) else {
                    client.write(&refused("too much is being stored"))?;
                    return Err(io::ErrorKind::OutOfMemory.into());
                };
                self.ask(request, client, buffer)
            }
            Request::Get(key) => {
                let expected = key.size(self.directory).map_or(UNKNOWN, |size| size + FRAME);
                match self.guests.room(guest, expected) {
                    Some(room) => self.get(request, room, client, buffer),
                    None => client.write(&nothing()),
                }
            }
            Request::Handshake => self.ask(request, client, buffer),
        }
    }

    fn server(&self) -> io::Result<Line> {
        Line::new(UnixStream::connect(self.server)?, PATIENCE, TURN)
    }

    fn ask(&self, request: Request, client: &mut Line, buffer: &mut Vec<u8>) -> io::Result<()> {
        let Some((question, more)) = request.question() else { return Ok(()) };
        let mut server = self.server()?;
        server.write(&question)?;
        buffer.resize(PIECE, 0);
        client.hand_on(&mut server, more, buffer)?;
        let frame = server.frame(PIECE)?;
        let mut words = Cursor(&frame);
        let choice = words.u32();
        let reply = match request {
            Request::Handshake if choice == Some(answer::HANDSHAKE) => {
                Handshake::read(&mut words).map(|found| found.for_builds(self.writes).bytes())
            }
            // It went well, or the daemon's own words, which are not for builds.
            Request::Put(..) if choice == Some(answer::PUT) => match words.u32() {
                Some(0) => Some(Frame::new(answer::PUT).u32(0).bytes()),
                _ => Some(refused("the storage refused")),
            },
            _ => None,
        };
        client.write(&reply.ok_or(io::ErrorKind::InvalidData)?)
    }

    /// Hands out an entry. The daemon holds it in memory until it is taken, so there must be `room` for it.
    fn get(
        &self,
        request: Request,
        mut room: Room<'_>,
        client: &mut Line,
        buffer: &mut Vec<u8>,
    ) -> io::Result<()> {
        let Some((question, _)) = request.question() else { return Ok(()) };
        let mut server = self.server()?;
        server.write(&question)?;
        let length = u64::from(server.length()?);
        let choice = server.number()?;
        if choice != answer::GET || length > ENTRY + 13 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        // A remote storage had more than was thought: the daemon drops it.
        if !room.holds(length) {
            return client.write(&nothing());
        }
        buffer.resize(PIECE, 0);
        client.write(&Frame::new(choice).with(length - 4))?;
        server.hand_on(client, length - 4, buffer)
    }

    /// A report is made anew from what is understood of it, and is answered in any case.
    fn record(&self, length: usize, client: &mut Line) -> io::Result<()> {
        let mut bytes = vec![0; length];
        client.read(&mut bytes)?;
        if let Some(figures) = Figures::read(&mut Cursor(&bytes)) {
            let mut server = self.server()?;
            server.write(&figures.report(|reason| self.guests.knows(reason)).bytes())?;
            server.frame(PIECE)?;
        }
        client.write(&Frame::new(answer::RECORD).bytes())
    }
}

/// The cache has no such entry.
fn nothing() -> Vec<u8> {
    Frame::new(answer::GET).raw(&[0]).bytes()
}

fn refused(why: &str) -> Vec<u8> {
    Frame::new(answer::PUT).u32(1).text(why).bytes()
}
