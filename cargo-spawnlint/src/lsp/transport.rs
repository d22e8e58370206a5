//! Messages as bytes: a header with the length, and JSON. What is no message is told, and the next one is looked for.

use crossbeam_channel::{Receiver, bounded};
use lsp_server::{ErrorCode, Message};
use serde_json::{Value, json};
use std::{
    io::{self, BufRead, Read as _, Write},
    thread,
};

/// Longer messages are none: the length is wrong.
const LONGEST: usize = 256 << 20;
/// Longer lines of a header are none.
const LONGEST_LINE: u64 = 64 << 10;

/// What comes from the client.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Message),
    /// No message, with what the protocol answers to that.
    Malformed(Malformed),
}

/// What is wrong with what should have been a message.
#[derive(Debug)]
pub(super) struct Malformed {
    pub(super) code: ErrorCode,
    pub(super) id: Value,
    pub(super) why: String,
}

/// What goes to the client.
#[derive(Debug)]
pub(super) enum Outgoing {
    Message(Message),
    /// An answer to something that was no message.
    Error(Malformed),
}

/// Starts the thread that reads standard input. The channel closes at its end.
pub(super) fn reader() -> io::Result<Receiver<Incoming>> {
    let (sender, receiver) = bounded(64);
    thread::Builder::new().name("reader".to_owned()).spawn(move || {
        let mut stdin = io::stdin().lock();
        while let Ok(Some(incoming)) = read(&mut stdin) {
            if sender.send(incoming).is_err() {
                break;
            }
        }
    })?;
    Ok(receiver)
}

/// Writes what comes from the channel until that closes.
pub(super) fn write_all(messages: &Receiver<Outgoing>, mut out: &mut dyn Write) -> io::Result<()> {
    for message in messages {
        match message {
            Outgoing::Message(message) => message.write(&mut out)?,
            Outgoing::Error(Malformed { code, id, why }) => {
                let error = json!({ "code": code as i32, "message": why });
                let text = json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string();
                write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
            }
        }
        out.flush()?;
    }
    Ok(())
}

/// The next message, or what stands in its place; `None` at the end.
fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let header = line.trim();
        if header.is_empty() {
            match length {
                Some(length) => break body(input, length),
                None => continue,
            }
        }
        match content_length(header) {
            Some(Ok(it)) if it <= LONGEST => length = Some(it),
            Some(Ok(it)) => return Ok(Some(malformed(format!("a message of {it} bytes; at most {LONGEST}")))),
            Some(Err(())) => return Ok(Some(malformed(format!("not a length: `{header}`")))),
            None if header.to_ascii_lowercase().starts_with("content-type:") => {}
            None if length.is_none() => {
                let start = &header[..header.floor_char_boundary(80)];
                // What follows may be anything up to the next header.
                return Ok(Some(malformed(format!("expected a header, found `{start}`"))));
            }
            None => {}
        }
    }
}

/// The length in a line. Where one message was longer than it said, its rest stands before the header of the next.
fn content_length(line: &str) -> Option<Result<usize, ()>> {
    const NAME: &str = "content-length:";
    let at = line.to_ascii_lowercase().rfind(NAME)?;
    Some(line[at + NAME.len()..].trim().parse().map_err(|_| ()))
}

fn body(input: &mut impl BufRead, length: usize) -> io::Result<Option<Incoming>> {
    let mut bytes = Vec::new();
    if input.by_ref().take(length as u64).read_to_end(&mut bytes)? < length {
        return Ok(None);
    }
    let value: Value = match serde_json::from_slice(&bytes) {
        Ok(value) => value,
        Err(error) => return Ok(Some(malformed(format!("not JSON: {error}")))),
    };
    let id = value.get("id").cloned().unwrap_or_default();
    Ok(Some(match serde_json::from_value(value) {
        Ok(message) => Incoming::Message(message),
        Err(_) => Incoming::Malformed(Malformed {
            code: ErrorCode::InvalidRequest,
            id: if id.is_string() || id.is_number() { id } else { Value::Null },
            why: "neither a request, a response nor a notification".to_owned(),
        }),
    }))
}

fn malformed(why: String) -> Incoming {
    Incoming::Malformed(Malformed { code: ErrorCode::ParseError, id: Value::Null, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read, in words.
    fn all(mut input: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while let Some(incoming) = read(&mut input).unwrap() {
            found.push(match incoming {
                Incoming::Message(Message::Notification(it)) => it.method,
                Incoming::Message(it) => format!("{it:?}"),
                Incoming::Malformed(it) => format!("{}: {}", it.code as i32, it.why),
            });
        }
        found
    }

    fn frame(text: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    }

    #[test]
    fn what_is_no_message_is_told_and_the_next_one_found() {
        let good = frame(r#"{"jsonrpc":"2.0","method":"m"}"#);
        assert_eq!(all(good.as_bytes()), ["m"]);
        assert_eq!(all(good.replace("Content-Length", "content-LENGTH").as_bytes()), ["m"]);
        let typed = good.replacen("\r\n", "\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n", 1);
        assert_eq!(all(typed.as_bytes()), ["m"]);
        let broken = [frame("{"), good.clone(), frame("[]"), good.clone()].concat();
        let found = all(broken.as_bytes());
        assert!(found[0].starts_with("-32700: not JSON"), "{found:?}");
        assert_eq!(found[1..], ["m", "-32600: neither a request, a response nor a notification", "m"]);
    }

    #[test]
    fn lengths_may_lie() {
        let good = frame(r#"{"jsonrpc":"2.0","method":"m"}"#);
        let short = good.replace("30", "25");
        let found = all([short, good.clone()].concat().as_bytes());
        assert_eq!(found.last().map(String::as_str), Some("m"), "{found:?}");
        let long = good.replace("30", "33");
        let found = all([long, good.clone(), good.clone()].concat().as_bytes());
        assert_eq!(found.last().map(String::as_str), Some("m"), "{found:?}");
        let huge = good.replace("30", "99999999999");
        let found = all([huge, good.clone()].concat().as_bytes());
        assert_eq!(found.last().map(String::as_str), Some("m"), "{found:?}");
        assert_eq!(all(b"Content-Length: 30\r\n\r\n{"), Vec::<String>::new());
        assert!(all(b"Content-Length: x\r\n\r\n")[0].starts_with("-32700: not a length"));
    }
}
